"""The data quality page."""
