"""Past days replayed: what calls, or tasks, cost and would have cost, by feature and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb


@dataclass(frozen=True)
class ReplayedDay:
    """One feature on one day.

    Attributes:
        calls: attempts of every kind.
        actual_usd: what the calls with a price cost.
        whatif_usd: what they would have cost; those that the scenario cannot price as they did.
        unjudged_usd: actual cost of these.
        unpriced_calls: calls without a price today; they are in no sum.
        lost_successes: successes beyond a cap; None without one.
    """

    feature: str
    day: date
    calls: int
    actual_usd: Decimal
    whatif_usd: Decimal
    unjudged_usd: Decimal
    unpriced_calls: int
    lost_successes: int | None


def replay_calls(
    con: duckdb.DuckDBPyConnection,
    about: Mapping[str, object],
    cache_ratios: Mapping[str, Decimal],
    again: str,
) -> list[ReplayedDay]:
    """Calls as the warehouse prices them, and as another does, or as they are.

    Args:
        con: sees the warehouse as `old`.
        about: `first` and `last` day of the reporting calendar, and `feature` or None.
        cache_ratios: model, or "" for every other, and the share of input tokens that its prefix
            cache is to read.
        again: as what `con` sees the warehouse that has the scenario's prices.
    """
    con.execute("create temp table ratios (model_id varchar, ratio decimal(9, 6))")
    for model, ratio in cache_ratios.items():
        con.execute("insert into ratios values (nullif($1, ''), $2)", [model, ratio])
    return [ReplayedDay(*row) for row in con.execute(_calls(again), dict(about)).fetchall()]


def replay_capped(
    con: duckdb.DuckDBPyConnection, about: Mapping[str, object], cap: int
) -> list[ReplayedDay]:
    """Closed tasks, by the day on which they closed, cut after some steps.

    Args:
        con: the published file.
        about: as of `replay_calls`.
        cap: steps that a task may have.
    """
    rows = con.execute(_CAPPED, {**about, "cap": cap}).fetchall()
    return [ReplayedDay(*row) for row in rows]


# a call that the scenario cannot price, or that no cache can serve, stays as it was
def _calls(again: str) -> str:
    return f"""
    with sides as (

        select
            coalesce(was.feature, 'unattributed') as feature,
            was.call_date,
            was.estimate_usd as was_usd,
            again.estimate_usd as again_usd,
            again.model_id,
            again.price_key,
            again.service_tier,
            case when again.estimate_usd > 0 then again.input_tokens else 0 end as input_tokens,
            coalesce(again.input_uncached_tokens, 0) as uncached_tokens,
            coalesce(again.cache_read_tokens, 0) as read_tokens
        from old.marts.fct_calls as was
        inner join {again}.marts.fct_calls as again
            on was.utc_day = again.utc_day
            and was.source_name = again.source_name
            and was.call_id = again.call_id
        where was.call_date between $first and $last
            and (cast($feature as varchar) is null
                or coalesce(was.feature, 'unattributed') = $feature)

    ),

    -- what a token costs less when the prefix cache reads it, at the end of the days
    cheaper as (

        select
            price_key,
            service_tier,
            min(input_uncached_usd_per_mtok - cache_read_usd_per_mtok) as usd_per_mtok
        from {again}.intermediate.int_rate_cards
        where region is null and min_input_tokens = 0 and $last >= valid_from and $last < valid_to
        group by price_key, service_tier

    ),

    cached as (

        select
            sides.*,
            -- tokens that the cache reads beyond those that it read; `least` would pass over a NULL
            case
                when coalesce(own.ratio, every.ratio) is null then 0
                else greatest(
                    least(
                        cast(coalesce(own.ratio, every.ratio) * sides.input_tokens as bigint)
                        - sides.read_tokens,
                        sides.uncached_tokens
                    ),
                    -sides.read_tokens
                )
            end as moved_tokens,
            coalesce(cheaper.usd_per_mtok, 0) as cheaper_usd_per_mtok
        from sides
        left join ratios as own on sides.model_id = own.model_id
        left join ratios as every on every.model_id is null
        left join cheaper
            on sides.price_key = cheaper.price_key
            and sides.service_tier = cheaper.service_tier

    ),

    final as (

        select
            *,
            cast(coalesce(
                again_usd - cast(moved_tokens as decimal(12, 0)) * cheaper_usd_per_mtok * 0.000001,
                was_usd
            ) as decimal(18, 9)) as whatif_usd
        from cached

    )

    select
        feature,
        call_date,
        count(*) as calls,
        coalesce(sum(was_usd), 0) as actual_usd,
        coalesce(sum(whatif_usd) filter (where was_usd is not null), 0) as whatif_usd,
        coalesce(sum(was_usd) filter (where again_usd is null), 0) as unjudged_usd,
        count(*) filter (where was_usd is null) as unpriced_calls,
        cast(null as bigint) as lost_successes
    from final
    group by feature, call_date
"""


_CAPPED = """
    select
        feature,
        closed_date,
        cast(sum(calls) as bigint),
        sum(estimate_usd),
        coalesce(sum(estimate_usd) filter (where step <= $cap), 0),
        cast(0 as decimal(28, 9)),
        cast(sum(unpriced_calls) as bigint),
        cast(coalesce(sum(successes_ended) filter (where step > $cap), 0) as bigint)
    from marts.fct_task_steps_daily
    where closed_date between $first and $last
        and (cast($feature as varchar) is null or feature = $feature)
    group by feature, closed_date
"""
