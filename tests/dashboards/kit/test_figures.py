"""The table under a chart holds what the chart draws, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.figures import figures
from dashboards.kit.tables import Table
from dashboards.kit.theme import DOLLARS, plotted


def cells(table: Table | None) -> list[list[str]]:
    assert table is not None
    return [[cell.text for cell in line.cells] for line in table.lines]


def test_days_come_in_order_and_a_gap_stays_unknown() -> None:
    figure = go.Figure()
    spent = [plotted(Decimal("1234.5600000001")), None]
    figure.add_trace(go.Bar(name="A", x=["2026-06-02", "2026-06-01"], y=spent))
    figure.add_trace(go.Scatter(name="<b>B</b> &amp; C", x=["2026-06-03"], y=["0.5"]))
    figure.update_yaxes(tickformat=DOLLARS)
    table = figures("Spend", figure, "rpt_x")
    assert table is not None
    assert [column.heading for column in table.columns] == ["", "A", "B & C"]
    assert cells(table) == [
        ["1 Jun 2026", "—", "—"],
        ["2 Jun 2026", "$1,235", "—"],
        ["3 Jun 2026", "—", "$0.5000"],
    ]
    amount = table.lines[1].cells[1]
    assert (amount.tooltip, amount.raw) == ("$1,234.5600000001", "1234.5600000001")


def test_panels_are_groups_and_ratios_and_counts_read_as_such() -> None:
    figure = make_subplots(rows=1, cols=2, subplot_titles=("Tasks", "Success"))
    figure.add_trace(go.Bar(name="chat", x=["1", "21+"], y=[4000, 3]), row=1, col=1)
    figure.add_trace(go.Scatter(name="chat", x=["1"], y=[0.75]), row=1, col=2)
    figure.update_yaxes(tickformat=".0%", row=1, col=2)
    table = figures("Depth", figure, "rpt_x")
    assert table is not None
    assert table.groups == [("", 1, ""), ("Tasks", 1, ""), ("Success", 1, "")]
    assert cells(table) == [["1", "4,000", "75.0%"], ["21+", "3", "—"]]


def test_a_lying_chart_has_its_names_as_lines_and_a_shade_is_no_figure() -> None:
    figure = go.Figure()
    figure.add_trace(go.Scatter(x=[0.25], y=["a"], name="Difference"))
    figure.add_trace(go.Scatter(x=[1.0], y=["a"], name="shade", hoverinfo="skip"))
    figure.update_xaxes(tickformat="+.0%")
    figure.update_yaxes(type="category")
    assert cells(figures("Experiments", figure, "rpt_x")) == [["a", "25.0%"]]


def test_a_chart_that_draws_nothing_has_no_table() -> None:
    assert figures("Nothing", go.Figure(go.Bar(x=[], y=[])), "rpt_x") is None
