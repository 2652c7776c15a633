"""The unit cost page."""
