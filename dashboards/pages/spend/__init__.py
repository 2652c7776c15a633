"""The spend page."""
