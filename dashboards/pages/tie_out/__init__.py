"""The tie-out page."""
