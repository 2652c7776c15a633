"""Dagster: assets, jobs, schedules and the in-process runner."""
