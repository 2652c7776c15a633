"""Tables of the overview page: months, unit cost, and what stands beside the product."""

from __future__ import annotations

from dashboards.kit.formatting import ALL_TYPES, month
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, report_table, table

MONTHS = (
    Column("month", "Month", "month"),
    Column("is_complete", "Complete", "yes_no", help="All days are in the data and billed."),
    Column("charge_usd", "Billed", "money", "The bill and our records"),
    Column("estimate_usd", "Estimate", "money", "The bill and our records"),
    Column("reported_usd", "Reported by gateway", "money", "The bill and our records"),
    Column("tie_out_gap_usd", "Tie-out gap", "signed_money", "The bill and our records"),
    Column("unallocated_ratio", "Unallocated", "ratio", "The bill and our records"),
    Column("tasks_closed", "Closed", "count", "Tasks"),
    Column("success_ratio", "Success rate", "ratio", "Tasks"),
    Column("cost_per_success_usd", "Estimate", "unit_cost", "Cost per success"),
    Column("cost_per_success_change_ratio", "Change", "signed_ratio", "Cost per success"),
    Column("billed_cost_per_success_usd", "On the bill", "unit_cost", "Cost per success"),
    Column("waste_ratio", "Waste", "ratio", help="Share of the estimated cost of tasks."),
)

UNIT_COST = (
    Column("task_type", "Task type", "task_type"),
    Column("tasks_closed", "Closed", "count", "Tasks"),
    Column("successes", "Successes", "count", "Tasks"),
    Column("success_ratio", "Rate", "ratio", "Tasks"),
    Column("cost_usd", "Total", "money", "Estimated cost"),
    Column("cost_per_task_usd", "Per task", "unit_cost", "Estimated cost"),
    Column("cost_per_success_usd", "Per success", "unit_cost", "Estimated cost"),
    Column("waste_usd", "Waste", "money", "Estimated cost"),
    Column("small_model_ratio", "Small", "ratio", "Model tier mix"),
    Column("mid_model_ratio", "Mid", "ratio", "Model tier mix"),
    Column("large_model_ratio", "Large", "ratio", "Model tier mix"),
    Column("unknown_model_ratio", "Unknown", "ratio", "Model tier mix"),
    Column("gateway_cache_hit_ratio", "Gateway", "ratio", "Cache hit rate"),
    Column("provider_cache_hit_ratio", "Prefix", "ratio", "Cache hit rate"),
    Column("avg_loop_depth", "Average", "number", "Loop depth"),
    Column("p95_loop_depth", "p95", "number", "Loop depth"),
    Column("unpriced_calls", "Unpriced calls", "count"),
)

SCOPES = (
    Column("feature", "Feature", "text"),
    Column("cost_scope", "Part of", "phrase"),
    Column("calls", "Calls", "count"),
    Column("estimate_usd", "Estimate", "money"),
    Column("share", "Of the feature", "ratio", help="Share of the feature's estimate."),
    Column("unpriced_calls", "Unpriced calls", "count"),
)


def months(rows: list[Row]) -> Table:
    """Show the reporting months, newest first."""
    caption = (
        "Each month's bill beside what our own records explain of it. A month that is not complete"
        " still grows: compare it with care."
    )
    return table("Month by month", caption, MONTHS, rows, role=_open_month, relation="rpt_overview")


def unit_cost(reports: Reports, headline: Row) -> Table:
    """Show one line per task type for the headline month, and one for all types together."""
    return report_table(
        reports,
        f"Unit cost by task type, {month(headline['month'])}",
        "What one finished piece of work costs, next to the four things that move it: how often it"
        " succeeds, which models it uses, what the caches save, and how many rounds it takes.",
        UNIT_COST,
        "reports.rpt_unit_cost_summary"
        " where period_grain = 'month' and period_start = ? and cost_basis = 'estimate'"
        " order by task_type = 'all', cost_usd desc nulls last, task_type",
        (headline["month"],),
        role=_all_role,
    )


def beside_the_product(reports: Reports, headline: Row) -> Table:
    """Show what is not product cost: judges, shadow traffic, tests, other environments."""
    return report_table(
        reports,
        f"Beside the product, {month(headline['month'])}",
        "Calls that serve no customer: judges, shadow traffic, tests, other environments. They are"
        " billed and charged like all others, and stand in no unit cost.",
        SCOPES,
        "reports.rpt_cost_scopes where month = ? and cost_scope <> 'product'"
        " order by estimate_usd desc nulls last, feature, cost_scope",
        (headline["month"],),
        empty="Every call was the product's.",
    )


def _all_role(row: Row) -> str:
    return "total" if row["task_type"] == ALL_TYPES else ""


def _open_month(row: Row) -> str:
    return "" if row["is_complete"] else "open"
