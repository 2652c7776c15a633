"""What agents are told: metrics, definitions and answers from the published file, and nothing else."""
