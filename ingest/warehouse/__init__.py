"""Schema `raw` of the warehouse: the lake and reference data, and what a build must recompute."""
