"""Write the static site: pages, style sheet, and one local copy of plotly.js for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from plotly.offline import get_plotlyjs

from dashboards import formatting
from dashboards.glossary import GLOSSARY
from dashboards.overview import overview_page
from dashboards.reports import open_reports
from dashboards.showback import showback_page
from dashboards.swap import replacing
from dashboards.tie_out import tie_out_page

ROOM = Path(__file__).parent
ASSETS = ("site.css", "charts.js")
PLOTLY = "plotly.min.js"
PAGES = {
    "index.html": ("Overview", "overview.html.j2", overview_page),
    "showback.html": ("Showback", "showback.html.j2", showback_page),
    "tie-out.html": ("Tie-out", "tie_out.html.j2", tie_out_page),
}
"""File name, title, template and data of each page, in the order of the navigation."""


def render_site(database: Path, site: Path, *, company: str, generated_for: str) -> list[Path]:
    """Write the pages of a published warehouse and put them in the place of the old ones.

    The same warehouse gives the same bytes: nothing on a page depends on the clock.

    Args:
        database: the published DuckDB file; only its `reports` schema and `ops` are read.
        site: folder to write; replaced as a whole once every page is written.
        company: name in the page header.
        generated_for: what the pages were made for, in words, for example the run's day.

    Returns:
        The pages and assets written, below `site`.

    Raises:
        ReportsUnavailableError: the file is missing, not DuckDB, or lacks a report.
        NotASiteError: `site` holds files that Outlay did not write.
    """
    common = {"company": company, "generated_for": generated_for, "glossary": GLOSSARY}
    with open_reports(database) as reports, replacing(site) as folder:
        for name, (title, template, collect) in PAGES.items():
            context = {**common, **collect(reports), "title": title, "page": name}
            (folder / name).write_text(_render(template, context), encoding="utf-8")
        _write_assets(folder / "static")
        written = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [site / path for path in written]


def _render(template: str, context: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOM / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = formatting.text
    environment.filters["moment"] = formatting.moment
    environment.filters["day"] = formatting.day
    navigation = [(name, title) for name, (title, _, _) in PAGES.items()]
    return environment.get_template(template).render(navigation=navigation, **context)


def _write_assets(folder: Path) -> None:
    folder.mkdir()
    for name in ASSETS:
        (folder / name).write_bytes((ROOM / "static" / name).read_bytes())
    (folder / PLOTLY).write_text(get_plotlyjs(), encoding="utf-8")
