"""Records of a file, from its bytes to typed columns with file and line."""
