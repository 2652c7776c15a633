"""The commitments page."""
