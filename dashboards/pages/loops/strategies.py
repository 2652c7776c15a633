"""Tables of the loops page that set ways to answer a task beside each other."""

from __future__ import annotations

from dashboards.kit.reports import Reports
from dashboards.kit.tables import Column, Table, fields, table

_GAIN = (
    Column("extra_usd", "Costs", "signed_unit_cost", "Beside it", "More, by the task."),
    Column("gained_ratio", "Gains", "signed_ratio", "Beside it", "Success rate, in points."),
    Column("gained_low_ratio", "At least", "signed_ratio", "Beside it", "95 % interval."),
    Column("gained_high_ratio", "At most", "signed_ratio", "Beside it", "95 % interval."),
    Column(
        "further_success_usd",
        "Costs",
        "unit_cost",
        "A further success",
        "Extra cost over success gained.",
    ),
    Column(
        "worth_usd",
        "Is worth",
        "unit_cost",
        "A further success",
        "As config/task_types.csv has it: its value, or what it costs without a model.",
    ),
    Column("verdict", "Verdict"),
)

STRATEGIES = (
    Column("feature", "Feature"),
    Column("task_type", "Task type"),
    Column("alternative", "Answered by"),
    Column("tasks", "Tasks", "count"),
    Column("success_ratio", "Success", "ratio"),
    Column("usd_per_task", "A task", "unit_cost"),
    Column("cost_per_success_usd", "A success", "unit_cost"),
    *_GAIN,
)

MORE = (
    Column("feature", "Feature"),
    Column("task_type", "Task type"),
    Column("alternative", "More"),
    Column("compared_with", "Beside"),
    Column("tasks", "Tasks", "count"),
    Column("multiplier_ratio", "Times", "number", help="Cost of a vote over its first sample."),
    *_GAIN,
)


def strategy_tables(reports: Reports) -> dict[str, Table]:
    """Strategies beside the cheapest; more samples, larger models and further steps beside less."""
    several = (
        "(task_type, feature) in (select (task_type, feature) from reports.rpt_strategies"
        " where comparison = 'strategy' and is_choice group by task_type, feature"
        " having count(*) > 1)"
    )
    return {
        "strategies": table(
            "Ways to answer a task",
            "Closed tasks whose calls all have a price, beside those of the cheapest way with 30"
            " tasks or more. Intervals are by tenant. Nobody gave tasks to a way at random: what"
            " looks worth it here is worth an experiment, which settles it.",
            STRATEGIES,
            reports.rows(
                f"select {fields(STRATEGIES)} from reports.rpt_strategies"
                f" where comparison = 'strategy' and {several}"
                " order by feature, task_type, verdict <> 'baseline', not is_choice,"
                " usd_per_task nulls last, alternative"
            ),
            empty="Every feature answers all of its tasks in one way.",
            relation="rpt_strategies",
        ),
        "more": table(
            "What more buys",
            "More samples of a vote or a larger model beside less; a step and those after it beside"
            " having stopped before, of each feature the first with a verdict. A task that stops is"
            " taken to have failed, so what steps gain is an upper bound.",
            MORE,
            reports.rows(
                f"select {fields(MORE)} from reports.rpt_strategies"
                " where comparison <> 'strategy' and verdict not in ('baseline', 'no data')"
                " and (comparison <> 'step' or (task_type, feature, verdict, position) in ("
                "  select (task_type, feature, verdict, min(position)) from reports.rpt_strategies"
                "  where comparison = 'step' group by task_type, feature, verdict))"
                " order by list_position(['samples', 'model_tier', 'step'], comparison),"
                " feature, task_type, position"
            ),
            empty="No feature has tried more of anything often enough.",
            relation="rpt_strategies",
        ),
    }
