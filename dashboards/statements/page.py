"""The printable page: a summary, then one sheet of paper for each member, then the notes."""

from __future__ import annotations

from typing import Any

from dashboards.kit.commentary import to_html
from dashboards.kit.formatting import MEMBER_KINDS, text
from dashboards.kit.reports import Row
from dashboards.kit.tables import Column, Table, table
from dashboards.statements.columns import (
    COVERAGE,
    INVOICE_MONTHS,
    INVOICE_STATEMENTS,
    INVOICES,
    LINES,
    SUMMARY,
    VERSIONS,
    with_currency,
)
from dashboards.statements.month import (
    NOBODY,
    Month,
    charged_line,
    member_of,
    name_of,
    words_of,
)

NOTE = (
    "Amounts in US dollars, in whole cents; each table sums to the invoices of the month, each"
    " rounded to the cent, and the adjustments in it. “—” means not known, or none."
)


def is_draft(month: Month) -> bool:
    """Whether the month is open, and its statements may change."""
    return month.status.startswith("DRAFT")


def page(month: Month) -> dict[str, Any]:
    """What the template prints."""
    return {
        "title": month.title,
        "status": month.status,
        "is_draft": is_draft(month),
        "note": NOTE,
        "commentary": to_html(month.commentary) if month.commentary else None,
        "summaries": [_summary(month, kind, heading) for kind, heading in MEMBER_KINDS.items()],
        "members": [
            member_sheet(month, kind, heading, row)
            for kind, heading in MEMBER_KINDS.items()
            for row in month.of_kind(kind)
            if row["row_kind"] == "member"
        ],
        "invoices": [
            table(
                "Invoices of the month",
                "What each asks for, beside the bill lines that name it. State and total are what"
                " config/invoices.csv says.",
                INVOICES,
                month.invoices,
                empty="No invoice is stated, and no bill line names one.",
            ),
            table(
                "Invoiced and credited",
                "Each invoice is rounded to the cent once, and the journal credits it with what was"
                " used of it, in the month of use. Still to be invoiced: credited up to the end of"
                " the month and not invoiced; negative when invoiced ahead.",
                INVOICE_MONTHS,
                month.invoice_months,
            ),
            table(
                "Who pays for the invoices",
                "What is on an invoice of a month of use is shared as the statements share that"
                " month of the provider, in whole cents that sum to the invoice.",
                INVOICE_STATEMENTS,
                [
                    {**row, "name": member_of(row)}
                    for row in month.invoice_statements
                    if row["kind"] == "cost_centre"
                ],
                empty="No bill has an invoice of this month.",
            ),
        ],
        "notes": [
            table(
                "Coverage",
                "How much of the month rests on what is not known, or not final.",
                COVERAGE,
                [r for r in month.notes if r["section"] == "coverage"],
            ),
            versions(month),
        ],
    }


def versions(month: Month) -> Table:
    """Versions and hashes of price book, rules and data."""
    return table(
        "Versions",
        "What the month was computed with.",
        VERSIONS,
        [row for row in month.notes if row["section"] != "coverage"],
    )


def _summary(month: Month, kind: str, heading: str) -> Table:
    rows = [{**row, "name": name_of(row)} for row in month.of_kind(kind)]
    nobody = NOBODY.get(kind, "Nobody").lower()
    columns = _summary_columns(month, heading)
    return table(
        f"By {heading.lower()}",
        f"Members and “{nobody}” sum to the total, to the cent.",
        columns,
        rows,
        role=lambda row: "" if row["row_kind"] == "member" else str(row["row_kind"]),
    )


def _summary_columns(month: Month, heading: str) -> tuple[Column, ...]:
    named = (Column("name", heading), *SUMMARY[1:])
    return with_currency(named, month.currency, "charged_reporting")


def member_sheet(month: Month, kind: str, heading: str, row: Row) -> dict[str, Any]:
    """The sheet of one member: what it is called, its figures and its lines."""
    lines: list[dict[str, Any]] = [
        {**line, "words": words_of(line)} for line in month.lines[kind, row["member"]]
    ]
    lines.append({**charged_line(row), "provider": ""})
    return {
        "heading": heading,
        "name": text(row["member"]),
        "figures": table(
            "In figures",
            "Cost is what was billed; charged is what stands on the statement.",
            _summary_columns(month, heading),
            [{**row, "name": row["member"]}],
        ),
        "lines": table(
            "Lines",
            "What the charge is made of.",
            with_currency(LINES, month.currency, "reporting_amount"),
            lines,
            role=lambda line: "total" if line["words"] == "Charged" else "",
        ),
    }
