"""The page about operations."""
