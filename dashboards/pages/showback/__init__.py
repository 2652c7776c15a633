"""The showback page."""
