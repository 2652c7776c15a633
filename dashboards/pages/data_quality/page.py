"""The data quality page: what could not be read, what checks found, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, fields, report_table, table

EXAMPLES = 10
"""Quarantined rows and failed files that are shown as examples."""

LEFT_OUT_SHOWN = 30
"""Lines of what was left out: some months of some sources; few have more than a line a month."""

CHECKS = (
    Column("name", "Check"),
    Column("severity", "Severity"),
    Column("detail", "What was found"),
    Column("cure", "What to do"),
)

SOURCES = (
    Column("source_name", "Source"),
    Column("format", "Format"),
    Column("last_day", "Last day", "day"),
    Column("days_behind", "Days behind", "count", help="Behind the newest day of any source."),
    Column("files_loaded", "Files loaded", "count"),
    Column("files_failed", "Files failed", "count"),
    Column("rows_loaded", "Rows loaded", "count"),
    Column("rows_quarantined", "Rows quarantined", "count"),
    Column("last_landed_at", "Last arrival", "moment"),
)

UNMAPPED = (
    Column("provider", "Provider"),
    Column("model", "Name on the bill or in the log"),
    Column("charge_lines", "Bill lines", "count"),
    Column("charge_usd", "Billed", "money"),
    Column("calls", "Calls", "count"),
    Column("first_day", "First day", "day"),
    Column("last_day", "Last day", "day"),
)

LEFT_OUT = (
    Column("month", "Month", "month"),
    Column("source_name", "Source"),
    Column("kind", "Kind", help="Another record of the same call counts, or it is no call."),
    Column("reason", "Reason"),
    Column("files", "Files", "count"),
    Column("records", "Records", "count"),
    Column("input_tokens", "Tokens in", "count", "What these records state"),
    Column("output_tokens", "Tokens out", "count", "What these records state"),
    Column(
        "unclassified_tokens",
        "Other tokens",
        "count",
        "What these records state",
        "Under a name that no reader knows.",
    ),
    Column("reported_usd", "Own cost", "money", "What these records state"),
)

QUARANTINE = (
    Column("source_name", "Source"),
    Column("source_file", "File"),
    Column("source_line", "Line"),
    Column("field", "Field"),
    Column("reason", "Reason"),
)

FAILED_FILES = (
    Column("source_name", "Source"),
    Column("source_file", "File"),
    Column("reason", "Reason"),
)


COVERAGE = (
    Column("month", "Month", "month"),
    Column("is_complete", "Complete", "yes_no", help="All days are in the data and billed."),
    Column("charge_usd", "Billed", "money"),
    Column("estimate_usd", "Estimate", "money"),
    Column("unallocated_ratio", "Of the bill", "ratio", "Unallocated"),
    Column("unallocated_usd", "Billed", "money", "Unallocated"),
    Column("unattributed_usd", "Charged", "money", "Without a feature"),
    Column("unpriced_ratio", "Of calls", "ratio", "Unpriced"),
    Column("unpriced_calls", "Calls", "count", "Unpriced"),
    Column("pending_tasks", "Pending", "count", "Tasks"),
    Column("unknown_tasks", "No verdict", "count", "Tasks"),
)

MONTHS_SHOWN = 13


def data_quality_page(reports: Reports) -> dict[str, Any]:
    """Collect what the data quality template prints: checks, coverage, sources, what was left."""
    sources = reports.rows(
        f"select {fields(SOURCES)} from reports.rpt_source_health order by source_name"
    )
    return {
        "has_data": True,
        "coverage": report_table(
            reports,
            "Coverage by month",
            "How much of each month stands on something else than a bill and a named payer."
            " Unallocated is what the bill charges and no call explains; without a feature is what"
            " is charged for calls that name none. Showback's line by feature is the two together.",
            COVERAGE,
            "reports.rpt_overview order by month desc limit ?",
            (MONTHS_SHOWN,),
        ),
        "last_run": _last_run(reports),
        "failed_checks": table(
            "Checks that failed",
            "What the last run found wrong, and what cures it. The figures of all pages stand as"
            " they are until then.",
            CHECKS,
            _ops(reports, "checks", CHECKS, "not passed", "severity, name", limit=None),
            role=lambda row: "attention" if row["severity"] == "error" else "",
            empty="Every check passed." if reports.has_table("ops", "checks") else "No checks yet.",
        ),
        "sources": table(
            "Sources",
            "Where the figures come from and how fresh they are. Rows quarantined could not be read"
            " and are in none of the figures.",
            SOURCES,
            sources,
            role=lambda row: "attention" if row["files_failed"] or row["rows_quarantined"] else "",
            relation="rpt_source_health",
        ),
        "unmapped": report_table(
            reports,
            "Models that nobody knows",
            f"The {EXAMPLES} dearest names that match no known model: their cost is in the bill and"
            " cannot be compared with our records until somebody says what they are.",
            UNMAPPED,
            "reports.rpt_unmapped_models"
            " order by charge_usd desc nulls last, calls desc, provider, model limit ?",
            (EXAMPLES,),
            empty="Every model is known.",
        ),
        "left_out": report_table(
            reports,
            "Left out of the calls, newest month first",
            "Records that were read and are no call of their own, with what they state. A duplicate"
            " states again what another record says of the same call; nothing of it is lost, and"
            f" nothing counts twice. At most {LEFT_OUT_SHOWN} lines; all of them are in the table"
            " reports.rpt_left_out.",
            LEFT_OUT,
            "reports.rpt_left_out"
            " order by month desc, records desc, source_name, kind, reason limit ?",
            (LEFT_OUT_SHOWN,),
            empty="Every record that was read is a call of its own.",
        ),
        "quarantine": table(
            "Rows quarantined, newest first",
            f"At most {EXAMPLES} examples; all of them are in the table ops.quarantine.",
            QUARANTINE,
            _ops(reports, "quarantine", QUARANTINE, "true", "file_id desc, source_line, field"),
            empty="No rows are quarantined.",
        ),
        "failed_files": table(
            "Files that could not be loaded, newest first",
            f"At most {EXAMPLES} examples; all of them are in the table ops.files.",
            FAILED_FILES,
            _ops(reports, "files", FAILED_FILES, "status = 'failed'", "file_id desc"),
            empty="No files failed.",
        ),
    }


def _ops(
    reports: Reports,
    name: str,
    columns: Sequence[Column],
    condition: str,
    order: str,
    limit: int | None = EXAMPLES,
) -> list[Row]:
    if not reports.has_table("ops", name):
        return []
    return reports.rows(
        f"select {fields(columns)} from ops.{name} where {condition} order by {order} limit ?",
        (limit,),
    )


def _last_run(reports: Reports) -> Row | None:
    if not reports.has_table("ops", "runs"):
        return None
    rows = reports.rows(
        "select status, finished_at, as_of_day from ops.runs order by started_at desc, run_id desc"
        " limit 1"
    )
    return rows[0] if rows else None
