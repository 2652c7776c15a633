"""The page that says why costs moved."""
