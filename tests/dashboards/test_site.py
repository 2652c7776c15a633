from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
from plotly.offline import get_plotlyjs_version

import dashboards
from dashboards.kit import rendering
from dashboards.kit.reports import ReportsUnavailableError
from dashboards.site import PAGES, render_site
from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.months import full_months
from tests.dashboards.page_reader import Page, read_page
from tests.dashboards.published import publish

NAMES_ITSELF = "definitions.html"
"""The page that shows no name from the data, and is never empty."""

WITH_NAMES = [name for name in PAGES if name != NAMES_ITSELF]

STATIC = {f"static/{name}" for name in (*rendering.ASSETS, rendering.PLOTLY)}


def render(folder: Path, rows: dict[str, list[dict[str, object]]]) -> Path:
    database = publish(folder / "showback.duckdb", rows)
    render_site(database, folder / "site", company="Company", generated_for="day")
    return folder / "site"


def test_the_written_files_are_named_and_plotly_is_bundled_once(tmp_path: Path) -> None:
    database = publish(tmp_path / "showback.duckdb", HANDFUL)
    written = render_site(database, tmp_path / "site", company="c", generated_for="g")
    names = {path.relative_to(tmp_path / "site").as_posix() for path in written}
    assert {name for name in names if not name.startswith("data/")} == {*PAGES, *STATIC}
    assert {name.split("/")[1] for name in names if name.startswith("data/")} == {
        "showback",
        "spend",
        "statements",
        "unit-cost",
    }
    assert all(path.is_file() for path in written)
    assert all((tmp_path / "site" / page).stat().st_size < 100_000 for page in WITH_NAMES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_refers_only_to_files_of_its_own_site(handful_site: Path, name: str) -> None:
    page = read_page(handful_site / name)
    for tag, target in page.references:
        if tag == "link" and target == "data:,":
            continue  # an empty icon, so that a browser does not ask for one
        assert not re.match(r"(?i)[a-z]+:|//", target), f"{tag} refers to {target}"
        file, _, _anchor = target.partition("#")
        assert not file or (handful_site / file).is_file(), f"{tag} refers to {target}"


def test_the_style_sheet_and_script_load_nothing(handful_site: Path) -> None:
    for name in rendering.ASSETS:
        content = (handful_site / "static" / name).read_text()
        assert not re.search(r"(?i)(?<!Object)url\(|@import|https?:|fetch\(|XMLHttp", content)


def data_of(folder: Path) -> list[object]:
    """What the data files of a page hold; each is a call with a name and its parts."""
    files = sorted(folder.glob("*.js"))
    assert all(set("<>&'").isdisjoint(file.read_text()) for file in files)
    calls = [file.read_text().strip() for file in files]
    return [json.loads(f"[{call[len('outlayData(') : -len(');')]}]") for call in calls]


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", WITH_NAMES)
def test_hostile_names_show_literally_and_add_no_element(handful_site: Path, name: str) -> None:
    page = read_page(handful_site / name)
    data = handful_site / "data" / name.removesuffix(".html")
    chosen = "".join(json.dumps(text) for text in strings(data_of(data)))
    for hostile in (HOSTILE, HOSTILE_END, HOSTILE_BOLD):
        assert hostile in page.text or json.dumps(hostile)[1:-1] in chosen
    tags = [tag for tag, _ in page.tags]
    assert not {"img", "b", "i", "iframe"} & set(tags)
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    scripts = [attrs for tag, attrs in page.tags if tag == "script"]
    assert all(s.get("src") or s.get("type") == "application/json" for s in scripts)


@pytest.mark.parametrize("name", WITH_NAMES)
def test_hostile_names_are_escaped_inside_the_chart_data(handful_site: Path, name: str) -> None:
    raw = (handful_site / name).read_text()
    for spec in re.findall(r'data-chart="[^"]+">(.*?)</script>', raw, re.DOTALL):
        assert not set("<>&'") & set(spec)

    shown = [
        text
        for chart in read_page(handful_site / name).charts.values()
        for text in strings(chart["data"]) + strings(chart["layout"])
    ]
    ours = re.compile(r"</?b>|<br>")
    for text in shown:
        if not text.startswith("series "):
            assert "<" not in ours.sub("", text), text
    # their charts, if any, draw causes and drivers only, which are our own words
    assert name in {
        "budgets.html",
        "caches.html",
        "data-quality.html",
        "forecast.html",
        "operations.html",
        "routing.html",
        "savings.html",
        "spend.html",
        "statements.html",
        "tie-out.html",
        "why.html",
    } or any("&lt;img src=x onerror=" in text for text in shown)


@pytest.mark.parametrize("name", PAGES)
def test_every_table_leads_to_the_columns_and_the_sql_of_its_report(
    handful_site: Path, definitions: Page, name: str
) -> None:
    defined = {attrs.get("id") for _, attrs in definitions.tags}
    page = read_page(handful_site / name)
    led = [
        target.partition("#")[2]
        for _, target in page.references
        if target.startswith("definitions.html#rpt_")
    ]
    assert set(led) <= defined
    # checks, quarantined rows and files are not of a report
    tables = len([tag for tag, _ in page.tags if tag == "table"])
    of_no_report = {"data-quality.html": 3, NAMES_ITSELF: tables}
    assert len(led) == tables - of_no_report.get(name, 0)


def test_the_company_name_is_escaped(overview: Page) -> None:
    assert "Ann & <i>Co</i>" in overview.text
    assert overview.title == "Overview · Ann & <i>Co</i>"


def test_empty_reports_render_pages_that_say_so(tmp_path: Path) -> None:
    folder = render(tmp_path, {})
    for name in WITH_NAMES:
        page = read_page(folder / name)
        assert "No data yet" in page.text
        assert page.charts == {}
    assert not (folder / "data").exists()


def test_one_month_alone_leaves_each_other_section_saying_that_it_is_empty(tmp_path: Path) -> None:
    only = {"reports.rpt_overview": HANDFUL["reports.rpt_overview"][:1]}
    page = read_page(render(tmp_path, only) / "index.html")
    assert page.tiles["charge"][1] == "$12,345.68"
    assert page.charts == {}
    assert page.text.count("No data yet.") == 5


def test_without_a_complete_month_the_newest_one_is_shown_and_marked(tmp_path: Path) -> None:
    rows = {"reports.rpt_overview": HANDFUL["reports.rpt_overview"][1:]}
    page = read_page(render(tmp_path, rows) / "index.html")
    assert "No month is complete yet." in page.text
    assert page.tiles["charge"][1] == "$88.88"


def test_the_same_warehouse_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    render(one, full_months())
    render(other, full_months())
    written = [file.relative_to(one) for file in (one / "site").rglob("*") if file.is_file()]
    assert len(written) > len(PAGES) + len(STATIC)
    for name in written:
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_rendering_does_not_touch_the_published_file(tmp_path: Path) -> None:
    database = publish(tmp_path / "showback.duckdb", HANDFUL)
    before = database.read_bytes()
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    assert database.read_bytes() == before


def test_a_missing_file_is_named_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(ReportsUnavailableError, match=r"none\.duckdb: no such file; run the pipe"):
        render_site(tmp_path / "none.duckdb", tmp_path / "site", company="c", generated_for="g")
    assert not (tmp_path / "site").exists()


def test_a_file_that_is_not_duckdb_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_text("not a database, although it is a file of some length")
    with pytest.raises(ReportsUnavailableError, match=r"x\.duckdb: cannot be opened"):
        render_site(tmp_path / "x.duckdb", tmp_path / "site", company="c", generated_for="g")


def test_a_missing_report_column_is_named_and_the_old_site_stays(tmp_path: Path) -> None:
    folder = render(tmp_path, HANDFUL)
    before = (folder / "index.html").read_bytes()
    with duckdb.connect(tmp_path / "showback.duckdb") as connection:
        connection.execute("alter table reports.rpt_showback_summary drop column change_usd")
    with pytest.raises(ReportsUnavailableError, match=r"change_usd.*one version"):
        render_site(tmp_path / "showback.duckdb", folder, company="c", generated_for="g")
    assert (folder / "index.html").read_bytes() == before
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["showback.duckdb", "site"]


def test_a_warehouse_without_ops_still_renders(tmp_path: Path) -> None:
    database = publish(tmp_path / "showback.duckdb", HANDFUL)
    with duckdb.connect(database) as connection:
        connection.execute("drop schema ops cascade")
    render_site(database, tmp_path / "site", company="c", generated_for="g")
    assert "No run is on record." in read_page(tmp_path / "site" / "data-quality.html").text


def test_dashboards_add_nothing_up() -> None:
    room = Path(dashboards.__file__).parent
    for path in room.rglob("*.py"):
        assert not re.search(r"\b(sum|avg|count\(\*|Decimal\.__|mean)\(", path.read_text()), path


def test_every_asset_is_used(handful_site: Path) -> None:
    kept = Path(rendering.__file__).parent / "static"
    assert {path.name for path in kept.iterdir()} == {*rendering.ASSETS, rendering.PLOTLY}
    written = {path.name for path in (handful_site / "static").iterdir()}
    assert written == {*rendering.ASSETS, rendering.PLOTLY}


def test_charts_are_drawn_by_the_plotly_js_that_plotly_is_made_for() -> None:
    """With another plotly comes the bundle of its plotly.js, `plotly-cartesian.min.js`."""
    bundle = Path(rendering.__file__).parent / "static" / rendering.PLOTLY
    with bundle.open(encoding="utf-8") as stream:
        head = stream.read(200)
    assert f"(cartesian - minified) v{get_plotlyjs_version()}" in head
    assert "MIT license" in head


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_of_days_marks_what_happened(handful_site: Path, name: str) -> None:
    """A change of 11 June; a calendar of days has no line that could be marked."""
    for key, chart in read_page(handful_site / name).charts.items():
        axes = [axis for axis in chart["layout"].values() if isinstance(axis, dict)]
        days = [str(day)[:10] for trace in chart["data"] for day in trace["x"]]
        if any(axis.get("type") == "date" for axis in axes) and min(days) <= "2026-06-11":
            notes = [str(note.get("hovertext")) for note in chart["layout"].get("annotations", ())]
            assert key == "spend-calendar" or any("11 Jun 2026" in note for note in notes), key
