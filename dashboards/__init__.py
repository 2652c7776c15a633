"""Static pages over the published `reports` schema: rows to figures and pages, no arithmetic."""

from dashboards.reports import ReportsUnavailableError
from dashboards.site import render_site
from dashboards.swap import NotASiteError

__all__ = ["NotASiteError", "ReportsUnavailableError", "render_site"]
