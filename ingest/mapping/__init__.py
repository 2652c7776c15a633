"""Mappings: the TOML of a source's settings, compiled to SQL over the fields of a record."""
