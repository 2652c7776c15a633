"""Commentary of a month: Markdown that can neither run nor load anything."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dashboards.kit.commentary import to_blocks, to_html
from dashboards.site import render_site
from tests.dashboards.handful.rows import HOSTILE, HOSTILE_BOLD, HOSTILE_END, JUNE, MAY
from tests.dashboards.handful.tables import HANDFUL
from tests.dashboards.page_reader import Page, parse, read_page
from tests.dashboards.published import publish

HOSTILE_MARKDOWN = f"""\
# A heading

{HOSTILE} and {HOSTILE_END} and {HOSTILE_BOLD}

<iframe src="https://evil.example"></iframe>

[script](javascript:alert(1)) [data](data:text/html,x) [file](file:///etc/passwd)
[host](//evil.example) [upper](JaVaScRiPt:alert(1)) [entity](&#106;avascript:alert(1))
![picture](https://evil.example/pixel.png) <javascript:alert(1)>
[good](https://example.com/?a=1&b=2) [page](loops.html)
\u202egnp.exe [quote](https://example.com/"onmouseover="alert(1))
"""


def seen(markdown: str) -> Page:
    return parse(str(to_html(markdown)))


def test_on_paper_and_in_a_workbook_it_is_lines_of_words() -> None:
    blocks = to_blocks(
        "# June\n\nUp **a lot**,\n[see](loops.html) <b>.\n\n- one\n- two\n\n  more of it\n\n"
        "End.\n\n"
        "| a | b |\n|---|---|\n| 1 | **2** |\n\n    code\n"
    )
    assert [(block.kind, block.words) for block in blocks] == [
        ("heading", "June"),
        ("text", "Up a lot, see (loops.html) <b>."),
        ("item", "one"),
        ("item", "two"),
        ("text", "more of it"),
        ("text", "End."),
        ("text", "a | b"),
        ("text", "1 | 2"),
        ("text", "code"),
    ]
    assert [words for words, bold in blocks[1].spans if bold] == ["a lot"]


def test_markdown_reads_as_paragraphs_lists_tables_and_links() -> None:
    page = seen("Up **a lot**:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert {"p", "strong", "ul", "li", "table", "td"} <= {tag for tag, _ in page.tags}


def test_a_hostile_text_adds_no_element_and_leads_nowhere_but_the_web() -> None:
    page = seen(HOSTILE_MARKDOWN)
    assert {tag for tag, _ in page.tags} <= {"h3", "p", "a", "em", "strong", "code"}
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    # a picture is a link to it: nothing is loaded
    assert {target for _, target in page.references} == {
        "https://evil.example/pixel.png",
        "https://example.com/?a=1&b=2",
        "https://example.com/%22onmouseover=%22alert(1)",
        "loops.html",
    }
    for hostile in (HOSTILE, HOSTILE_END, HOSTILE_BOLD, "<iframe", "\\u202egnp.exe"):
        assert hostile in page.text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commentary")
    said = {MAY: "May was *quiet*.", JUNE: f"June: {HOSTILE}", dt.date(2026, 7, 1): "Not yet over."}
    render_site(
        publish(folder / "d.duckdb", HANDFUL),
        folder / "site",
        company="c",
        generated_for="g",
        commentary=said,
    )
    return folder / "site"


def test_the_overview_shows_what_is_said_of_its_month(site: Path) -> None:
    page = read_page(site / "index.html")
    assert "What we say of June 2026" in page.text
    assert f"June: {HOSTILE}" in page.text
    assert "May was" not in page.text


def test_statements_show_what_is_said_of_each_month_the_newest_first(site: Path) -> None:
    text = read_page(site / "statements.html").text
    assert (
        text.index("Not yet over.") < text.index(f"June: {HOSTILE}") < text.index("May was quiet")
    )
