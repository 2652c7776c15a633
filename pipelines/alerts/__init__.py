"""Alerts: what somebody must look at, told once to whoever acts on it."""
