"""A waterfall: from one level to another, in bars that begin where the one before ended."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

import plotly.graph_objects as go

from dashboards.kit.formatting import exact_money
from dashboards.kit.theme import INK, QUIET, plotted

DEARER, CHEAPER = "#d55e00", "#009e73"


def waterfall_bars(
    first: tuple[str, Decimal],
    steps: Sequence[tuple[str, Decimal]],
    last: tuple[str, Decimal],
    *,
    width: float,
    lies: bool = False,
    text: Sequence[str] = (),
) -> go.Figure:
    """Draw the levels at both ends and what leads from one to the other.

    Args:
        first: name and amount of the level at the beginning; `last`: at the end.
        steps: names and signed amounts, in their order.
        width: of a bar, as a part of its place.
        lies: bars lie, and what they are called stands beside them.
        text: what stands at each bar, ends included; nothing when empty.
    """
    names = [first[0], *(name for name, _ in steps), last[0]]
    amounts = [first[1], *(amount for _, amount in steps), last[1]]
    levels = list(accumulate(amounts[:-1]))
    moved = [DEARER if amount >= 0 else CHEAPER for _, amount in steps]
    along, across = ("y", "x") if lies else ("x", "y")
    bars = go.Bar(
        orientation="h" if lies else "v",
        base=[0, *map(plotted, levels[:-1]), 0],
        marker={"color": [INK, *moved, INK]},
        width=width,
        text=list(text) or None,
        textposition="outside" if text else "none",
        textfont={"size": 12},
        constraintext="none",
        cliponaxis=False,
        hoverinfo="text",
        hovertext=[
            f"<b>{name}</b><br>{exact_money(amount)}"
            for name, amount in zip(names, amounts, strict=True)
        ],
        **{along: names, across: [plotted(amount) for amount in amounts]},
    )
    figure = go.Figure(bars)
    for place, level in enumerate(levels):
        ends = {f"{along}0": place + width / 2, f"{along}1": place + 1 - width / 2}
        at = {f"{across}0": plotted(level), f"{across}1": plotted(level)}
        line = {"color": QUIET, "width": 1}
        figure.add_shape(type="line", layer="below", line=line, **ends, **at)
    figure.update_layout(showlegend=False)
    return figure
