"""The page about loops."""
