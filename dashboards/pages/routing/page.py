"""The routing page: what a router saved and its overrides cost, and what fallbacks came to."""

from __future__ import annotations

from typing import Any

from dashboards.kit.formatting import month
from dashboards.kit.reports import Reports, newest_month
from dashboards.kit.tables import Column, report_table
from dashboards.pages.routing.daily import routing_chart

ROUTING = (
    Column("feature", "Feature"),
    Column("route_decision", "Decision"),
    Column("model_id", "Model"),
    Column("calls", "Calls", "count"),
    Column("share", "Of routed", "ratio"),
    Column("estimate_usd", "Cost", "money"),
    Column("routing_saving_usd", "Saved", "signed_money", help="Against the router's baseline."),
    Column("low_saving_usd", "At least", "signed_money", help="Overridden answers bought nothing."),
    Column("override_ratio", "Overridden", "ratio", help="A dearer model answered next."),
    Column("cold_cache_usd", "Cold caches", "money", help="Read again after a change of model."),
    Column("owner", "Owner"),
)

FALLBACKS = (
    Column("feature", "Feature"),
    Column("task_type", "Task type"),
    Column("fallback_reason", "Reason"),
    Column("tasks", "Tasks", "count"),
    Column("share", "Of tasks", "ratio"),
    Column("fallback_calls", "Answers", "count"),
    Column("usd_per_fallback", "Each", "money", help="Cost of an answer by another model."),
    Column("success_ratio", "Success", "ratio"),
    Column("cost_per_success_usd", "Per success", "money"),
    Column("owner", "Owner"),
)


def routing_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before a call was made."""
    newest = newest_month(reports, "rpt_savings_ledger")
    if newest is None:
        return {"has_data": False}
    return {
        "has_data": True,
        "daily": routing_chart(reports, newest),
        "routing": report_table(
            reports,
            f"Routing in {month(newest)}",
            "Against the model that the router says it would otherwise have taken, the same tokens,"
            " no cache. A dearer answer that follows may be a harder step, or the same one again.",
            ROUTING,
            "reports.rpt_routing where month = ?"
            " order by routing_saving_usd desc nulls last, feature, route_decision, model_id",
            (newest,),
            empty="No source states what a router decided.",
        ),
        "fallbacks": report_table(
            reports,
            f"Fallbacks in {month(newest)}",
            "Closed tasks that another than the chosen model answered, by reason, beside those"
            " without a fallback. An outage hits the hours in which it happens.",
            FALLBACKS,
            "reports.rpt_fallbacks where month = ?"
            " and (task_type, feature) in (select (task_type, feature)"
            " from reports.rpt_fallbacks where month = ? and fallback_reason <> 'none')"
            " order by feature, task_type, fallback_reason = 'none', tasks desc,"
            " fallback_reason",
            (newest, newest),
            empty="No closed task of the month had a fallback.",
        ),
    }
