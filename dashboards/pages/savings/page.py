"""The savings page: what was saved, each dollar once, which caches pay, and what could wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.kit.formatting import exact_money, money, month
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, fields, report_table, table
from dashboards.kit.theme import Chart, chart, month_bars, styles

MONTHS_SHOWN = 13

LARGEST = 12
"""Rows of work that could wait."""

LEVERS: Mapping[str, str] = {
    "prefix_cache": "Provider's prefix cache",
    "response_cache": "Gateway's cache",
    "service_tier": "Batch and other tiers",
    "routing": "Routing",
    "interaction": "Interaction",
}
"""Levers in the order in which they are shown."""

LEDGER = (
    Column("month", "Month", "month"),
    *(Column(lever, words, "signed_money") for lever, words in LEVERS.items()),
    Column("total", "All together", "signed_money"),
    Column(
        "low_usd", "At least", "signed_money", help="Without what the gateway's cache answered."
    ),
    Column("estimate_usd", "Cost as it was", "money"),
    Column(
        "unjudged_calls", "Calls not judged", "count", help="Without a price, or a standard one."
    ),
)

CACHES = (
    Column("layer", "Cache", "phrase"),
    Column("provider", "Provider"),
    Column("model_id", "Model"),
    Column("hit_ratio", "Hit rate", "ratio", help="Of input tokens, or of answered calls."),
    Column("break_even_ratio", "Pays from", "ratio", help="Hit rate that pays for its writes."),
    Column("write_premium_usd", "Writes cost", "money", help="Beyond plain input."),
    Column("net_saving_usd", "Saved, net", "signed_money"),
    Column("verdict", "Verdict"),
)

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

THRESHOLDS = (
    Column("feature", "Feature"),
    Column("task_type", "Task type"),
    Column("threshold_percent", "From, %", "count", help="Least similarity of a semantic hit."),
    Column("tasks", "Tasks", "count"),
    Column("failure_ratio", "Fail", "ratio"),
    Column("other_failure_ratio", "Otherwise", "ratio", help="Tasks without a semantic hit."),
    Column("saved_usd", "Saved", "money"),
    Column("extra_failures_usd", "Failures cost", "money"),
    Column("net_saving_usd", "Net", "signed_money"),
    Column("verdict", ""),
)

AUDIT = (
    Column("feature", "Feature"),
    Column("layer", "Cache", "phrase"),
    Column("finding", "Finding", "phrase"),
    Column("hits", "Hits", "count"),
    Column("found_hits", "Found", "count"),
    Column("found_ratio", "Of stated", "ratio"),
    Column("unstated_hits", "Not stated", "count"),
    Column(
        "longest_lag_minutes",
        "Minutes",
        "count",
        help="After what they are made from was published anew, of the last stale one.",
    ),
    Column("owner", "Owner"),
)

MISSED = (
    Column("feature", "Feature"),
    Column("model_id", "Model"),
    Column("hashed_calls", "Calls", "count", help="Their prompt has a hash."),
    Column("ideal_hit_ratio", "Repeat", "ratio", help="An ideal cache of the day answers these."),
    Column("hit_ratio", "Answered", "ratio", help="By the cache."),
    Column("missed_calls", "Missed", "count"),
    Column("missed_usd", "They cost", "money"),
    Column("owner", "Owner"),
)

OFFLOAD = (
    Column("feature", "Feature"),
    Column("model_id", "Model"),
    Column("offload_tier", "Tier"),
    Column("calls", "Calls", "count", help="They state that nobody waits for the answer."),
    Column("standard_usd", "Cost as it was", "money"),
    Column("offload_saving_usd", "At stake", "signed_money"),
    Column(
        "unstated_saving_usd",
        "More, at most",
        "signed_money",
        help="Of calls that do not state whether somebody waits.",
    ),
    Column("stated_ratio", "Stated", "ratio", help="Share of calls that say whether one waits."),
    Column("owner", "Owner"),
)


def savings_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before a call was made."""
    rows = reports.rows(
        "select month, lever, saved_usd, low_usd, estimate_usd, unjudged_calls"
        " from reports.rpt_savings_ledger order by month"
    )
    if not rows:
        return {"has_data": False}
    months = sorted({row["month"] for row in rows})[-MONTHS_SHOWN:]
    newest = months[-1]
    return {
        "has_data": True,
        "ledger": table(
            "What was saved",
            "Each lever alone; where a cache and a cheaper tier work on the same tokens, each is"
            " worth less beside the other, which is the interaction. Negative: it cost more than it"
            " saved. Whether a call that the gateway's cache answered would have been made without"
            " it, nobody knows: at least, it saved nothing.",
            LEDGER,
            [_of_month(rows, of) for of in reversed(months)],
        ),
        "months": _chart(rows, months),
        "caches": report_table(
            reports,
            f"Caches in {month(newest)}",
            "Net of what writing them cost. A prefix cache pays from the hit rate at which reads"
            " save just what the writes of the month cost.",
            CACHES,
            "reports.rpt_cache_value where month = ?"
            " order by net_saving_usd desc nulls last, layer, provider, model_id",
            (newest,),
            empty="No call of the month read or wrote a cache.",
        ),
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
        **_cache_quality(reports, newest),
        "offload": report_table(
            reports,
            f"Work that could wait in {month(newest)}",
            "Calls at the standard tier for which nobody waited, at their model's batch or flex"
            " prices, the largest first. Tiers are alternatives: their savings do not add up.",
            OFFLOAD,
            "reports.rpt_offload where month = ?"
            " and (calls > 0 or unstated_calls > 0)"
            " order by offload_saving_usd desc, unstated_saving_usd desc, feature, model_id,"
            f" offload_tier limit {LARGEST}",
            (newest,),
            empty="No call of the month could have waited, or its model has no cheaper tier.",
        ),
    }


def _cache_quality(reports: Reports, newest: dt.date) -> dict[str, Any]:
    """Tables of what the gateway's cache answers wrongly, should not answer, and misses."""
    verdict = "case when is_recommended then 'recommended' end as verdict"
    return {
        "thresholds": table(
            "Similarity of semantic hits",
            "Closed tasks of all months whose least similar hit is at least so similar. Failures"
            " beyond those of tasks without a hit cost what a success costs otherwise.",
            THRESHOLDS,
            reports.rows(
                f"select {fields(THRESHOLDS).replace('verdict', verdict)}"
                " from reports.rpt_cache_thresholds order by feature, task_type, threshold_percent"
            ),
            empty="No source states how similar a semantic hit was.",
        ),
        "audit": report_table(
            reports,
            f"Answers kept and shared in {month(newest)}",
            "Answers that a gateway's cache gave again: made for another customer though the entry"
            " is not meant for all, kept for ever, kept as they are, or made before what they are"
            " made from was published anew.",
            AUDIT,
            "reports.rpt_cache_audit where month = ?"
            " and (found_hits > 0 or unstated_hits > 0) order by found_hits desc, feature,"
            " layer, finding",
            (newest,),
            empty="Nothing is wrong with the answers of the month.",
        ),
        "missed": report_table(
            reports,
            f"Prompts asked again in {month(newest)}",
            "The same prompt to the same model on the same UTC day.",
            MISSED,
            "reports.rpt_missed_caches where month = ?"
            " order by missed_usd desc nulls last, feature, model_id",
            (newest,),
            empty="No prompt has a hash.",
        ),
    }


def _of_month(rows: Sequence[Row], of: dt.date) -> dict[str, Any]:
    """The levers of a month side by side."""
    own = {row["lever"]: row for row in rows if row["month"] == of}
    saved = {lever: row["saved_usd"] for lever, row in own.items()}
    return {**own["total"], **saved}


def _chart(rows: Sequence[Row], months: Sequence[dt.date]) -> Chart:
    look = styles(LEVERS.values())
    of_lever = {
        lever: [(row["month"], row["saved_usd"], _hover(words, row))
                for row in rows if row["lever"] == lever and row["month"] in months]
        for lever, words in LEVERS.items()
    }  # fmt: skip
    figure = month_bars((LEVERS[of], look[LEVERS[of]], bars) for of, bars in of_lever.items())
    figure.update_layout(barmode="relative")
    return chart(
        "savings-months",
        "Savings by month",
        "Levers above the line saved; below it they cost. Together they are the total.",
        figure,
    )


def _hover(words: str, row: Row) -> str:
    return (
        f"<b>{words}</b><br>{month(row['month'])}: {money(row['saved_usd'])}"
        f" ({exact_money(row['saved_usd'])})"
    )
