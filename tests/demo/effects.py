"""How each planted effect of the demo is found in what is published: its first day and its size.

A finder looks without knowing the day: it says on which day the marts and reports show the effect.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ingest.demo.company.incidents import FALLBACK_STORM, RUNAWAY
from ingest.demo.company.prices import LARGE

Query = Callable[[str], list[tuple[Any, ...]]]
"""Rows of a published file."""

_CAUSE = """
select min(changed_date), any_value({size}) from reports.rpt_prompts
left join marts.fct_change_events using (feature)
where prompt_version = '{version}' and version = '{version}'
"""

_PAYBACK = "select paid_back_date, one_off_usd from reports.rpt_payback where task_type = '{type}'"

FINDERS = {
    # the week of the largest effect, and what the minutes of a ticket are after it and before
    "human_minutes": """
        with week as (
            select arg_max(period_start, abs(effect_usd)) as day from reports.rpt_cost_bridge
            where period_grain = 'week' and dimension = 'task_type' and member = 'support_ticket'
                and measure = 'cost_per_success_with_people' and driver = 'human_minutes'
        )
        select day, sum(human_minutes) filter (closed_date >= day) / sum(human_tasks)
                filter (closed_date >= day)
            - sum(human_minutes) filter (closed_date < day)
                / sum(human_tasks) filter (closed_date < day)
        from marts.fct_task_costs_daily cross join week
        where task_type = 'support_ticket' group by day
        """,
    "prompt_length sup-11": _CAUSE.format(version="sup-11", size="saved_tokens"),
    "prompt_length cap-4": _CAUSE.format(version="cap-4", size="saved_tokens"),
    "compression": """
        select
            (select min(call_date) from marts.fct_usage_daily where compression_stated_calls > 0),
            sum(saved_usd)
        from reports.rpt_savings_ledger where lever = 'compression'
        """,
    "cache_sharing": """
        select (select min(utc_day) from marts.fct_cache_transfers), sum(net_usd)
        from reports.rpt_cache_sharing where dimension = 'tenant' and net_usd > 0
        """,
    **{
        f"payback {name}": _PAYBACK.format(type=name)
        for name in ("support_ticket", "invoice", "contract")
    },
    **{
        f"fee {fee}": f"""
            select (select min(utc_day) from marts.fct_charges_daily where cost_type = '{fee}'),
                sum(charge_usd)
            from reports.rpt_fees where cost_type = '{fee}'
            """
        for fee in ("image_models", "audio_models", "file_search")
    },
    **{
        f"{dimension} {member}": f"""
            select (select min(call_date) from marts.fct_usage_daily where {test}),
                sum(modifier_usd)
            from reports.rpt_price_modifiers
            where dimension = '{dimension}' and member = '{member}'
            """
        for dimension, member, test in (
            ("service_tier", "batch", "service_tier = 'batch'"),
            ("service_tier", "flex", "service_tier = 'flex'"),
            ("service_tier", "priority", "service_tier = 'priority'"),
            ("region", "us", "price_region = 'us'"),
            ("context_window", "from 272001 tokens", "price_from_tokens > 0"),
        )
    },
    # a day of work on which the gateway's cache answered least
    "gateway_cache_outage": """
        select day, hits from reports.rpt_cache_daily
        where layer = 'gateway' and lookups > 20 order by hits * 1.0 / lookups, day limit 1
        """,
    "price_cut": """
        select min(utc_day), sum(reported_usd) / sum(estimate_usd) from marts.fct_usage_daily
        where utc_day in (select utc_day from marts.fct_reported_cost_daily where is_outside_band)
            and (utc_day, model_id) in (
                select (utc_day, model_id) from marts.fct_reported_cost_daily where is_outside_band)
        """,
    "prefix_cache_break": """
        select (select min(changed_date) from marts.fct_change_events
                where change_event = any_value(missed.change_event)), sum(missed.missed_usd)
        from reports.rpt_missed_caches as missed where missed.cause = 'prefix_changed'
        """,
    # the version that succeeds least
    "success_regression": """
        select first_closed_date, success_ratio from reports.rpt_prompts
        where feature = 'invoice_capture' order by success_ratio limit 1
        """,
    # tasks several times as deep as any other
    "runaway_loop": f"""
        select min(cast(started_at as date)), sum(estimate_usd) from marts.fct_tasks
        where feature = '{RUNAWAY.scope["feature"]}'
            and loop_depth > 3 * (select median(loop_depth) from marts.fct_tasks
                where feature = '{RUNAWAY.scope["feature"]}')
        """,
    # hours in which the large model answers most of what the mid one was asked
    "fallback_storm": f"""
        with hours as (
            select utc_day,
                sum(calls) filter (model_id = '{LARGE}' and feature is not null) as fell,
                sum(calls) filter (model_id = '{FALLBACK_STORM.scope["model"]}') as calls
            from marts.fct_usage_hourly group by utc_day, utc_hour
            having fell > 0.5 * calls and calls >= 20
        )
        select min(utc_day), sum(fell) / sum(calls) from hours
        """,
    # hours in which nobody's calls of the large model are most
    "leaked_key": f"""
        with hours as (
            select utc_day, utc_hour, sum(calls) as calls from marts.fct_usage_hourly
            where model_id = '{LARGE}' and feature is null and tenant_id is null group by all
        )
        select utc_day, sum(calls) from hours group by utc_day
        order by max(calls) desc limit 1
        """,
    **{
        f"queue_backlog{again}": f"""
            select cast(min(utc_hour) as date), max(queue_depth_max)
            from marts.fct_operations_hourly
            where queue_depth_max > 120 and utc_hour {side} '2026-09-15'
            """
        for again, side in {"": "<", "_again": ">="}.items()
    },
    **{
        f"refused_and_{name}": f"""
            select cast(min(first_at) as date), sum({column}) / sum(requests)
            from reports.rpt_cap_audit where direction = 'refused'
            """
        for name, column in {
            "answered": "answered_requests", "broken": "server_error_requests",
        }.items()
    },
    "new_key": """
        select cast(min(started_at) as date), (
            select sum(calls) from marts.fct_key_usage_daily
            where api_key_id = any_value(incidents.member)
        ) from reports.rpt_incidents as incidents where measure = 'new_member'
        """,
    "month_in_a_day": """
        select utc_day, sum(estimate_usd) from marts.fct_usage_daily
        where feature = 'proposal_writer' group by utc_day order by 2 desc limit 1
        """,
}  # fmt: skip
"""Of each effect one query, whose row is the day and the size."""

ROOM_DAYS = 1
"""A day of UTC is two of the reporting calendar, and what closes first has begun before."""


def missed(query: Query, planted: dict[str, Any]) -> str | None:
    """What is wrong with how a planted effect is found; None when its day and size are."""
    found = query(FINDERS[planted["name"]])
    if len(found) != 1 or None in found[0]:
        return f"{planted['name']}: found {found}"
    day, size = found[0]
    expected = float(planted["size"])
    off_days = abs((day - date.fromisoformat(planted["date"])).days)
    if off_days > ROOM_DAYS or abs(float(size) - expected) > 0.1 * abs(expected):
        return f"{planted['name']}: planted {planted['date']} {expected}, found {day} {size}"
    return None
