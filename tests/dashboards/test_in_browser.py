"""The pages in a real browser: charts draw, and nothing that a tenant can name runs."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import parse, read_part
from tests.support.browser import find_browser, page_content
from tests.support.live_page import Tab, open_tab

PAGES = {
    "index.html": 3,
    "spend.html": 1,
    "unit-cost.html": 3,
    "why.html": 3,
    "budgets.html": 1,
    "incidents.html": 1,
    "caches.html": 1,
    "routing.html": 1,
    "forecast.html": 1,
    "showback.html": 2,
    "statements.html": 0,
    "tie-out.html": 1,
    "loops.html": 3,
    "operations.html": 1,
    "savings.html": 1,
    "experiments.html": 1,
    "commitments.html": 1,
    "data-quality.html": 0,
    "definitions.html": 0,
}
"""Charts that each page draws."""

ON_PAPER = 184 * 96 * 10 // 254 * 4 // 3
"""CSS pixels that Chromium lays A4 less the margins of `site.css` out with: 4/3 of its 184 mm."""

HOVER = """
document.documentElement.dataset.errors = "none";
window.addEventListener("error", (event) => {
  document.documentElement.dataset.errors = event.message;
});
const pause = () => new Promise((resolve) => setTimeout(resolve, 100)); // plotly slows hovers down
async function hoverAll() {
  for (const plot of document.querySelectorAll(".plot")) {
    for (const curveNumber of plot.data.keys()) {
      const panels = Object.keys(plot._fullLayout._plots);
      Plotly.Fx.hover(plot, [{ curveNumber, pointNumber: 0 }], panels);
      await pause();
      const shown = [...plot.querySelectorAll(".hoverlayer text")].map((node) => node.textContent);
      const note = document.createElement("p");
      note.className = "hovered";
      note.textContent = shown.join(" | ");
      document.body.append(note);
    }
  }
}
window.addEventListener("load", hoverAll);
"""
"""Opens each trace's hover box and writes down what it shows; runs after the page's own script."""


@pytest.fixture(scope="session")
def browser() -> str:
    return find_browser()


@pytest.fixture(scope="session")
def dumped(
    browser: str, handful_site: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Load each page of the hostile site, hover over each trace, and return the DOM as text."""
    folder = tmp_path_factory.mktemp("browser")
    shutil.copytree(handful_site, folder / "site")
    (folder / "site" / "hover.js").write_text(HOVER)
    pages: dict[str, str] = {}
    for name in PAGES:
        path = folder / "site" / name
        hook = '<script src="hover.js"></script></body>'
        path.write_text(path.read_text().replace("</body>", hook))
        pages[name] = page_content(browser, path.as_uri(), folder / "profile")
    return pages


@pytest.mark.parametrize("name", PAGES)
def test_no_name_runs_a_script_or_becomes_an_element(dumped: dict[str, str], name: str) -> None:
    page = parse(dumped[name])
    assert page.title.endswith("Ann & <i>Co</i>")
    assert not [attrs for _, attrs in page.tags for key in attrs if key.startswith("on")]
    assert "img" not in [tag for tag, _ in page.tags]
    inline = [attrs for tag, attrs in page.tags if tag == "script" and not attrs.get("src")]
    assert {attrs.get("type") for attrs in inline} <= {"application/json"}


@pytest.mark.parametrize("name", PAGES)
def test_each_chart_is_drawn_without_an_error(dumped: dict[str, str], name: str) -> None:
    drawn = re.findall(r'<div class="plot js-plotly-plot"', dumped[name])
    assert len(drawn) == PAGES[name]
    assert 'data-errors="none"' in dumped[name]


def hovered(html: str) -> str:
    return "\n".join(re.findall(r'<p class="hovered">(.*?)</p>', html, re.DOTALL))


def test_hover_boxes_and_legends_show_hostile_names_literally(dumped: dict[str, str]) -> None:
    boxes = parse(hovered(dumped["showback.html"])).text
    assert f"{HOSTILE[:39]}…, June 2026" in boxes
    assert f"{HOSTILE_END[:39]}…, June 2026" in boxes
    assert f"{HOSTILE_BOLD}, June 2026" in boxes
    legends = re.findall(r'<text class="legendtext"[^>]*>(.*?)</text>', dumped["showback.html"])
    assert HOSTILE_BOLD in [parse(legend).text for legend in legends]


@pytest.fixture(scope="session")
def reader(browser: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A tab in which a reader opens pages, and uses them."""
    with open_tab(browser, tmp_path_factory.mktemp("reader")) as tab:
        yield tab


ROWS = """
[...document.querySelectorAll("%s tbody tr")].map(r => [...r.cells].map(c => c.textContent))
"""
CSV = """
new Promise(resolve => {
  URL.createObjectURL = blob => { blob.text().then(resolve); return "#"; };
  HTMLAnchorElement.prototype.click = () => {};
  document.querySelector("%s .tools button").click();
})
"""
CHOOSE = """
(() => {
  const box = document.querySelector(".view form").elements["%s"];
  box.value = "%s";
  box.dispatchEvent(new Event("change", {bubbles: true}));
})()
"""
SHOWN = "document.querySelector('.view .shown').textContent.includes(%s)"


def test_a_choice_shows_its_part_and_stands_in_the_address(reader: Tab, handful_site: Path) -> None:
    reader.open((handful_site / "showback.html").as_uri())
    assert reader.value(ROWS % ".view .block")[0][:2] == ["chat", "$200.25"]
    reader.value(CHOOSE % ("by", "tenant"))
    reader.wait(SHOWN % "'By tenant'")
    tenants = june_by_tenant(handful_site)
    assert reader.value(ROWS % ".view .block")[: len(tenants)] == tenants
    assert reader.value("location.hash") == "#?month=2026-06-01&by=tenant"
    # a link shows the same
    reader.open((handful_site / "showback.html").as_uri() + "#?month=2026-06-01&by=tenant")
    reader.wait(SHOWN % "'By tenant'")
    assert reader.value("document.querySelector('.view form').elements.by.value") == "tenant"


def june_by_tenant(site: Path) -> list[list[str]]:
    part = read_part(site, "showback", "2026-06-01-tenant", "2026-06-01", "tenant")
    return [[cell.text for cell in row] for row in part.tables["By tenant"][1:]]


def test_an_address_that_cannot_be_shows_what_fits_it_best(reader: Tab, handful_site: Path) -> None:
    reader.open((handful_site / "showback.html").as_uri() + "#?month=1999-01-01&by=tenant")
    reader.wait(SHOWN % "'By tenant'")
    assert reader.value("document.querySelector('.view form').elements.month.value") == "2026-06-01"


def test_a_click_sorts_lines_with_their_details_and_totals_stay_last(
    reader: Tab, handful_site: Path
) -> None:
    reader.open((handful_site / "showback.html").as_uri() + "#?month=2026-06-01&by=tenant")
    reader.wait(SHOWN % "'By tenant'")
    reader.value("document.querySelectorAll('.view thead button')[1].click()")  # dearest first
    reader.value("document.querySelectorAll('.view thead button')[1].click()")  # cheapest first
    names = [row[0] for row in reader.value(ROWS % ".view .block")][:9]
    assert names[:2] == [HOSTILE_BOLD, "usage, provider not known"]
    assert names[-3:] == ["Unallocated", "not seen by the gateway, openai", "Total = the bill"]


def test_a_download_has_all_digits_and_no_formula(reader: Tab, handful_site: Path) -> None:
    reader.open((handful_site / "showback.html").as_uri() + "#?month=2026-06-01&by=tenant")
    reader.wait(SHOWN % "'By tenant'")
    lines = list(csv.reader(io.StringIO(reader.value(CSV % ".view .block").removeprefix("\ufeff"))))
    assert lines[0][:3] == ["Tenant", "Billed charge", "Share of bill"]
    by_name = {line[0]: line[1] for line in lines}
    assert by_name[HOSTILE_END] == "100.100000000"
    assert by_name["usage, provider not known"] == "0.050000000000"
    assert lines[1][3] == ""  # what is not known is empty
    quoted = "csvCell(%s, false)"
    assert reader.value(quoted % "\"=cmd|' /C calc'!A0\"") == "'=cmd|' /C calc'!A0"
    assert reader.value("csvCell('-5', true)") == "-5"


def test_a_search_hides_other_lines_and_the_download_has_what_is_shown(
    reader: Tab, handful_site: Path
) -> None:
    reader.open((handful_site / "showback.html").as_uri() + "#?month=2026-06-01&by=tenant")
    reader.wait(SHOWN % "'By tenant'")
    reader.value("search(document.querySelector('.view table'), 'ONERROR')")
    hidden = "[...document.querySelectorAll('.view .block table')][0].tBodies[0].rows"
    shown = reader.value(f"[...{hidden}].filter(r => !r.hidden).map(r => r.cells[0].textContent)")
    assert shown[:2] == [HOSTILE, "usage, openai"]
    assert HOSTILE_BOLD not in shown


def test_what_figures_stand_beside_is_chosen_and_downloaded_as_shown(
    reader: Tab, handful_site: Path
) -> None:
    reader.open((handful_site / "spend.html").as_uri())
    reader.value(CHOOSE % ("beside", "budget"))
    shown = "[...document.querySelectorAll('.view thead tr:last-child th')].filter(c => !c.hidden)"
    reader.wait("location.hash.includes('beside=budget')")
    heads = ["Feature", "Estimate", "Share", "Is", "Change", "Calls", "Unpriced calls"]
    assert reader.value(f"{shown}.map(c => c.textContent)") == heads
    lines = list(csv.reader(io.StringIO(reader.value(CSV % ".view .block").removeprefix("\ufeff"))))
    assert lines[0][3:5] == ["Beside the budget: Is", "Beside the budget: Change"]
    (mine,) = [line for line in lines if line[0] == HOSTILE]
    assert mine == [HOSTILE, "10.004000000", "0.25", "20.000000000", "-0.4998", "12", "3"]
    # a link shows the same, another choice keeps it
    link = "#?grain=week&period=2026-06-01&by=feature&beside=budget"
    reader.open((handful_site / "spend.html").as_uri() + link)
    reader.wait(SHOWN % "'week from 1 Jun 2026'")
    assert reader.value(f"{shown}.map(c => c.textContent)") == heads


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_take_the_colours_of_the_page(reader: Tab, handful_site: Path, scheme: str) -> None:
    reader.prefer(scheme)
    reader.open((handful_site / "unit-cost.html").as_uri())
    ink = reader.value("getComputedStyle(document.documentElement).getPropertyValue('--ink')")
    chart = "document.querySelector('.plot')._fullLayout"
    assert (
        reader.value(f"{chart}.font.color")
        == ink
        == {"light": "#1f2933", "dark": "#e6eaee"}[scheme]
    )
    reader.prefer("light")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_a_phone(reader: Tab, handful_site: Path, name: str) -> None:
    reader.resize(390, 800)
    reader.open((handful_site / name).as_uri())
    assert reader.value("document.documentElement.scrollWidth") <= 390
    reader.resize(1280, 2400)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_a4(reader: Tab, handful_site: Path, name: str) -> None:
    reader.show_as("print")
    reader.resize(ON_PAPER, 1000)
    reader.open((handful_site / name).as_uri())
    assert reader.value("document.documentElement.scrollWidth") <= ON_PAPER
    reader.resize(1280, 2400)
    reader.show_as("screen")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_writes_no_error(reader: Tab, handful_site: Path, name: str) -> None:
    reader.errors.clear()
    reader.open((handful_site / name).as_uri())
    assert reader.errors == []
