"""LiteLLM's real proxy, its mock models and the real `openai` client: recorded, read, compared."""
