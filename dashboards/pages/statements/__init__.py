"""The statements page."""
