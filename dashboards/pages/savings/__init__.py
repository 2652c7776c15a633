"""The page about savings."""
