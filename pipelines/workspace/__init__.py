"""A workspace: its paths, settings, calendar and lock, and `outlay init`."""
