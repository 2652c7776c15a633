"""The caches page: what caches save net, answer wrongly, should not answer, and miss."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dashboards.kit.formatting import month
from dashboards.kit.reports import Reports, newest_month
from dashboards.kit.tables import Column, Table, fields, report_table, table
from dashboards.pages.caches.daily import cache_chart

LARGEST = 12
"""Writing calls that are listed, the dearest first."""

CACHES = (
    Column("layer", "Cache", "phrase"),
    Column("provider", "Provider"),
    Column("model_id", "Model"),
    Column("hit_ratio", "Hit rate", "ratio", help="Of input tokens, or of answered calls."),
    Column("break_even_ratio", "Pays from", "ratio", help="Hit rate that pays for its writes."),
    Column("stale_ratio", "Stale", "ratio", help="Made before what it is made from changed."),
    Column("saved_usd", "Hits saved", "signed_money"),
    Column("write_premium_usd", "Writes cost", "money", help="Beyond plain input."),
    Column(
        "wrong_answers_usd",
        "Wrong cost",
        "money",
        help="Stale answers, and failures beyond the usual after semantic hits.",
    ),
    Column("net_saving_usd", "Saved, net", "signed_money"),
    Column("verdict", "Verdict"),
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

PREFIXES = (
    Column("feature", "Feature"),
    Column("prompt_name", "Prompt"),
    Column("prompt_version", "Version"),
    Column("previous_version", "After"),
    Column("model_id", "Model"),
    Column("change_event", "Released by"),
    Column("prefixes", "Starts", "count", help="Different beginnings on one day, at most."),
    Column("missed_calls", "Calls", "count"),
    Column("ideal_hit_ratio", "Before", "ratio", help="Share of input tokens that was read."),
    Column("hit_ratio", "Read", "ratio", help="Share of input tokens that is read."),
    Column("missed_usd", "It cost", "money", help="Tokens that would have been read before."),
    Column("owner", "Owner"),
)

WRONG = (
    Column("feature", "Feature"),
    Column("cache_source_call_id", "Written by call"),
    Column("cache_source_tenant_id", "For"),
    Column("model_id", "Model"),
    Column("written_at", "At", "moment"),
    Column("tasks", "Tasks", "count", help="That were given its answer."),
    Column("failures", "Failed", "count"),
    Column("other_failure_ratio", "Otherwise", "ratio", help="Share of other tasks that fail."),
    Column("extra_failures_usd", "They cost", "money"),
    Column(
        "is_beyond_chance",
        "Beyond chance",
        "yes_no",
        help="In at most 2.5 % of cases chance does so to any of them.",
    ),
)


def caches_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before a call was made."""
    newest = newest_month(reports, "rpt_savings_ledger")
    if newest is None:
        return {"has_data": False}
    return {
        "has_data": True,
        "daily": cache_chart(reports, newest),
        **_tables(reports, newest),
    }


def _tables(reports: Reports, newest: dt.date) -> dict[str, Table]:
    verdict = "case when is_recommended then 'recommended' end as verdict"
    return {
        "caches": report_table(
            reports,
            f"Caches in {month(newest)}",
            "Net of what writing them and wrong answers cost. A prefix cache pays from the hit rate"
            " at which reads save just what the writes of the month cost.",
            CACHES,
            "reports.rpt_cache_value where month = ?"
            " order by net_saving_usd desc nulls last, layer, provider, model_id",
            (newest,),
            empty="No call of the month read or wrote a cache.",
        ),
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
            relation="rpt_cache_thresholds",
        ),
        "wrong": report_table(
            reports,
            "Where wrong answers come from",
            "Calls whose answers a cache gave to tasks of which two or more failed, in the newest"
            " 90 days. Failures beyond those of other tasks cost what a success costs.",
            WRONG,
            f"reports.rpt_wrong_answers order by extra_failures_usd desc nulls last, feature,"
            f" task_type, layer, cache_source_call_id limit {LARGEST}",
            empty="No answer was given to two tasks that failed, or nobody states who wrote it.",
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
            "reports.rpt_missed_caches where month = ? and cause = 'repeated_prompt'"
            " order by missed_usd desc nulls last, feature, model_id",
            (newest,),
            empty="No prompt has a hash.",
        ),
        "prefixes": table(
            "Prompts that begin anew",
            "Versions whose static start is another, and of whose tokens the provider's cache held"
            " a quarter less than of the version before: what it cost beside its last seven days."
            f" The newest {LARGEST} months and models.",
            PREFIXES,
            reports.rows(
                f"select {fields(PREFIXES)} from reports.rpt_missed_caches"
                " where cause = 'prefix_changed' order by month desc, missed_usd desc nulls last,"
                f" feature, prompt_name, prompt_version, model_id limit {LARGEST}"
            ),
            empty="No version of a prompt lost the provider's cache, or nobody hashes their start.",
            relation="rpt_missed_caches",
        ),
    }
