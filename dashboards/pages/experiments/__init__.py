"""The page about experiments."""
