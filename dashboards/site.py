"""Write the static site: pages, style sheet, and one local copy of plotly.js for all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboards.kit.glossary import GLOSSARY
from dashboards.kit.rendering import render_template, write_assets
from dashboards.kit.reports import open_reports
from dashboards.kit.swap import replacing
from dashboards.pages.commitments.page import commitments_page
from dashboards.pages.cost_bridge.page import cost_bridge_page
from dashboards.pages.experiments.page import experiments_page
from dashboards.pages.forecast.page import forecast_page
from dashboards.pages.guardrails.page import guardrails_page
from dashboards.pages.loops.page import loops_page
from dashboards.pages.operations.page import operations_page
from dashboards.pages.overview.page import overview_page
from dashboards.pages.savings.page import savings_page
from dashboards.pages.showback.page import showback_page
from dashboards.pages.tie_out.page import tie_out_page

PAGES = {
    "index.html": ("Overview", "overview/page.html.j2", overview_page),
    "why.html": ("Why it moved", "cost_bridge/page.html.j2", cost_bridge_page),
    "guardrails.html": ("Guardrails", "guardrails/page.html.j2", guardrails_page),
    "forecast.html": ("Forecast", "forecast/page.html.j2", forecast_page),
    "showback.html": ("Showback", "showback/page.html.j2", showback_page),
    "tie-out.html": ("Tie-out", "tie_out/page.html.j2", tie_out_page),
    "loops.html": ("Loops", "loops/page.html.j2", loops_page),
    "operations.html": ("Operations", "operations/page.html.j2", operations_page),
    "savings.html": ("Savings", "savings/page.html.j2", savings_page),
    "experiments.html": ("Experiments", "experiments/page.html.j2", experiments_page),
    "commitments.html": ("Commitments", "commitments/page.html.j2", commitments_page),
}
"""File name, title, template and data of each page, in the order of the navigation."""


def render_site(
    database: Path,
    site: Path,
    *,
    company: str,
    generated_for: str,
    flush: Callable[[Path], None] = lambda _: None,
) -> list[Path]:
    """Write the pages of a published warehouse and put them in the place of the old ones.

    The same warehouse gives the same bytes: nothing on a page depends on the clock.

    Args:
        database: the published DuckDB file; only its `reports` schema and `ops` are read.
        site: folder to write; replaced as a whole once every page is written.
        company: name in the page header.
        flush: has a folder with all that is in it on the disk, so that no power cut empties a page
            that has taken an old one's place.
        generated_for: what the pages were made for, in words, for example the run's day.

    Returns:
        The pages and assets written, below `site`.

    Raises:
        ReportsUnavailableError: the file is missing, not DuckDB, or lacks a report.
        NotASiteError: `site` holds files that Outlay did not write.
    """
    common = {"company": company, "generated_for": generated_for, "glossary": GLOSSARY}
    with open_reports(database) as reports, replacing(site, flush) as folder:
        for name, (title, template, collect) in PAGES.items():
            context = {**common, **collect(reports), "title": title, "page": name}
            context["navigation"] = [(file, words) for file, (words, _, _) in PAGES.items()]
            (folder / name).write_text(render_template(template, context), encoding="utf-8")
        write_assets(folder / "static")
        written = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [site / path for path in written]
