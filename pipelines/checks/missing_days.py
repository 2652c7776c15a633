"""Missing days: days without a row inside what a source or a provider's bill states every day."""

from __future__ import annotations

import duckdb

from pipelines.checks.check import Check, listed

LOOKED_BACK_DAYS = 35
"""Days up to the newest of a source in which one is missed: five weeks, a month and its close."""

FEWEST_ROWS = 10
"""Rows that each usual day has at least: a source of one call a day has days without any."""

_USUAL_WEEKS = 4
"""Weeks before a day whose same weekday says whether rows are usual: all but one must have some."""


def missing_days(con: duckdb.DuckDBPyConnection) -> Check:
    """No day is missing between others: the same weekday of the weeks before had rows.

    It warns: a gateway that was off for a day is nobody's lost file. Freshness says what is missing
    at the end.
    """
    rows = con.execute(
        f"""
        with stated as (
            select 'calls of source ' || source_name as series, source_name as inbox, utc_day,
                sum(calls) as n
            from marts.fct_usage_daily
            where utc_day >= (select max(utc_day) from marts.fct_usage_daily) - $days
            group by all
            union all
            select 'the bill of ' || provider, '<the source of its bills>', utc_day,
                sum(charge_lines)
            from marts.fct_charges_daily
            where utc_day >= (select max(utc_day) from marts.fct_charges_daily) - $days
            group by all
        ),
        days as (
            select series, inbox, unnest(generate_series(
                greatest(max(utc_day) - {LOOKED_BACK_DAYS}, min(utc_day))::timestamp,
                max(utc_day)::timestamp, interval 1 day
            ))::date as day
            from stated group by series, inbox
        ),
        gaps as (
            select days.* from days
            anti join stated on stated.series = days.series and stated.utc_day = days.day
        )
        select gaps.series, gaps.inbox, gaps.day
        from gaps inner join stated
            on stated.series = gaps.series
            and stated.utc_day in (
                select gaps.day - 7 * w::integer from range(1, {_USUAL_WEEKS + 1}) as weeks (w)
            )
        group by all
        having count(*) >= {_USUAL_WEEKS - 1} and min(stated.n) >= {FEWEST_ROWS}
        order by gaps.series, gaps.day
        """,
        {"days": LOOKED_BACK_DAYS + 7 * _USUAL_WEEKS},
    ).fetchall()
    found: dict[str, list[str]] = {}
    for series, _, day in rows:
        found.setdefault(series, []).append(str(day))
    detail = "; ".join(f"{series}: {listed(days)}" for series, days in found.items())
    inboxes = listed(sorted({f"inbox/{inbox}/" for _, inbox, _ in rows}))
    return Check(
        "missing_days",
        not rows,
        f"no row where that weekday usually has some: {detail}"
        if rows
        else f"no day is missing inside the newest {LOOKED_BACK_DAYS} of any source or bill",
        f"deliver the missing files to {inboxes}; or, where nothing was called on those days,"
        f" leave it: a day is looked at for {LOOKED_BACK_DAYS} days",
        is_error=False,
    )
