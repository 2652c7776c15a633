"""The pages in a real browser: charts draw, and nothing that a tenant can name runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.dashboards.handful_rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END
from tests.dashboards.page_reader import parse
from tests.support.browser import find_browser, page_content

PAGES = {
    "index.html": 6,
    "why.html": 2,
    "guardrails.html": 1,
    "forecast.html": 1,
    "showback.html": 2,
    "tie-out.html": 1,
    "loops.html": 2,
    "operations.html": 1,
    "savings.html": 1,
    "experiments.html": 1,
    "commitments.html": 1,
}
"""Charts that each page draws."""

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
hoverAll();
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
    assert {attrs.get("type") for attrs in inline} == {"application/json"}


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
