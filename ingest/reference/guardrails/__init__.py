"""What guardrails compare with, and who acts: limits, planned events, experiments, owners."""
