"""Statements on paper: a PDF of all members, and one of each cost centre alone.

Typst sets the tables of the printable page. Whatever a member is called reaches the template as
data, never as markup. The fonts are Typst's own but for characters that those lack, which a font of
the machine shows, if it has one. The same rows give the same bytes: no file holds a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import typst

from dashboards.kit.commentary import Block, to_blocks
from dashboards.kit.formatting import MEMBER_KINDS, text
from dashboards.kit.reports import Row
from dashboards.kit.tables import Table
from dashboards.statements.month import Month
from dashboards.statements.page import NOTE, is_draft, member_sheet, page, versions

_TEMPLATE = Path(__file__).parent / "statements.typ"


def write_pdf(path: Path, month: Month, company: str) -> None:
    """Write what the printable page holds: summaries, every member, invoices and notes."""
    whole = page(month)
    sections = [_member_section(sheet) for sheet in whole["members"]]
    sections.append(_section("Invoices", whole["invoices"]))
    sections.append(_section("Notes", whole["notes"]))
    said = to_blocks(month.commentary) if month.commentary else []
    _write(path, month, company, whole["summaries"], sections, said)


def write_member_pdf(path: Path, month: Month, company: str, row: Row) -> None:
    """Write the statement of one member, with nothing of others in it."""
    kind = str(row["kind"])
    sheet = member_sheet(month, kind, MEMBER_KINDS[kind], row)
    sections = [_member_section(sheet), _section("Notes", [versions(month)])]
    _write(path, month, company, [], sections)


def _write(
    path: Path,
    month: Month,
    company: str,
    summaries: Iterable[Table],
    sections: Iterable[Mapping[str, Any]],
    said: Iterable[Block] = (),
) -> None:
    content = {
        "title": f"Statements for {month.title}",
        "company": text(company),
        "stamp": f"{text(company)}, {month.title}: {text(month.status)}",
        "note": NOTE,
        "is_draft": is_draft(month),
        "said": f"What we say of {month.title}",
        "commentary": [
            {"kind": block.kind, "spans": [{"words": w, "bold": b} for w, b in block.spans]}
            for block in said
        ],
        "summaries": [_table(found) for found in summaries],
        "sections": list(sections),
    }
    typst.compile(_TEMPLATE, output=path, sys_inputs={"month": json.dumps(content)})


def _member_section(sheet: Mapping[str, Any]) -> dict[str, Any]:
    return _section(f"{sheet['heading']} {sheet['name']}", [sheet["figures"], sheet["lines"]])


def _section(title: str, tables: Iterable[Table]) -> dict[str, Any]:
    """What begins on a page of its own."""
    return {"title": title, "tables": [_table(found) for found in tables]}


def _table(found: Table) -> dict[str, Any]:
    """A table as the template takes it."""
    return {
        "title": found.title,
        "caption": found.caption,
        "empty": found.empty,
        "columns": [{"heading": c.heading, "numeric": c.numeric} for c in found.columns],
        "lines": [
            {"role": line.css, "cells": [cell.text for cell in line.cells]} for line in found.lines
        ],
    }
