"""Kit of every page: report access, formatting, tables, theme, glossary, templates, style."""
