"""What a reader must know before using a page: the month it begins with, and what is not known."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.kit.formatting import day, month, ratio
from dashboards.kit.reports import Reports, month_shown
from dashboards.kit.tables import tooltip


@dataclass(frozen=True)
class Known:
    """One thing of the strip: what it is, its figure, and what that means."""

    name: str
    figure: str
    help: str


def coverage(reports: Reports) -> list[Known]:
    """The strip of every page; [] for an empty warehouse."""
    start = month_shown(reports)
    rows = reports.rows(
        "select month, is_complete, last_call_day, last_billed_day, estimated_ratio,"
        " unpriced_ratio, unallocated_ratio, unattributed_ratio,"
        " max(last_call_day) over () as newest_call_day,"
        " max(last_billed_day) over () as newest_billed_day from reports.rpt_overview"
        " qualify month = ?",
        (start,),
    )
    if not rows:
        return []
    (row,) = rows
    shares = (
        ("Estimated", "estimated_ratio", "Of its spend: no bill has come, the estimate stands in."),
        ("Unpriced", "unpriced_ratio", "Of its calls: no price is known, they add nothing."),
        ("Unallocated", "unallocated_ratio", "Of its bill: no call explains it."),
        ("Untagged", "unattributed_ratio", "Of its bill: calls that name no feature."),
    )
    return [
        Known("Month", month(row["month"]), _whole(row["is_complete"])),
        Known(
            "Calls to", day(row["newest_call_day"]), "Newest day of which calls are in the data."
        ),
        Known("Bills to", day(row["newest_billed_day"]), "Newest day of which a bill is there."),
        *(
            Known(name, ratio(row[field]), tooltip(row[field], ratio(row[field])) or means)
            for name, field, means in shares
        ),
    ]


def _whole(is_complete: bool) -> str:
    if is_complete:
        return "The newest month whose days are all in the data and billed; pages begin with it."
    return "No month is complete yet: its figures will still change."
