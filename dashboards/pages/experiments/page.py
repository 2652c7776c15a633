"""The experiments page: what was to be shown, what is shown, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboards.kit.formatting import chart_text, signed_ratio
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, table
from dashboards.kit.theme import COLOURS, Chart, chart

SHOWN = 40
"""Experiments, the newest first; all of them are in the report."""

ALARMS = {"still_on": "still on", "lingers": "control still in use"}

DECISIONS = (
    Column("experiment", "Experiment"),
    Column("candidate", "Candidate"),
    Column("control", "Control"),
    Column("hypothesis", "It was to show"),
    Column("owner", "Owner"),
    Column("started_at", "Since", "day"),
    Column("deadline", "Deadline", "day", help="What is not proven by then is taken back."),
    Column("state", "State", "phrase"),
    Column("reason", "Because", "phrase"),
    Column("decided_at", "Decided", "day"),
    Column("alarm", "Alarm", help="Tasks still begin in what was decided against."),
)

EVIDENCE = (
    Column("experiment", "Experiment"),
    Column("candidate", "Candidate"),
    Column("look", "Look", "count", help="The one that decided, or the newest."),
    Column("control_tasks", "Control", "count", "Tasks"),
    Column("candidate_tasks", "Candidate", "count", "Tasks"),
    Column("required_tasks", "Needed", "count", "Tasks",
           "Of each, to prove the margin in 80 of 100 experiments without a difference."),
    Column("control_success_ratio", "Control", "ratio", "Success"),
    Column("candidate_success_ratio", "Candidate", "ratio", "Success"),
    Column("success_low_ratio", "From", "signed_ratio", "Difference",
           "The interval holds however often one looks."),
    Column("success_high_ratio", "To", "signed_ratio", "Difference"),
    Column("control_cost_per_success_usd", "Control", "unit_cost", "Cost per success"),
    Column("candidate_cost_per_success_usd", "Candidate", "unit_cost", "Cost per success"),
    Column("cost_low_ratio", "From", "ratio", "Of the control's"),
    Column("cost_high_ratio", "To", "ratio", "Of the control's"),
)  # fmt: skip

HEALTH = (
    Column("experiment", "Experiment"),
    Column("candidate", "Candidate"),
    Column("control_error_ratio", "Control", "ratio", "Calls that failed"),
    Column("candidate_error_ratio", "Candidate", "ratio", "Calls that failed"),
    Column("error_low_ratio", "From", "signed_ratio", "Difference",
           "The interval holds however often one looks."),
    Column("error_high_ratio", "To", "signed_ratio", "Difference"),
    Column("error_margin", "Margin", "ratio", "Difference", "Beyond it, it is taken back."),
    Column("control_p95_seconds", "Control", "seconds", "p95 of a task's model time"),
    Column("candidate_p95_seconds", "Candidate", "seconds", "p95 of a task's model time"),
    Column("p95_limit", "Limit", "ratio", "p95 of a task's model time",
           "Of the control's; beyond it, it is taken back."),
)  # fmt: skip


def experiments_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before one is registered."""
    columns = dict.fromkeys(column.field for column in (*DECISIONS, *EVIDENCE, *HEALTH))
    rows = reports.rows(
        f"select {', '.join(columns)}, success_difference_ratio,"
        " cast(success_margin as double) as margin"
        " from reports.rpt_experiments order by started_at desc, experiment, candidate"
        f" limit {SHOWN}"
    )
    if not rows:
        return {"has_data": False}
    exact = [column.field for column in HEALTH[2:]]
    rows = [{**row, **{name: _number(row[name]) for name in exact}} for row in rows]
    judged = [row for row in rows if row["look"] is not None]
    return {
        "has_data": True,
        "decisions": table(
            "Decisions",
            "Each was registered before it began, with margin, cost goal, looks and deadline. A"
            " candidate is shipped once it is proven to lose no more success than its margin, and"
            " to cost no more than its goal; it is taken back where it is worse, fails or lags, is"
            " too dear, or not proven by the deadline.",
            DECISIONS,
            [{**row, "alarm": ALARMS.get(row["alarm"])} for row in rows],
            relation="rpt_experiments",
        ),
        "differences": _differences(judged),
        "evidence": table(
            "What they show",
            "On the look that decided, or the newest. A failed task's cost counts, so cost per"
            " success holds both.",
            EVIDENCE,
            judged,
            empty="No look is due yet.",
            relation="rpt_experiments",
        ),
        "health": table(
            "Errors and latency",
            "Of all calls of the tasks, and of the time that models took for a task. A candidate"
            " with such a rule is taken back where the difference is beyond it.",
            HEALTH,
            judged,
            empty="No look is due yet.",
            relation="rpt_experiments",
        ),
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _differences(rows: Sequence[Row]) -> Chart:
    """Each experiment's difference in success with its interval, and the margin it may lose."""
    figure = go.Figure() if rows else None
    if figure is not None:
        names = [chart_text(f"{row['experiment']}, {row['candidate']}") for row in rows]
        points = [row["success_difference_ratio"] for row in rows]
        figure.add_trace(
            go.Scatter(
                x=points,
                y=names,
                name="Difference, with its interval",
                mode="markers",
                marker={"color": COLOURS[0], "size": 9},
                error_x={
                    "type": "data",
                    "array": _span(rows, "success_high_ratio", 1),
                    "arrayminus": _span(rows, "success_low_ratio", -1),
                    "color": COLOURS[0],
                },
                hoverinfo="text",
                hovertext=[
                    f"<b>{name}</b><br>{signed_ratio(row['success_difference_ratio'])}"
                    f" ({signed_ratio(row['success_low_ratio'])} to"
                    f" {signed_ratio(row['success_high_ratio'])})"
                    for name, row in zip(names, rows, strict=True)
                ],
            )
        )
        figure.add_trace(
            go.Scatter(
                x=[-row["margin"] for row in rows],
                y=names,
                name="Margin it may lose",
                mode="markers",
                marker={"color": COLOURS[1], "symbol": "line-ns-open", "size": 18},
                hoverinfo="text",
                hovertext=[f"margin {signed_ratio(-row['margin'])}" for row in rows],
            )
        )
        figure.update_xaxes(tickformat="+.0%", zeroline=True)
        figure.update_yaxes(type="category", autorange="reversed")
    return chart(
        "success-differences",
        "Success of the candidate less that of the control",
        "The interval holds however often one looks; left of zero with all of it, the candidate is"
        " worse. It is shipped on the bound of its look, which is narrower.",
        figure,
        height=140 + 40 * len(rows),
        relation="rpt_experiments",
    )


def _span(rows: Sequence[Row], end: str, sign: int) -> list[float | None]:
    """Distance from each point to an end of its interval; None where that is unknown."""
    return [
        None if row[end] is None else sign * (row[end] - row["success_difference_ratio"])
        for row in rows
    ]
