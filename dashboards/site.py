"""Write the static site: pages, style sheet, and one local copy of plotly.js for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from dashboards.kit.coverage import coverage
from dashboards.kit.key_names import keys_named
from dashboards.kit.locales import written_as
from dashboards.kit.rendering import render_template, write_assets
from dashboards.kit.reports import Reports, open_reports
from dashboards.kit.swap import replacing
from dashboards.kit.views import View
from dashboards.pages.budgets.page import budgets_page
from dashboards.pages.caches.page import caches_page
from dashboards.pages.commitments.page import commitments_page
from dashboards.pages.cost_bridge.page import cost_bridge_page
from dashboards.pages.data_quality.page import data_quality_page
from dashboards.pages.definitions.page import definitions_page
from dashboards.pages.experiments.page import experiments_page
from dashboards.pages.forecast.page import forecast_page
from dashboards.pages.incidents.page import incidents_page
from dashboards.pages.loops.page import loops_page
from dashboards.pages.operations.page import operations_page
from dashboards.pages.overview.page import overview_page
from dashboards.pages.routing.page import routing_page
from dashboards.pages.savings.page import savings_page
from dashboards.pages.showback.page import showback_page
from dashboards.pages.spend.page import spend_page
from dashboards.pages.statements.page import statements_page
from dashboards.pages.tie_out.page import tie_out_page
from dashboards.pages.unit_cost.page import unit_cost_page


@dataclass(frozen=True)
class Page:
    """A page of the site.

    Attributes:
        title: its heading in the navigation.
        group: heading that neighbouring pages share there.
        template: below `pages/`.
        collect: gives what the template prints.
    """

    title: str
    group: str
    template: str
    collect: Callable[[Reports], dict[str, Any]]


PAGES = {
    "index.html": Page("Overview", "Cost", "overview/page.html.j2", overview_page),
    "spend.html": Page("Spend", "Cost", "spend/page.html.j2", spend_page),
    "unit-cost.html": Page("Unit cost", "Cost", "unit_cost/page.html.j2", unit_cost_page),
    "why.html": Page("Why it moved", "Cost", "cost_bridge/page.html.j2", cost_bridge_page),
    "showback.html": Page("Showback", "Cost", "showback/page.html.j2", showback_page),
    "statements.html": Page("Statements", "Cost", "statements/page.html.j2", statements_page),
    "tie-out.html": Page("Tie-out", "Cost", "tie_out/page.html.j2", tie_out_page),
    "commitments.html": Page("Commitments", "Cost", "commitments/page.html.j2", commitments_page),
    "budgets.html": Page("Budgets", "Control", "budgets/page.html.j2", budgets_page),
    "incidents.html": Page("Incidents", "Control", "incidents/page.html.j2", incidents_page),
    "forecast.html": Page("Forecast", "Control", "forecast/page.html.j2", forecast_page),
    "savings.html": Page("Savings", "Efficiency", "savings/page.html.j2", savings_page),
    "caches.html": Page("Caches", "Efficiency", "caches/page.html.j2", caches_page),
    "routing.html": Page("Routing", "Efficiency", "routing/page.html.j2", routing_page),
    "loops.html": Page("Loops", "Efficiency", "loops/page.html.j2", loops_page),
    "experiments.html": Page(
        "Experiments", "Efficiency", "experiments/page.html.j2", experiments_page
    ),
    "operations.html": Page("Operations", "Efficiency", "operations/page.html.j2", operations_page),
    "data-quality.html": Page(
        "Data quality", "Trust", "data_quality/page.html.j2", data_quality_page
    ),
    "definitions.html": Page("Definitions", "Trust", "definitions/page.html.j2", definitions_page),
}
"""Pages by file name, in the order of the navigation."""


def render_site(
    database: Path,
    site: Path,
    *,
    company: str,
    generated_for: str,
    flush: Callable[[Path], None] = lambda _: None,
    commentary: Mapping[date, str] | None = None,
    locale: str = "en",
) -> list[Path]:
    """Write the pages of a published warehouse and put them in the place of the old ones.

    The same warehouse gives the same bytes: nothing on a page depends on the clock.

    Args:
        database: the published DuckDB file; only its `reports` schema and `ops` are read.
        site: folder to write; replaced as a whole once every page is written.
        company: name in the page header.
        flush: has a folder with all that is in it on the disk, so that no power cut empties a page
            that has taken an old one's place.
        commentary: Markdown that people wrote of a month, by its first day.
        locale: how figures and days are written, a key of `LOCALES`.
        generated_for: what the pages were made for, in words, for example the run's day.

    Returns:
        The pages and assets written, below `site`.

    Raises:
        ReportsUnavailableError: the file is missing, not DuckDB, or lacks a report.
        NotASiteError: `site` holds files that Outlay did not write.
    """
    with (
        written_as(locale),
        open_reports(database, commentary) as reports,
        keys_named(reports),
        replacing(site, flush) as folder,
    ):
        common = {
            "company": company,
            "generated_for": generated_for,
            "navigation": _navigation(),
            "strip": coverage(reports),
        }
        for name, page in PAGES.items():
            context = {**common, **page.collect(reports), "title": page.title, "page": name}
            (folder / name).write_text(render_template(page.template, context), encoding="utf-8")
            _write_data(folder / "data", context.values())
        write_assets(folder / "static")
        written = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [site / path for path in written]


def _navigation() -> list[tuple[str, list[tuple[str, str]]]]:
    """File and title of each page, below the heading of its group."""
    return [
        (group, [(name, page.title) for name, page in pages])
        for group, pages in groupby(PAGES.items(), key=lambda entry: entry[1].group)
    ]


def _write_data(folder: Path, shown: Iterable[object]) -> None:
    """Write the data files of the views among what a page shows."""
    for view in shown:
        if isinstance(view, View):
            for name, script in view.files():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(script, encoding="utf-8")
