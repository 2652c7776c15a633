"""Anthropic: cost and usage reports, console CSVs, Claude Code and Claude Enterprise."""
