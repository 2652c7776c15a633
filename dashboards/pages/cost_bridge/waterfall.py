"""The waterfall from the earlier period to the later, driver by driver."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import FORMATS, month, phrase
from dashboards.kit.reports import Row
from dashboards.kit.theme import DOLLARS, Chart, chart, plotted
from dashboards.kit.waterfall import waterfall_bars

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
    signed = FORMATS[f"signed_{kind}"]
    figure = waterfall_bars(
        (month(shown["previous_start"]), before),
        list(zip(names, steps, strict=True)),
        (month(shown["month"]), now),
        width=0.65,
        lies=True,
        text=[FORMATS[kind](before), *(signed(step) for step in steps), FORMATS[kind](now)],
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
        LINE * (len(steps) + 2) + 70,
        relation="rpt_cost_bridge",
    )


def _window(levels: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Ends of an axis on which the steps between levels can be seen; from 0 where they can."""
    low, high = min(levels), max(levels)
    room = (high - low) * ROOM
    return (low - room if low > 2 * (high - low) else Decimal(0)), high + room
