"""Who pays, for what, and in which currency."""
