"""OpenRouter activity: API pages, generation records and CSV."""
