"""A published schema of hand-made rows, a handful for each relation, with hostile names in it."""
