"""Bills of the demo in FOCUS 1.2: a vector database's, and that of who hosts the own model."""
