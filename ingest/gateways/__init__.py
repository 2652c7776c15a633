"""Gateway logs: one file per source, each a reader of one shape."""
