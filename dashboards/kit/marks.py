"""Marks of what happened, in charts over time: changes, prices among them, and incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from dashboards.kit.formatting import chart_text, day, money, phrase, signed_money, text, whose
from dashboards.kit.reports import Reports

MARKS_SHOWN = 9
"""Days that a chart marks, those of most dollars: more numbers could not be told apart."""


@dataclass(frozen=True)
class Mark:
    """A day on which something happened, and what did, the dearest first."""

    day: dt.date
    events: tuple[str, ...]

    @property
    def words(self) -> str:
        """What happened, as it stands below a chart."""
        return f"{day(self.day)}: {'; '.join(self.events)}"


def marks(reports: Reports, days: Iterable[dt.date], *, incidents: bool = True) -> list[Mark]:
    """The days that moved most dollars, in their order, since the first of those of a chart.

    Args:
        days: the chart's; without any nothing is marked.
        incidents: mark them beside changes; a chart of incidents has them as its points.
    """
    since = min(days, default=None)
    if since is None:
        return []
    events = [*_changes(reports, since), *(_incidents(reports, since) if incidents else ())]
    found = sorted(events, key=lambda one: one[0])
    by_day = [
        (start, sorted(same, key=_size)) for start, same in groupby(found, lambda one: one[0])
    ]
    dearest = sorted(by_day, key=lambda one: _size(one[1][0]))[:MARKS_SHOWN]
    return [Mark(start, tuple(words for _, _, words in same)) for start, same in sorted(dearest)]


Event = tuple[dt.date, Any, str]
"""Its day, its dollars and its words."""


def _size(event: Event) -> tuple[Any, str]:
    return -abs(event[1]), event[2]


def _changes(reports: Reports, since: dt.date) -> Iterator[Event]:
    """What was changed and is the cause of what followed, with what it moved most."""
    rows = reports.rows(
        "select changed_date, change_event, driver, total_effect_usd as usd"
        " from reports.rpt_change_impact where is_cause and changed_date >= ?"
        " and total_effect_usd is not null qualify row_number() over ("
        " partition by changed_date, change_event"
        " order by abs(total_effect_usd) desc, driver, feature) = 1",
        (since,),
    )
    for row in rows:
        moved = f"{phrase(row['driver'])} {signed_money(row['usd'])} in a week"
        yield row["changed_date"], row["usd"], f"{phrase(row['change_event'])} ({moved})"


def _incidents(reports: Reports, since: dt.date) -> Iterator[Event]:
    """What was no false alarm."""
    rows = reports.rows(
        "select cast(started_at as date) as day, scope, member, driver, excess_usd as usd"
        " from reports.rpt_incidents where status <> 'false_alarm' and started_at >= ?"
        " and excess_usd is not null",
        (since,),
    )
    for row in rows:
        why = f", {phrase(row['driver'])}" if row["driver"] else ""
        who = text(whose(row["scope"], row["member"]))
        yield row["day"], row["usd"], f"incident of {who}{why} ({money(row['usd'])})"


def draw_marks(figure: go.Figure, shown: Sequence[Mark]) -> None:
    """A line across the chart at each day, with a number that the list below it explains.

    Panels that lie above each other share a line.
    """
    axes = {
        tuple(axis.domain or ()): axis.plotly_name.replace("axis", "")
        for axis in reversed(list(figure.select_xaxes()))
        if axis.type == "date"
    }
    for number, mark in enumerate(shown, start=1):
        for axis in axes.values():
            place = {"xref": axis, "yref": "paper"}
            at = mark.day.isoformat()
            figure.add_shape(
                type="line", x0=at, x1=at, y0=0, y1=1, layer="below", **place,
                line={"color": _LINE, "width": 1, "dash": "dot"},
            )  # fmt: skip
            figure.add_annotation(
                x=at, y=0, text=str(number), hovertext=chart_text(mark.words), showarrow=False,
                yanchor="bottom", font={"size": 10, "color": _LINE}, bgcolor=_PAGE, **place,
            )  # fmt: skip


_LINE, _PAGE = "#6b7785", "#ffffff"
"""The quiet colour and the paper of `theme.py`, which follow the page."""
