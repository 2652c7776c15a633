"""Static pages over the published `reports` schema: rows to figures and pages, no arithmetic."""

from dashboards.kit.reports import ReportsUnavailableError
from dashboards.kit.swap import NotASiteError
from dashboards.site import render_site

__all__ = ["NotASiteError", "ReportsUnavailableError", "render_site"]
