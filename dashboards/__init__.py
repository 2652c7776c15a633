"""Static pages over the published `reports` schema: rows to figures and pages, no arithmetic."""
