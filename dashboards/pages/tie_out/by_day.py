"""Where a gap sits: bill against estimate by provider and month, and the widest days."""

from __future__ import annotations

import datetime as dt

from dashboards.kit.formatting import month
from dashboards.kit.reports import Reports
from dashboards.kit.tables import Column, Table, report_table

MONTHS_SHOWN = 6
"""Newest months by provider: two quarters."""

LARGEST_GAPS = 10

TIE_OUT = (
    Column("provider", "Provider"),
    Column("month", "Month", "month"),
    Column("charge_usd", "Billed", "money"),
    Column("estimate_usd", "Estimate", "money"),
    Column("gap_usd", "Gap", "signed_money"),
    Column("gap_ratio", "Gap %", "signed_ratio"),
    Column("days_settled", "Days billed", "count"),
    Column("days_open", "Days open", "count", help="Days whose bill has not arrived yet."),
    Column("status", "Status", "phrase"),
)

GAPS = (
    Column("day", "Day", "day"),
    Column("provider", "Provider"),
    Column("model", "Model"),
    Column("calls", "Calls", "count"),
    Column("charge_usd", "Billed", "money"),
    Column("estimate_usd", "Estimate", "money"),
    Column("gap_usd", "Gap", "signed_money"),
    Column("gap_ratio", "Gap %", "signed_ratio"),
    Column("status", "Status", "phrase"),
)


def by_provider_and_month(reports: Reports) -> Table:
    """Show bill against estimate of usage, newest month first."""
    return report_table(
        reports,
        "Tie-out by provider and month",
        "Does the bill agree with our own records? Tied means yes, within the agreed tolerance."
        " The page Definitions explains the other words.",
        TIE_OUT,
        "reports.rpt_tie_out_summary where month in (select distinct month"
        " from reports.rpt_tie_out_summary order by 1 desc limit ?)"
        " order by month desc, provider",
        (MONTHS_SHOWN,),
    )


def largest_gaps(reports: Reports, shown: dt.date) -> Table:
    """Show where a month's gap sits: its widest settled days by provider and model."""
    return report_table(
        reports,
        f"Largest gaps, {month(shown)}",
        "The days and models to ask about first, widest gap first.",
        GAPS,
        "reports.rpt_tie_out where is_settled and date_trunc('month', day) = ?"
        " and gap_usd <> 0 order by abs(gap_usd) desc, day, provider, model limit ?",
        (shown, LARGEST_GAPS),
        empty="No gaps on billed days.",
    )
