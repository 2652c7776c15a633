"""The loops page: what a cap on a task's steps would save and lose, and what each way buys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.kit.formatting import (
    chart_text,
    count,
    exact_money,
    money,
    month,
    number,
    ratio,
    unit_cost,
)
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, fields, report_table, table
from dashboards.kit.theme import Chart, chart, line_mode, plotted, styles
from dashboards.pages.loops.daily import loops_by_day
from dashboards.pages.loops.strategies import strategy_tables

HOPS_SHOWN = 40
"""Hops that are listed, the dearest of a task first; the report has all."""

LOGGED = "logged_bytes_per_success_ratio"
"""A column that few logs can fill: it is left out where none of them states bytes."""

TOOLS = (
    Column("tool_name", "Tool"),
    Column("feature", "Feature"),
    Column("calls", "Calls", "count"),
    Column("answered_calls", "Answered", "count", help="By the tool itself, not by a cache."),
    Column("estimate_usd", "Cost", "money", "By price"),
    Column("estimate_per_call_usd", "A call", "unit_cost", "By price"),
    Column("charge_usd", "Cost", "money", "By invoice"),
    Column("charge_per_call_usd", "A call", "unit_cost", "By invoice"),
    Column("share", "Share", "ratio", help="Of all tools; by invoice where there is one."),
    Column("owner", "Owner"),
)

HOPS = (
    Column("feature", "Feature"),
    Column("task_type", "Task type"),
    Column("hop", "Model or tool"),
    Column("hop_kind", "Kind"),
    Column("calls_per_task_ratio", "Calls", "number", "A task", "Failed attempts included."),
    Column("usd_per_task", "Cost", "unit_cost", "A task", "Over all tasks of the feature."),
    Column("share", "Share", "ratio", "A task", "Of the cost."),
    Column(
        "billed_calls_per_success_ratio",
        "Calls",
        "number",
        "A success",
        "Those that the gateway's cache did not answer, over tasks that succeeded.",
    ),
    Column(
        "cache_writes_per_success_ratio",
        "Writes",
        "number",
        "A success",
        "Calls that wrote into the provider's prefix cache.",
    ),
    Column(
        LOGGED,
        "Log bytes",
        "number",
        "A success",
        "Prompts and answers in the log, where it states them.",
    ),
    Column("unpriced_calls", "No price", "count", help="Calls without a price."),
    Column("owner", "Owner", help="Who acts on how often it is called: config/owners.csv."),
)

LINES_SHOWN = 6
"""Features whose curve is drawn, those first of which a cap saves most."""

STEPS_SHOWN = 30
"""Steps that a line reaches; the reports have all."""

RECOMMENDED = (
    Column("feature", "Feature"),
    Column("task_type", "Task type"),
    Column("cap", "Cap", "count", help="Steps after which a task would be stopped."),
    Column("hours", "Hours", help="All, or the busiest hours of the feature's week alone."),
    Column("tasks_cut", "Tasks cut", "count"),
    Column("calls_cut_ratio", "Of the calls", "ratio", help="Calls that it would not have made."),
    Column("saved_usd", "Saves", "money", help="Estimate of the steps beyond the cap."),
    Column("saved_ratio", "Of the cost", "ratio"),
    Column("lost_successes", "Successes lost", "count", help="If no cut task succeeded."),
    Column("lost_high", "At most", "number", help="Upper end of the 95 % interval."),
    Column("unpriced_calls", "Without a price", "count", help="Calls that it would save too."),
)


def loops_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before a task took two steps."""
    rows = reports.rows(
        f"select {fields(RECOMMENDED)}, lost_ratio, lost_low, is_recommended"
        " from reports.rpt_cap_curve order by max(saved_usd) over (partition by task_type, feature)"
        " desc, task_type, feature, hours, cap"
    )
    if not rows:
        return {"has_data": False}
    return {
        "has_data": True,
        "curve": _curve([row for row in rows if row["hours"] == "all"]),
        "recommended": table(
            "Caps that cost next to no success",
            "The lowest cap whose lost successes, at the upper end of their interval, stay within"
            " 1 % of all, and that saves more than they cost; in a feature's busiest hours alone"
            " (peak) where it can be tighter there. A task that is cut counts as failed, so both"
            " sides are upper bounds.",
            RECOMMENDED,
            sorted(
                (row for row in rows if row["is_recommended"]),
                key=lambda row: (-row["saved_usd"], row["feature"], row["task_type"], row["hours"]),
            ),
            empty="None: where loops run deep they still bring successes, or are too few to judge.",
            relation="rpt_cap_curve",
        ),
        "daily": loops_by_day(reports),
        "steps": _steps(reports),
        "hops": _hops(reports),
        "tools": _tools(reports),
        **strategy_tables(reports),
    }


def _hops(reports: Reports) -> Table:
    rows = reports.rows(
        f"select month, {fields(HOPS)} from reports.rpt_hops"
        " where month = (select max(month) from reports.rpt_hops)"
        " order by usd_per_task desc nulls last, feature, task_type, hop_kind, hop"
        f" limit {HOPS_SHOWN}"
    )
    of = f", {month(rows[0]['month'])}" if rows else ""
    return table(
        f"What a task is made of{of}",
        "Every model and tool that is billed for a task's work, by the price book; those of a"
        f" feature sum to its cost. At most {HOPS_SHOWN} lines, the dearest first.",
        [of for of in HOPS if of.field != LOGGED or any(row[LOGGED] is not None for row in rows)],
        rows,
        relation="rpt_hops",
    )


def _tools(reports: Reports) -> Table:
    """What each tool's calls cost, by its price and by its invoice, in the newest month of any."""
    newest = reports.rows("select max(month) as month from reports.rpt_tools")[0]["month"]
    return report_table(
        reports,
        f"Tools and outside APIs{f', {month(newest)}' if newest else ''}",
        "What their calls cost by config/tools.csv or their log, and what of an invoice a rule of"
        " config/allocation.csv gives to the calls that a tool answered.",
        TOOLS,
        "reports.rpt_tools where month = ?"
        " order by coalesce(charge_usd, estimate_usd) desc nulls last, tool_name, feature"
        f" limit {HOPS_SHOWN}",
        (newest,),
        empty="No call of a tool is known.",
    )


def _curve(rows: Sequence[Row]) -> Chart:
    panels = {"saved_ratio": "Cost that a cap saves", "lost_ratio": "Successes that it loses"}
    figure = _panels(rows, "cap", panels, _cap_hover)
    figure.update_xaxes(title_text="Cap, steps", rangemode="tozero")
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return chart(
        "cap-curve",
        "What a cap on the steps of a task would do",
        "Left: share of the cost that lies beyond the cap. Right: share of the successes that came"
        " beyond it. A good cap is high on the left and at nothing on the right."
        f" At most {LINES_SHOWN} curves are drawn, up to {STEPS_SHOWN} steps.",
        figure,
        relation="rpt_cap_curve",
    )


def _steps(reports: Reports) -> Chart:
    rows = reports.rows(
        "select feature, task_type, step, tasks, tasks_ended, success_ratio,"
        " tokens_per_task_ratio, growth_ratio, history_ratio, repeated_ratio, usd_per_task,"
        " multiplier_ratio"
        " from reports.rpt_loop_steps"
        " order by max(multiplier_ratio) over (partition by task_type, feature) desc nulls last,"
        " task_type, feature, step"
    )
    panels = {
        "tokens_per_task_ratio": "Input tokens a task",
        "success_ratio": "Success of tasks that ended",
    }
    figure = _panels(rows, "step", panels, _step_hover)
    figure.update_xaxes(title_text="Step", rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    figure.update_yaxes(tickformat=".0%", col=2)
    return chart(
        "loop-steps",
        "What each step takes and brings",
        "Left: input tokens of a step, over the tasks that reached it; a line that climbs carries"
        " its history along; the tooltip says how much. Right: of the tasks that took no further"
        " step, how many succeeded."
        f" At most {LINES_SHOWN} lines, those first whose loops multiply their cost most.",
        figure,
        relation="rpt_loop_steps",
    )


def _panels(
    rows: Sequence[Row], x: str, panels: Mapping[str, str], hover: Callable[[Row], str]
) -> go.Figure:
    """Lines by feature and task type in panels side by side, up to as many steps as are shown.

    Args:
        rows: in the order in which the lines are drawn.
        panels: title of each panel by the field that it draws.
    """
    figure = make_subplots(
        rows=1, cols=len(panels), horizontal_spacing=0.08, subplot_titles=tuple(panels.values())
    )
    lines = [
        (_name(of), [row for row in own if row[x] <= STEPS_SHOWN])
        for of, own in groupby(rows, key=lambda row: (row["feature"], row["task_type"]))
    ][:LINES_SHOWN]
    look = styles(name for name, _ in lines)
    for number_of, (name, own) in enumerate(lines):
        for column, field in enumerate(panels, start=1):
            figure.add_trace(
                go.Scatter(
                    x=[row[x] for row in own],
                    y=[plotted(row[field]) for row in own],
                    name=chart_text(name),
                    legendgroup=f"series {number_of}",
                    showlegend=column == 1,
                    mode=line_mode(len(own)),
                    line={"color": look[name].colour},
                    hoverinfo="text",
                    hovertext=[f"<b>{chart_text(name)}</b><br>{hover(row)}" for row in own],
                ),
                row=1,
                col=column,
            )
    return figure


def _name(of: tuple[str, str]) -> str:
    feature, task_type = of
    return feature if feature == task_type else f"{feature}, {task_type}"


def _cap_hover(row: Row) -> str:
    return (
        f"Cap {row['cap']}: saves {money(row['saved_usd'])}"
        f" ({exact_money(row['saved_usd'])}), {ratio(row['saved_ratio'])}"
        f"<br>loses {row['lost_successes']} successes"
        f" ({number(float(row['lost_low']))} to {number(float(row['lost_high']))})"
    )


def _step_hover(row: Row) -> str:
    growth = row["growth_ratio"]
    grown = f", {number(growth)} times the first" if growth is not None else ""
    stated = row["history_ratio"]
    carried = (
        f"{ratio(row['repeated_ratio'])} at most"
        if stated is None
        else f"{ratio(stated)}, as stated"
    )
    return (
        f"Step {row['step']}: {count(row['tasks'])} tasks reached it"
        f"<br>{count(round(row['tokens_per_task_ratio']))} tokens in{grown}"
        f"<br>of them carried along: {carried}"
        f"<br>{unit_cost(row['usd_per_task'])} a task"
        f"<br>{count(row['tasks_ended'])} ended there, {ratio(row['success_ratio'])} succeeded"
    )
