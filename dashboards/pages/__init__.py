"""Pages of the site: one folder each, its data and its template."""
