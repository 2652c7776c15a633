"""What people say of a month: Markdown of the workspace, made safe.

Raw HTML stays text, images are left out, and links lead to http, https or a file beside the pages.
"""

from __future__ import annotations

import re
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
    shown = "\n".join(text(line) for line in markdown.expandtabs(4).splitlines())
    tokens = _parser().parse(shown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + _BELOW_A_HEADING)}"
        _lead_away(token.children or [])
    written: str = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(written)  # noqa: S704 - the parser escapes whatever is no Markdown


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
