"""What must hold before a month is closed: each check with its number and its cure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import duckdb

from ingest.warehouse.closed_months import Close, current_closes
from pipelines.checks.check import Check
from pipelines.workspace.settings import Settings

ACCEPTABLE = ("bills_complete", "bills_settled", "tie_out", "checks_green")
"""Checks that a person may accept with a reason; the others would make a close wrong."""


def check_close(
    con: duckdb.DuckDBPyConnection, settings: Settings, month: date, closes: Sequence[Close]
) -> list[Check]:
    """Look at a month that is to be closed.

    Args:
        con: the warehouse, built.
        settings: thresholds and lags.
        month: its first day.
        closes: every close so far.
    """
    last_day = month.replace(day=monthrange(month.year, month.month)[1])
    reach = _reach(con)
    return [
        _has_charges(con, month),
        _not_closed(month, closes),
        _in_order(con, settings, month),
        _is_over(reach, last_day),
        _nothing_blocks(con),
        *(
            _with_way_to_accept(check)
            for check in (
                _bills_complete(con, settings, month, last_day),
                _bills_settled(reach, settings, last_day),
                _tie_out(con, settings, month),
                _checks_green(con),
            )
        ),
    ]


def _with_way_to_accept(check: Check) -> Check:
    """The check, its cure with what accepts it."""
    return replace(check, cure=f'{check.cure} (--accept {check.name}="<why>")')


def _reach(con: duckdb.DuckDBPyConnection) -> tuple[date | None, str]:
    """The newest day that the data knows of, and how that is said.

    Calls say it; in a workspace of bills alone the day on which the newest of them came.
    """
    called = con.execute("select as_of_day from raw.run_context").fetchall()[0][0]
    if called is not None:
        return called, f"calls are known up to {called}"
    came = con.execute(
        "select max(landed_at)::date from raw.files where status = 'loaded'"
    ).fetchall()[0][0]
    return came, f"there are no calls, and the newest bill came on {came}"


def with_acceptance(checks: Sequence[Check], accepted: Mapping[str, str]) -> list[Check]:
    """The checks, those that failed and were accepted as warnings with their reason."""
    return [
        Check(
            check.name,
            False,
            f"{check.detail}; accepted: {accepted[check.name]}",
            check.cure,
            is_error=False,
        )
        if check.name in accepted and not check.passed
        else check
        for check in checks
    ]


def _has_charges(con: duckdb.DuckDBPyConnection, month: date) -> Check:
    rows = con.execute(
        "select count(*), coalesce(round(sum(charge_usd), 2), 0) from marts.fct_chargeback"
        " where month = $month",
        {"month": month},
    ).fetchall()
    return Check(
        "has_charges",
        rows[0][0] > 0,
        f"{rows[0][1]:,.2f} USD are charged in {month:%Y-%m}",
        "deliver the month's bills and run `outlay run`",
    )


def _not_closed(month: date, closes: Sequence[Close]) -> Check:
    numbers = [close.number for close in current_closes(closes) if close.month == month]
    return Check(
        "not_closed",
        not numbers,
        f"close {numbers[0]} of {month:%Y-%m} holds" if numbers else f"{month:%Y-%m} is open",
        f"what changed since is charged in the next open month; or `outlay reopen {month:%Y-%m}"
        ' --reason "..."`',
    )


def _in_order(con: duckdb.DuckDBPyConnection, settings: Settings, month: date) -> Check:
    """Closed months have no gap: every earlier month with figures is closed."""
    since = settings.close.first_month.replace(day=1)
    earlier = con.execute(
        "select month, round(sum(charge_usd), 2) from marts.fct_chargeback"
        " where month >= $since and month < $month and close_number is null"
        " group by month order by month",
        {"since": since, "month": month},
    ).fetchall()
    if month < since:
        return Check(
            "in_order",
            False,
            f"months are closed from {since:%Y-%m} on",
            f"set close.first_month to {month} or earlier in outlay.toml, and `outlay run`",
        )
    found = ", ".join(f"{open_month:%Y-%m} ({usd:,.2f} USD)" for open_month, usd in earlier)
    first = f"{earlier[0][0]:%Y-%m}" if earlier else ""
    return Check(
        "in_order",
        not earlier,
        f"still open: {found}" if earlier else "no earlier month is open",
        f"`outlay close {first}` first; or, where nobody books these months, set close.first_month"
        f" to {month} in outlay.toml, and `outlay run`",
    )


def _is_over(reach: tuple[date | None, str], last_day: date) -> Check:
    newest, said = reach
    return Check(
        "is_over",
        newest is not None and newest > last_day,
        f"{said}; the month ends on {last_day}",
        "deliver what comes after the month, and run `outlay run`",
    )


def _nothing_blocks(con: duckdb.DuckDBPyConnection) -> Check:
    rows = con.execute("select count(*) from intermediate.int_blockers").fetchall()[0][0]
    return Check(
        "nothing_blocks",
        not rows,
        f"{rows} rows of the bills must not be published",
        'cure them: outlay sql --warehouse "from intermediate.int_blockers"',
    )


def _bills_complete(
    con: duckdb.DuckDBPyConnection, settings: Settings, month: date, last_day: date
) -> Check:
    """Whoever was called in the month is billed for it, up to its last call."""
    without = list(settings.close.providers_without_bill)
    rows = con.execute(
        """
        with called as (
            select provider, max(utc_day) as last_call, sum(estimate_usd) as estimate_usd
            from marts.fct_usage_daily
            where utc_day between $first and $last and estimate_usd > 0
            group by provider
        ),
        billed as (
            select provider, max(utc_day) as last_billed,
                coalesce(bool_or(utc_day between $first and $last), false) as is_month_billed
            from marts.fct_charges_daily
            group by provider
        )
        select coalesce(called.provider, 'a provider that no log names'), called.last_call,
            billed.last_billed, is_month_billed, called.estimate_usd
        from called left join billed on called.provider is not distinct from billed.provider
        where (billed.last_billed is null or billed.last_billed < called.last_call
            or not is_month_billed)
            and not coalesce(list_contains($without, called.provider), false)
        order by all
        """,
        {"first": month, "last": last_day, "without": without},
    ).fetchall()
    found = "; ".join(
        f"{provider} has calls of {usd:,.2f} USD up to {call}, and "
        + (f"bills up to {billed}" if is_month_billed else "no bill of the month")
        for provider, call, billed, is_month_billed, usd in rows
    )
    declared = f" but {', '.join(without)}, which send no bill" if without else ""
    return Check(
        "bills_complete",
        not rows,
        found or f"every provider that was called is billed{declared}",
        "deliver these bills and run `outlay run`; a provider that sends none (own GPUs) belongs"
        " into close.providers_without_bill of outlay.toml, and `outlay run`; or accept that they"
        " come as adjustments",
    )


def _bills_settled(reach: tuple[date | None, str], settings: Settings, last_day: date) -> Check:
    newest, said = reach
    lags = [limits.lag_days or 0 for limits in settings.tie_out.values()]
    slowest = max([settings.billing_lag_days, *lags])
    due = last_day + timedelta(days=slowest)
    return Check(
        "bills_settled",
        newest is not None and newest >= due,
        f"bills settle {slowest} days after the month, on {due}; {said}",
        f"wait until {due}; or accept that a later bill comes as an adjustment",
    )


def _tie_out(con: duckdb.DuckDBPyConnection, settings: Settings, month: date) -> Check:
    limit = settings.thresholds.tie_out_gap
    rows = con.execute(
        "select provider, coalesce(sum(charge_usd), 0), coalesce(sum(estimate_usd), 0)"
        " from marts.fct_tie_out where date_trunc('month', day) = $month and is_settled"
        " and status <> 'unpriced' group by provider order by provider",
        {"month": month},
    ).fetchall()
    over = [
        f"{provider} billed {charge:,.2f}, estimated {estimate:,.2f} USD"
        for provider, charge, estimate in rows
        if abs(charge - estimate) > limit * max(abs(charge), abs(estimate))
    ]
    return Check(
        "tie_out",
        not over,
        f"{'; '.join(over) or 'every bill ties out'}; allowed {limit:.0%}",
        f"find the cause: outlay sql \"from reports.rpt_tie_out where day >= '{month}'"
        ' order by abs(gap_usd) desc"; or accept it',
    )


def _checks_green(con: duckdb.DuckDBPyConnection) -> Check:
    """The checks of the last run; the tie-out of this very month is looked at on its own."""
    rows = con.execute(
        "select name from ops.checks where not passed and severity = 'error'"
        " and name <> 'tie_out_gap' order by name"
    ).fetchall()
    names = ", ".join(name for (name,) in rows)
    return Check(
        "checks_green",
        not rows,
        f"red in the last run: {names}" if rows else "no check of the last run is red",
        "`outlay status` says what to do; or accept it",
    )
