"""The figures that a chart draws, as a table: for readers who cannot see it, and for a download."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

import plotly.graph_objects as go

from dashboards.kit.formatting import FORMATS, day, exact, exact_money
from dashboards.kit.tables import Cell, Column, Line, Table

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MARKUP = re.compile(r"</?b>|<br>")


@dataclass(frozen=True)
class _Series:
    """One trace: what stands above its column, how its values read, and its points."""

    name: str
    panel: str
    kind: str
    points: Mapping[str, Any]


def figures(title: str, figure: go.Figure, relation: str) -> Table | None:
    """One line for each position of a chart, one column for each of its series; None without any.

    Values are those that the chart draws: amounts with all their digits as tooltip and download.
    A trace that answers no pointer (`hoverinfo` is `skip`) draws no figure of its own.
    """
    drawn = [_series(figure, trace) for trace in figure.data if trace.hoverinfo != "skip"]
    drawn = [series for series in drawn if series.points]
    positions = _ordered(point for series in drawn for point in series.points)
    if not positions:
        return None
    kinds = [
        Column(str(n), series.name, series.kind, series.panel) for n, series in enumerate(drawn)
    ]
    lines = [
        Line((_position(point), *(_cell(series, point) for series in drawn))) for point in positions
    ]
    columns = (Column("position", ""), *kinds)
    return Table(title, "", columns, tuple(lines), relation=relation)


def _series(figure: go.Figure, trace: Any) -> _Series:
    if trace.type == "heatmap":  # its days stand in two directions
        fields = zip(chain(*trace.customdata), chain(*trace.z), strict=True)
        known = {str(day): value for day, value in fields if value is not None}
        return _Series(trace.name, "", _kind(trace.colorbar.tickformat, known.values()), known)
    lies = figure.layout[_axis_name(trace.yaxis or "y")].type == "category"
    positions, values = (trace.y, trace.x) if lies else (trace.x, trace.y)
    across, up = trace.xaxis or "x", trace.yaxis or "y"
    axis = figure.layout[_axis_name(across if lies else up)]
    panels = [text for text in figure.layout.annotations if text.xref == "paper"]
    number = int(up[1:] or 1) - 1
    return _Series(
        name=_plain(trace.name or axis.title.text or "Value"),
        panel=_plain(panels[number].text) if number < len(panels) > 1 else "",
        kind=_kind(axis.tickformat, values),
        points={
            str(point): value
            for point, value in zip(
                () if positions is None else positions,
                () if values is None else values,
                strict=False,
            )
        },
    )


def _axis_name(short: str) -> str:
    return f"{short[0]}axis{short[1:]}"


def _plain(text: str) -> str:
    """A label without plotly's markup; what names hold of it is escaped, and is shown."""
    shown = " ".join(_MARKUP.sub(" ", text).split())
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _kind(tick_format: str | None, values: Iterable[Any] | None) -> str:
    if tick_format and "$" in tick_format:
        return "unit_cost"
    if tick_format and "%" in tick_format:
        return "ratio"
    whole = all(value is None or isinstance(value, int) for value in values or ())
    return "count" if whole else "number"


def _ordered(points: Iterable[str]) -> list[str]:
    """Positions as the chart has them from left to right: days in order, others as they come."""
    found = list(dict.fromkeys(points))
    return sorted(found) if all(_DAY.match(point) for point in found) else found


def _position(point: str) -> Cell:
    if _DAY.fullmatch(point):
        return Cell(day(dt.date.fromisoformat(point)), raw=point)
    return Cell(_plain(point))


def _cell(series: _Series, point: str) -> Cell:
    value = series.points.get(point)
    if isinstance(value, str):
        value = Decimal(value)
    shown = FORMATS["quantity" if _counts(series, value) else series.kind](value)
    told = exact_money(value) if isinstance(value, Decimal) and series.kind == "unit_cost" else ""
    return Cell(shown, told, numeric=True, raw=exact(value))


def _counts(series: _Series, value: object) -> bool:
    """Whether an exact value is a number of things, not dollars."""
    return isinstance(value, Decimal) and series.kind != "unit_cost"
