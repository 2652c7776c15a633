"""Bill and usage readers: one module per provider or standard, each exporting `FORMAT`."""
