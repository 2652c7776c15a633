"""Style sheet and script of the pages; a package only so that an installed copy carries them."""
