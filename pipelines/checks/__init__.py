"""Checks on a built warehouse: each with its figure and its cure."""
