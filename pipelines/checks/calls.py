"""What sources state of calls and the warehouse cannot use as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import duckdb

from ingest.reference.charging.fx_rates import FX_RATES, NATIONAL
from pipelines.checks.check import RECENT_DAYS, Check, listed
from pipelines.workspace.settings import Settings

_SHOWN = 5
"""Rows that a cure spells out; the next run names the others."""


def reported_cost_gap(con: duckdb.DuckDBPyConnection, settings: Settings) -> Check:
    """Costs that sources state themselves, of the newest days, against the estimate."""
    limit = settings.thresholds.reported_cost_gap
    rows = con.execute(
        """
        select source_name, sum(greatest(estimate_usd, reported_usd)),
            sum(case when is_outside_band then abs(gap_usd) else 0 end)
        from marts.fct_reported_cost_daily
        where utc_day > (select max(utc_day) from marts.fct_reported_cost_daily) - $days
        group by source_name
        order by 3 desc, 1
        """,
        {"days": RECENT_DAYS},
    ).fetchall()
    over = [source for source, usd, gap in rows if gap > limit * usd]
    detail = ", ".join(f"{source} ${gap:,.2f} of ${usd:,.2f}" for source, usd, gap in rows if gap)
    return Check(
        "reported_cost_gap",
        not over,
        f"costs stated by sources, of the newest {RECENT_DAYS} days, that differ from the"
        f" estimate: {detail or 'none'}; allowed {limit:.0%} of a source",
        f'see model, direction and likely reason of {listed(over)}: outlay sql "from'
        ' reports.rpt_reported_cost where days_off > 0 order by abs(gap_usd) desc"; correct'
        " config/prices.csv, the source's settings or the gateway's own prices",
    )


def conflicting_tasks(con: duckdb.DuckDBPyConnection) -> Check:
    """Calls of the newest days of which two sources name different tasks: one of them counts."""
    name = "conflicting_tasks"
    looked_at = f"calls of the newest {RECENT_DAYS} days of which two sources name different tasks"
    newest = con.execute("select max(utc_day) from marts.fct_usage_daily").fetchall()[0][0]
    # the day as a literal: calls of other days are not read
    recent = f"utc_day > date '{newest or date.min}' - {RECENT_DAYS}"
    rows = con.execute(
        f"""
        with calls as (
            select utc_day, source_name, call_id, task_id from marts.fct_calls where {recent}
        ),
        dropped as (
            select * from marts.fct_duplicate_calls
            where {recent} and task_id is not null and source_name <> kept_source_name
        )
        select calls.source_name, dropped.source_name, count(*),
            arg_min(struct_pack(call := calls.call_id, task := calls.task_id,
                other := dropped.task_id), (calls.utc_day, calls.call_id))
        from dropped
        inner join calls
            on dropped.kept_utc_day = calls.utc_day
            and dropped.kept_source_name = calls.source_name
            and dropped.kept_call_id = calls.call_id
        where calls.task_id <> dropped.task_id
        group by 1, 2
        order by 3 desc, 1, 2
        """
    ).fetchall()
    shown = [
        f"{kept} and {other} of {count:,} (of {example['call']} counts {example['task']}, not"
        f" {example['other']})"
        for kept, other, count, example in rows
    ]
    if not rows:
        return Check(name, True, f"{looked_at}: none")
    kept, other = rows[0][:2]
    return Check(
        name,
        False,
        f"{looked_at}: {listed(shown, 3)}",
        f"in config/sources/{other}.toml give as `task_id` the place of the task that {kept} names,"
        f" or the trace's id, which names none; where {other} is right, give it the lower"
        f" `precedence` and do so in config/sources/{kept}.toml",
        is_error=False,
    )


def unconverted_costs(con: duckdb.DuckDBPyConnection, settings: Settings) -> Check:
    """Costs that sources state in a currency without an exchange rate: in dollars unknown.

    Red where a row cures it; a currency that is no country's has no rate, and warns.
    """
    name = "unconverted_costs"
    days = con.execute(
        "select distinct utc_day from marts.fct_usage_daily where unconverted_calls > 0 order by 1"
    ).fetchall()
    if not days:
        return Check(name, True, "every cost that a source states is in dollars or has a rate")
    # the days as literals: the roll-up knows which, so no other day's calls are read
    literals = ", ".join(f"date '{day}'" for (day,) in days)
    rows = con.execute(
        "select source_name, reported_currency, utc_day, count(*) from marts.fct_calls"
        " where reported_cost is not null and reported_cost_usd is null"
        f" and utc_day in ({literals}) group by all order by all"
    ).fetchall()
    calls: dict[tuple[str, str | None], int] = {}
    without: dict[str, set[date]] = {}
    for source, currency, day, count in rows:
        calls[source, currency] = calls.get((source, currency), 0) + count
        if currency in NATIONAL:
            without.setdefault(currency, set()).add(day)
    found = ", ".join(
        f"{source}: {count:,} in {currency or 'no currency'}"
        for (source, currency), count in calls.items()
    )
    needed = [
        f"{currency},{day},<US dollars for one {currency}>,<who says so>"
        for currency, of_currency in sorted(without.items())
        for day in _rate_days(of_currency, settings.fx_max_age_days)
    ]
    others = [currency for _, currency in calls if currency not in NATIONAL]
    more = f" and {len(needed) - _SHOWN} more" if len(needed) > _SHOWN else ""
    cures = [f"add to {FX_RATES.file}: {'; '.join(needed[:_SHOWN])}{more}"] if needed else []
    if others:
        cures.append(
            "a virtual currency has no rate: leave its cost out of the source's settings, or let"
            " the source name an ISO 4217 code"
        )
    return Check(
        name,
        False,
        f"calls whose cost is stated in a currency without an exchange rate: {found}",
        "; ".join(cures),
        is_error=bool(needed),
    )


def _rate_days(days: Iterable[date], max_age_days: int) -> Iterator[date]:
    """The fewest days on which a rate is needed so that one holds on all of them."""
    holds_until = date.min
    for day in sorted(days):
        if day > holds_until:
            yield day
            holds_until = day + timedelta(days=max_age_days)
