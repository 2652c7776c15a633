"""What people say of a month: Markdown of the workspace, made safe.

Raw HTML stays text, images are left out, and links lead to http, https or a file beside the pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from dashboards.kit.formatting import month, text
from dashboards.kit.reports import Reports

_BELOW_A_HEADING = 2
"""Levels that headings of a commentary go down: it stands below one of the page."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True)
class Commentary:
    """What is said of a month, as a template prints it."""

    month: str
    words: Markup


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, list item or line of a table, for what is no HTML.

    Attributes:
        kind: `heading`, `item` or `text`.
        spans: its words in turn, and whether they are bold.
    """

    kind: str
    spans: tuple[tuple[str, bool], ...]

    @property
    def words(self) -> str:
        """All its words, without any mark."""
        return "".join(words for words, _ in self.spans)


def commentary(reports: Reports, start: date | None) -> Commentary | None:
    """The commentary of a month; None where nobody wrote one."""
    written = reports.commentary.get(start) if start else None
    return Commentary(month(start), to_html(written)) if written else None


def commentaries(reports: Reports) -> list[Commentary]:
    """The commentaries of all months, the newest first."""
    return [
        Commentary(month(start), to_html(written))
        for start, written in sorted(reports.commentary.items(), reverse=True)
    ]


def to_html(markdown: str) -> Markup:
    """Markdown as HTML that can neither run nor load anything."""
    tokens = _parsed(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + _BELOW_A_HEADING)}"
        _lead_away(token.children or [])
    written: str = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(written)  # noqa: S704 - the parser escapes whatever is no Markdown


def to_blocks(markdown: str) -> list[Block]:
    """Markdown as lines of words, for paper and workbooks; a link shows where it leads."""
    found: list[Block] = []
    kind = "text"
    row: list[str] | None = None
    for token in _parsed(markdown):
        if token.type in ("heading_open", "list_item_open"):
            kind = token.type.split("_")[-2]
        elif token.type in ("heading_close", "list_item_close"):
            kind = "text"
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            found.append(Block("text", ((" | ".join(row or ()), False),)))
            row = None
        elif token.type == "inline":
            block = Block(kind, tuple(_spans(token.children or [])))
            if row is None:
                found.append(block)
                kind = "text"  # what follows in an item is no item of its own
            else:
                row.append(block.words)
        elif token.type in ("fence", "code_block"):
            found.extend(Block("text", ((line, False),)) for line in token.content.splitlines())
    return found


def _spans(children: list[Token]) -> Iterator[tuple[str, bool]]:
    bold, leads = 0, ""
    for child in children:
        bold += child.nesting if child.type.startswith("strong") else 0
        if child.type == "link_open":
            leads = str(child.attrGet("href") or "")
        elif child.type == "link_close":
            yield f" ({leads})", bold > 0
        elif child.type in ("softbreak", "hardbreak"):
            yield " ", bold > 0
        elif child.content:
            yield child.content, bold > 0


def _parsed(markdown: str) -> list[Token]:
    shown = "\n".join(text(line) for line in markdown.expandtabs(4).splitlines())
    return _parser().parse(shown)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.validateLink = is_safe_link  # type: ignore[method-assign, assignment]
    return parser


def is_safe_link(target: str) -> bool:
    """Whether a link leads to a web page, or to a file beside the pages."""
    if target.startswith(("//", "\\", "/")):
        return False
    scheme = _SCHEME.match(target)
    return scheme is None or scheme.group().lower() in ("http:", "https:")


def _lead_away(children: list[Token]) -> None:
    """Links say nothing of where they came from."""
    for child in children:
        if child.type == "link_open":
            child.attrSet("rel", "noopener noreferrer")
