"""The waterfall from the earlier period to the later, driver by driver."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

import plotly.graph_objects as go

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import FORMATS, exact_money, month, phrase
from dashboards.kit.reports import Row
from dashboards.kit.theme import DOLLARS, INK, QUIET, Chart, chart, plotted

ROOM = Decimal("0.2")
"""Of what moves, free on both sides of it: for the figures."""

LINE = 36
"""Pixels of a line."""


def waterfall(
    key: str, heading: str, kind: str, shown: Row, effects: Sequence[Row], sentence: str
) -> Chart:
    """Draw a measure's drivers in the order in which they are told.

    Args:
        key: of the chart.
        heading: the measure in words; `kind`: its format.
        shown: `month` and `previous_start`.
        effects: rows of `rpt_cost_bridge` of one bridge, none without an effect.
        sentence: what it was and is.
    """
    title = f"{heading}, {month(shown['previous_start'])} to {month(shown['month'])}"
    if not effects:
        return chart(key, title, sentence, None, relation="rpt_cost_bridge")
    order = list(DRIVERS)
    told = sorted(
        effects,
        key=lambda row: order.index(row["driver"]) if row["driver"] in order else len(order),
    )
    before, now = told[0]["previous_usd"], told[0]["current_usd"]
    steps = [row["effect_usd"] for row in told]
    names = [
        DRIVERS[r["driver"]][0] if r["driver"] in DRIVERS else phrase(r["driver"]) for r in told
    ]
    labels = [month(shown["previous_start"]), *names, month(shown["month"])]
    values = [before, *steps, now]
    signed = FORMATS[f"signed_{kind}"]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=labels,
            x=[plotted(value) for value in values],
            measure=["absolute", *("relative" for _ in steps), "total"],
            increasing={"marker": {"color": "#d55e00"}},
            decreasing={"marker": {"color": "#009e73"}},
            totals={"marker": {"color": INK}},
            connector={"line": {"color": QUIET, "width": 1}},
            text=[FORMATS[kind](before), *(signed(step) for step in steps), FORMATS[kind](now)],
            textposition="outside",
            textfont={"size": 12},
            constraintext="none",
            cliponaxis=False,
            hoverinfo="text",
            width=0.65,
            hovertext=[
                f"<b>{label}</b><br>{exact_money(value)}"
                for label, value in zip(labels, values, strict=True)
            ],
        )
    )
    figure.update_yaxes(type="category", autorange="reversed")
    low, high = _window(list(accumulate([before, *steps])))
    figure.update_xaxes(type="linear", tickformat=DOLLARS, range=[plotted(low), plotted(high)])
    cut = " The axis does not begin at zero, so that the steps can be seen." if low else ""
    return chart(
        key,
        title,
        f"{sentence} Orange makes it dearer, green cheaper.{cut}",
        figure,
        LINE * len(labels) + 70,
        relation="rpt_cost_bridge",
    )


def _window(levels: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Ends of an axis on which the steps between levels can be seen; from 0 where they can."""
    low, high = min(levels), max(levels)
    room = (high - low) * ROOM
    return (low - room if low > 2 * (high - low) else Decimal(0)), high + room
