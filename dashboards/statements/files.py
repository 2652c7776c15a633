"""Write the files of one month into a folder, all of them or none."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from dashboards.kit.rendering import render_template
from dashboards.kit.reports import open_reports
from dashboards.kit.swap import replacing
from dashboards.statements.month import read_month
from dashboards.statements.page import page
from dashboards.statements.pdf import write_member_pdf, write_pdf
from dashboards.statements.tables_as_csv import write_csvs
from dashboards.statements.workbook import write_member_workbook, write_workbook

MEMBER_FILE = "cost-centre"
"""Beginning of the name of a file that a single cost centre gets."""


def write_statements(
    database: Path,
    folder: Path,
    month: dt.date,
    *,
    company: str,
    status: str,
    accounts: Mapping[str, str],
    commentary: Mapping[dt.date, str] | None = None,
) -> list[Path]:
    """Write `statements.xlsx`, `.pdf` and `.html`, the CSV files and `journal.csv`.

    Each cost centre has a workbook and a PDF of its own, `cost-centre-<name>-<hash>.xlsx` and
    `.pdf`, to be sent alone. What people say of the month stands in the files of all members, and
    in none of these: it may speak of others.

    The same reports give the same bytes.

    Args:
        database: a DuckDB file with the schema `reports`.
        folder: where; replaced as a whole.
        month: its first day.
        company: name in the headings.
        status: what the headings say of the month, for example that it is a draft.
        accounts: the ledger's account of each of the journal's.
        commentary: Markdown that people wrote of a month, by its first day.

    Returns:
        The files, below `folder`; none when the month has no statement.

    Raises:
        ReportsUnavailableError: the file is missing, or lacks a report.
        NotASiteError: `folder` holds files that Outlay did not write.
    """
    with open_reports(database, commentary) as reports:
        found = read_month(reports, month, status)
    if not found.statements:
        return []
    with replacing(folder) as building:
        write_csvs(building, found, accounts)
        write_workbook(building / "statements.xlsx", found, company)
        write_pdf(building / "statements.pdf", found, company)
        for row in found.of_kind("cost_centre"):
            if row["row_kind"] == "member":
                own = building / file_stem(MEMBER_FILE, row["member"])
                write_member_workbook(own.with_suffix(".xlsx"), found, company, row)
                write_member_pdf(own.with_suffix(".pdf"), found, company, row)
        html = render_template("statements.html.j2", {**page(found), "company": company})
        (building / "statements.html").write_text(html, encoding="utf-8")
        names = sorted(path.name for path in building.iterdir())
    return [folder / name for name in names]


def file_stem(kind: str, member: str) -> str:
    """A file's name for one member: what a path may hold of the member's, and a hash of all."""
    legible = re.sub(r"[^a-z0-9]+", "-", member.lower()).strip("-")[:40]
    short = hashlib.sha256(member.encode()).hexdigest()[:8]
    return "-".join(filter(None, (kind, legible, short)))
