"""A run: its steps from landing to pages, its operations tables, and what stops it."""
