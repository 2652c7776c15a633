"""The page "Why it moved": what changed the cost of a successful task, and who acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.kit.drivers import DRIVERS
from dashboards.kit.formatting import FORMATS, count, month, phrase, signed_ratio
from dashboards.kit.reports import Reports, Row, month_shown
from dashboards.kit.tables import Column, Table, fields, report_table, table
from dashboards.pages.cost_bridge.waterfall import waterfall

WEEKS_SHOWN = 13
MEMBERS_SHOWN = 20
CHANGES_SHOWN = 20
PROMPTS_SHOWN = 20

MEASURES = {
    "cost_per_success": ("Cost of a successful task", "unit_cost"),
    "total_cost": ("Cost of all closed tasks", "money"),
    "cost_per_success_with_people": ("A successful task with people's work", "unit_cost"),
}
"""Of each measure its heading and its format."""

DIMENSIONS = {"feature": "Feature", "task_type": "Task type", "tenant": "Tenant"}

CHANGES = (
    Column("changed_date", "Day", "day"),
    Column("change_event", "Change"),
    Column("feature", "Feature"),
    Column("driver", "Moved"),
    Column("effect_usd", "Per success", "signed_unit_cost", help="Week after against week before."),
    Column("effect_ratio", "In percent", "signed_ratio"),
    Column("total_effect_usd", "That week", "signed_money"),
    Column("placebo_largest_usd", "Other days", "unit_cost", help="Most on days without a change."),
    Column("previous_hops_ratio", "Before", "number", "Calls a success", "Those that are billed."),
    Column("current_hops_ratio", "After", "number", "Calls a success", "Those that are billed."),
)

FELT = (
    Column("changed_date", "Day", "day"),
    Column("change_event", "Change"),
    Column("dimension", "By", "phrase"),
    Column("member", "Who"),
    Column("previous_usd", "Before", "money", "Cost of the week"),
    Column("current_usd", "After", "money", "Cost of the week"),
    Column("previous_cost_per_success_usd", "Before", "unit_cost", "A success"),
    Column("current_cost_per_success_usd", "After", "unit_cost", "A success"),
    Column("previous_calls_per_task_ratio", "Before", "number", "Calls a task"),
    Column("current_calls_per_task_ratio", "After", "number", "Calls a task"),
    Column("previous_success_ratio", "Before", "ratio", "Success"),
    Column("current_success_ratio", "After", "ratio", "Success"),
)

FELT_SHOWN = 40

PROMPTS = (
    Column("feature", "Feature"),
    Column("prompt_version", "Version"),
    Column("first_closed_date", "Since", "day"),
    Column("tasks", "Closed", "count", "Tasks"),
    Column("success_ratio", "Success rate", "ratio", "Tasks"),
    Column("cost_per_success_usd", "Per success", "unit_cost", "Cost"),
    Column("cost_per_success_change_ratio", "Change", "signed_ratio", "Cost"),
    Column("input_tokens_per_call_ratio", "A call", "number", "Tokens in"),
    Column("input_tokens_per_call_change_ratio", "Change", "signed_ratio", "Tokens in"),
    Column("saved_usd", "Saved", "signed_money", "Tokens in", "By their number, beyond chance."),
    Column("cache_read_ratio", "From cache", "ratio", "Tokens in"),
    Column("static_ratio", "Static", "ratio", "What prompts hold", "System prompt and tools."),
    Column("missed_prefix_ratio", "Not cached", "ratio", "What prompts hold", "Of the static."),
    Column("uncalled_schema_ratio", "Tools not called", "ratio", "What prompts hold"),
)

_OWNER = Column("owner", "Owner", help="Who acts on it, by config/owners.csv.")
_CHANGE = Column("change_event", "Change", help="What was changed then and explains it.")


def _changed(*about: Column) -> tuple[Column, ...]:
    return (
        *about,
        Column("previous_usd", "Before", "unit_cost"),
        Column("current_usd", "Now", "unit_cost"),
        Column("change_usd", "Change", "signed_unit_cost"),
        Column("change_ratio", "In percent", "signed_ratio"),
        Column("driver", "Moved most by", help="The driver with the largest effect."),
        Column("effect_usd", "That alone", "signed_unit_cost"),
        _OWNER,
        _CHANGE,
    )


def cost_bridge_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before tasks closed in two months."""
    months = reports.rows(
        "select distinct period_start as month, previous_start from reports.rpt_cost_bridge"
        " where period_grain = 'month' order by 1 desc"
    )
    if not months:
        return {"has_data": False}
    newest = month_shown(reports, {row["month"] for row in months})
    shown = next(row for row in months if row["month"] == newest)
    return {
        "has_data": True,
        "month": month(shown["month"]),
        "previous": month(shown["previous_start"]),
        "measures": [_of_all(reports, shown, measure) for measure in _measures(reports, shown)],
        "by_member": [_by_member(reports, shown, dimension) for dimension in DIMENSIONS],
        "by_week": _by_week(reports),
        "changes": _changes(reports),
        "felt": _felt(reports),
        "prompts": _prompts(reports),
        "drivers": DRIVERS.values(),
    }


def _measures(reports: Reports, shown: Row) -> list[str]:
    """Those of the month; where nobody's work is known, people add nothing to be told."""
    rows = reports.rows(
        "select measure, any_value(previous_usd) as previous_usd, any_value(current_usd) as"
        " current_usd from reports.rpt_cost_bridge where period_grain = 'month'"
        " and dimension = 'all' and period_start = ? group by measure",
        [shown["month"]],
    )
    told = {row["measure"]: (row["previous_usd"], row["current_usd"]) for row in rows}
    alone, with_people = "cost_per_success", "cost_per_success_with_people"
    hidden = told.get(with_people) in (None, told.get(alone))
    return [measure for measure in MEASURES if measure != with_people or not hidden]


def _of_all(reports: Reports, shown: Row, measure: str) -> dict[str, Any]:
    """One measure of all tasks: what it was and is, a waterfall, and the drivers by size."""
    heading, kind = MEASURES[measure]
    rows = reports.rows(
        "select driver, previous_usd, current_usd, change_usd, change_ratio, effect_usd, share,"
        " owner, change_event from reports.rpt_cost_bridge where period_grain = 'month'"
        " and dimension = 'all' and measure = ? and period_start = ? and effect_usd <> 0"
        " order by abs(effect_usd) desc, driver",
        [measure, shown["month"]],
    )
    columns = (
        Column("driver", "Driver"),
        Column("effect_usd", "Effect", f"signed_{kind}"),
        Column("share", "Of the change", "signed_ratio"),
        _OWNER,
        _CHANGE,
    )
    sentence = _sentence(kind, rows[0]) if rows else "Unchanged."
    return {
        "waterfall": waterfall(measure, heading, kind, shown, rows, sentence),
        "drivers": table(
            f"{heading}: what moved it",
            "The effects sum to the change, to the last digit. What moved nothing is left out.",
            columns,
            [_in_words(row) for row in rows],
            empty="Nothing moved it.",
            relation="rpt_cost_bridge",
        ),
    }


def _sentence(kind: str, row: Row) -> str:
    before, now = (FORMATS[kind](row[name]) for name in ("previous_usd", "current_usd"))
    change = FORMATS[f"signed_{kind}"](row["change_usd"])
    ratio = signed_ratio(row["change_ratio"])
    return f"{before} before, {now} now: {change} ({ratio})."


def _in_words(row: Row) -> Row:
    heading, _ = DRIVERS.get(row["driver"], (phrase(row["driver"]), ""))
    return {**row, "driver": heading}


def _moved_most(
    reports: Reports, by: str, where: str, order: str, parameters: Sequence[object] = ()
) -> list[Row]:
    """Bridges of the cost per success, each with the driver of the largest effect, in words."""
    rows = reports.rows(
        f"select {by}, previous_usd, current_usd, change_usd, change_ratio, driver, effect_usd,"
        " owner, change_event from reports.rpt_cost_bridge"
        f" where measure = 'cost_per_success' and {where}"
        f" qualify row_number() over (partition by {by} order by abs(effect_usd) desc, driver) = 1"
        f" order by {order}",
        parameters,
    )
    return [_in_words(row) for row in rows]


def _by_member(reports: Reports, shown: Row, dimension: str) -> Table:
    """Members whose cost per success moved most, each with the driver that moved it most."""
    rows = _moved_most(
        reports,
        "member",
        "period_grain = 'month' and dimension = ? and period_start = ?",
        "abs(change_usd) desc, member",
        [dimension, shown["month"]],
    )
    left = len(rows) - MEMBERS_SHOWN
    others = f" {count(left)} that moved less stand in reports.rpt_cost_bridge." if left > 0 else ""
    return table(
        f"By {DIMENSIONS[dimension].lower()}",
        f"Cost of a successful task, the largest changes first.{others}",
        _changed(Column("member", DIMENSIONS[dimension])),
        rows[:MEMBERS_SHOWN],
        empty="None had a success in both months.",
        relation="rpt_cost_bridge",
    )


def _by_week(reports: Reports) -> Table:
    rows = _moved_most(
        reports,
        "period_start",
        "period_grain = 'week' and dimension = 'all'",
        f"period_start desc limit {WEEKS_SHOWN}",
    )
    return table(
        "Week by week",
        "Cost of a successful task against the week before. The newest week may not be over.",
        _changed(Column("period_start", "Week from", "day")),
        rows,
        empty="No two neighbouring weeks have closed tasks yet.",
        relation="rpt_cost_bridge",
    )


def _prompts(reports: Reports) -> Table:
    """The newest prompt versions, each beside the one before it."""
    return report_table(
        reports,
        "Prompt versions",
        "What tasks of a version cost, all of its time, and the change on the version of the"
        " feature that came before. What prompts hold is known where calls state it.",
        PROMPTS,
        "reports.rpt_prompts"
        f" order by first_closed_date desc, feature, prompt_version limit {PROMPTS_SHOWN}",
        empty="No call states its prompt version.",
    )


def _changes(reports: Reports) -> Table:
    rows = reports.rows(
        f"select {fields(CHANGES)} from reports.rpt_change_impact where is_cause"
        f" order by changed_date desc, abs(total_effect_usd) desc, feature, driver"
        f" limit {CHANGES_SHOWN}"
    )
    return table(
        "Changes that moved something",
        "Changes after which a driver moved by more than on any day without one: the week after"
        " against the week before. A date proves nothing; the other days are the yardstick.",
        CHANGES,
        [_in_words(row) for row in rows],
        empty="No change is known that moved a cost; a source with format = change_events tells.",
        relation="rpt_change_impact",
    )


def _felt(reports: Reports) -> Table:
    """Tenants and regions around the newest changes that moved something."""
    rows = reports.rows(
        f"select {fields(FELT)} from reports.rpt_blast_radius"
        " where (source_name, event_id) in ("
        "select (source_name, event_id) from reports.rpt_change_impact where is_cause)"
        " and dimension <> 'feature'"
        " order by changed_date desc, change_event, dimension desc, abs(change_usd) desc, member"
        f" limit {FELT_SHOWN}"
    )
    return table(
        "Who felt these changes",
        "Tenants, and regions where calls name them, of the features that were changed: the week"
        " after beside the week before, the day itself left out. Of a region only calls are known."
        f" At most {FELT_SHOWN} lines, the newest changes first.",
        FELT,
        rows,
        empty="No change is known that moved a cost.",
        relation="rpt_blast_radius",
    )
