"""Metrics, definitions and answers for agents, from the published file and nothing else."""
