"""OpenAI organization costs and usage: API pages and dashboard CSVs."""
