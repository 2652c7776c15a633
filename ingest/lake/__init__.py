"""The lake on disk: landing, partitions, catalog, and the checks of what arrives."""
