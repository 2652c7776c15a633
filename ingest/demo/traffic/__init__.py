"""Calls of tasks and what is said of them, before any source format."""
