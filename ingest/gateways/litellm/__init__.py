"""LiteLLM: the standard logging payload, and its table of spend logs."""
