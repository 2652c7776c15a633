"""Colours and layout that all charts share, and how a figure is put into a page.

Colours are the Okabe-Ito set, which stays distinct under the common colour vision deficiencies; a
ninth and later name reuses a colour with a pattern on it, so that no two look alike.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup

from dashboards.kit.figures import figures
from dashboards.kit.formatting import month
from dashboards.kit.locales import separators
from dashboards.kit.marks import Mark, draw_marks
from dashboards.kit.tables import Table

INK = "#1f2933"
QUIET = "#6b7785"
GRID = "#e4e8ec"
PAGE = "#ffffff"
"""These four follow the page: `charts.js` puts the style sheet's colours in, dark or light."""

NOBODY = "#9aa5b1"
"""Grey of everything that belongs to nobody (unallocated, unattributed)."""

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6d1f", "#5d3a9b")
"""Okabe-Ito; its yellow (weak on white) and black (our ink) give way to brown and purple."""

PATTERNS = ("", "/", "x", ".", "-", "+")

PROVIDER_COLOURS = {
    "openai": "#009e73",
    "anthropic": "#d55e00",
    "aws.bedrock": "#e69f00",
    "azure.ai.openai": "#0072b2",
    "gcp.vertex_ai": "#56b4e9",
    "gcp.gemini": "#cc79a7",
}
"""A provider keeps its colour on every chart and in every month."""

DOLLARS = "$,.6~r"
"""Tick format of an amount (d3): no rounding that a tick would need, the minus before the sign."""

DAY_BAR_MS = 20 * 3_600_000
"""Width of a day's bar. Without one, plotly draws a lone day's bar a millisecond wide."""

DAYS_SHOWN = 184
"""Days that a chart of days reaches back: two quarters."""

FEW_DAYS = 10

UNATTRIBUTED = "unattributed"
"""The member of what nobody is named for."""

NOBODY_NAMES = frozenset({"unallocated", UNATTRIBUTED, "unknown"})


@dataclass(frozen=True)
class Style:
    """How one name is drawn: a colour, and a bar pattern when colours have run out."""

    colour: str
    pattern: str = ""

    @property
    def marker(self) -> dict[str, Any]:
        """The bar marker of this style."""
        lines = {"color": PAGE, "width": 0.5}
        return {"color": self.colour, "pattern": {"shape": self.pattern}, "line": lines}


@dataclass(frozen=True)
class Chart:
    """One figure as a template prints it.

    Attributes:
        key: identifier of its element, unique in a page.
        title: heading above it.
        caption: what it shows, in one or two plain sentences.
        spec: the plotly figure as JSON that is safe inside a script element; "" without data.
        height: pixels on screen.
        figures: what it draws, as a table.
        marks: what happened on the days that it marks, by their numbers.
    """

    key: str
    title: str
    caption: str
    spec: Markup
    height: int
    figures: Table | None = None
    marks: tuple[str, ...] = ()


def styles(names: Iterable[str], fixed: Mapping[str, str] | None = None) -> dict[str, Style]:
    """Give each name its style, by alphabet, so that a name looks the same on every chart."""
    chosen: dict[str, Style] = {}
    fixed = fixed or {}
    free = [colour for colour in COLOURS if colour not in fixed.values()] if fixed else COLOURS
    rank = 0
    for name in sorted(set(names)):
        if name in NOBODY_NAMES:
            chosen[name] = Style(NOBODY, "/")
        elif name in fixed:
            chosen[name] = Style(fixed[name])
        else:
            lap, position = divmod(rank, len(free))
            chosen[name] = Style(free[position], PATTERNS[lap % len(PATTERNS)])
            rank += 1
    return chosen


def plotted(value: Decimal | float | int | None) -> str | float | int | None:
    """Return what plotly draws for a value: an amount stays exact, as decimal text.

    JSON has no word for infinity, and one in it would leave the page without any chart.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return format(value, "f") if isinstance(value, Decimal) else value


def chart(
    key: str,
    title: str,
    caption: str,
    figure: go.Figure | None,
    height: int = 340,
    *,
    relation: str,
    marked: Sequence[Mark] = (),
) -> Chart:
    """Prepare a figure of a report, `relation`, for a page; None stands for one without data.

    Args:
        marked: days on which something happened, of a chart whose x axis is of days.
    """
    if figure is None:
        return Chart(key, title, caption, Markup(""), height)
    shown = figures(title, figure, relation)
    figure.update_layout(height=height, separators=separators(), **_LAYOUT)
    if figure.layout.annotations:
        figure.update_layout(**_ROOM_FOR_PANEL_TITLES)
        figure.update_annotations(font={"size": 13, "color": INK}, yshift=2)
    figure.update_xaxes(**_AXIS)
    figure.update_yaxes(**_AXIS)
    draw_marks(figure, marked)
    spec = figure.to_plotly_json()
    spec["layout"]["template"] = {}  # whoever else uses plotly in this process may have set one
    words = tuple(mark.words for mark in marked)
    return Chart(key, title, caption, script_json(spec), height, shown, words)


def day_axis(figure: go.Figure, days: Iterable[dt.date]) -> None:
    """Make the x axes of a figure date axes that never show less than a day between two ticks."""
    shown = sorted(set(days))
    figure.update_xaxes(type="date")
    if len(shown) <= FEW_DAYS:
        ticks = [day.isoformat() for day in shown]
        figure.update_xaxes(tickmode="array", tickvals=ticks, tickformat="%-d %b %Y")


def month_bars(
    series: Iterable[tuple[str, Style, Iterable[tuple[dt.date, Decimal | None, str]]]],
) -> go.Figure:
    """Bars of dollars by month, a colour each series.

    Args:
        series: name, look, and of each month its first day, the amount and what is said of it.
    """
    figure = go.Figure()
    for name, style, bars in series:
        shown = list(bars)
        figure.add_trace(
            go.Bar(
                name=name,
                x=[month(day) for day, _, _ in shown],
                y=[plotted(usd) for _, usd, _ in shown],
                marker=style.marker,
                hoverinfo="text",
                hovertext=[said for _, _, said in shown],
            )
        )
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="linear", tickformat=DOLLARS)
    return figure


def line_mode(points: int) -> str:
    """Return the plotly mode of a line: few points need marks, one point is only a mark."""
    return "lines+markers" if points <= FEW_DAYS else "lines"


def script_json(content: object) -> Markup:
    """Serialise to JSON that cannot end, or otherwise escape from, the script element it is in."""
    written = json.dumps(
        content, allow_nan=False, ensure_ascii=True, separators=(",", ":"), sort_keys=True
    )
    for character in "<>&'":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return Markup(written)  # noqa: S704 - the four characters that HTML reads are gone


_AXIS: dict[str, Any] = {
    "gridcolor": GRID,
    "linecolor": QUIET,
    "zerolinecolor": QUIET,
    "zerolinewidth": 1,
    "ticks": "outside",
    "tickcolor": GRID,
    "automargin": True,
    "title": {"standoff": 8, "font": {"size": 12}},
}

_LAYOUT: dict[str, Any] = {
    "font": {"family": "Inter, Segoe UI, Helvetica, Arial, sans-serif", "size": 12, "color": INK},
    "paper_bgcolor": PAGE,
    "plot_bgcolor": PAGE,
    "margin": {"l": 60, "r": 16, "t": 34, "b": 40},
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
    "hoverlabel": {"bgcolor": PAGE, "bordercolor": QUIET, "font": {"color": INK}},
    "bargap": 0.25,
}

_ROOM_FOR_PANEL_TITLES: dict[str, Any] = {"margin": {"t": 62}, "legend": {"y": 1.12}}
