"""The page about guardrails."""
