"""Jinja templates of the pages; a package only so that an installed copy carries them."""
