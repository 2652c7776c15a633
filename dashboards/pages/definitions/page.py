"""The definitions page: words, contested numbers, and of each relation its columns and its SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dashboards.kit.formatting import phrase, text
from dashboards.kit.glossary import GLOSSARY
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, table

COLUMNS = (
    Column("column_name", "Column"),
    Column("data_type", "Type"),
    Column("comment", "What it is"),
)


@dataclass(frozen=True)
class Relation:
    """A published relation as the page shows it.

    Attributes:
        name: without its schema, which no two relations share.
        words: what it holds, and its grain.
        decisions: entries about its columns.
        code: what computes it; "" where the published file does not say.
    """

    name: str
    schema: str
    words: str
    columns: Table
    decisions: tuple[Decision, ...]
    code: str


@dataclass(frozen=True)
class Decision:
    """What was decided of a number: its entry, the anchor of it, its columns, and paragraphs."""

    entry: str
    anchor: str
    columns: tuple[str, ...]
    paragraphs: tuple[str, ...]


def definitions_page(reports: Reports) -> dict[str, Any]:
    """Collect what the definitions template prints; words and columns are always there."""
    decisions = _decisions(reports)
    return {
        "has_data": True,
        "glossary": GLOSSARY,
        "decisions": decisions,
        "domains": [
            (phrase(domain), list(found))
            for domain, found in groupby(_relations(reports, decisions), key=lambda pair: pair[0])
        ],
    }


def _decisions(reports: Reports) -> list[Decision]:
    if not reports.has_table("ops", "decisions"):
        return []
    rows = reports.rows("select entry, columns, words from ops.decisions order by lower(entry)")
    return [
        Decision(
            row["entry"],
            _anchor(row["entry"]),
            tuple(row["columns"]),
            tuple(row["words"].split("\n\n")),
        )
        for row in rows
    ]


def _anchor(entry: str) -> str:
    return "decision-" + re.sub(r"[^a-z0-9_]+", "-", entry.lower())


def _relations(reports: Reports, decisions: Sequence[Decision]) -> list[tuple[str, Relation]]:
    """Domain and relation, reports before marts, by name."""
    columns = reports.rows(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name in ('marts', 'reports') and not internal"
        " order by schema_name, table_name, column_index"
    )
    comments = {
        (row["schema_name"], row["name"]): row["comment"]
        for row in reports.rows(
            "select schema_name, table_name as name, comment from duckdb_tables()"
            " union all select schema_name, view_name, comment from duckdb_views()"
        )
    }
    models = _models(reports)
    about = {column: decision for decision in decisions for column in decision.columns}
    found = []
    for (schema, name), rows in groupby(
        columns, key=lambda row: (row["schema_name"], row["table_name"])
    ):
        mine = list(rows)
        model = models.get(f"{schema}.{name}", {"domain": schema, "code": ""})
        entries = [about[row["column_name"]] for row in mine if row["column_name"] in about]
        relation = Relation(
            name=text(name),
            schema=schema,
            words=text(comments.get((schema, name)) or ""),
            columns=table(name, "", COLUMNS, mine),
            decisions=tuple(dict.fromkeys(entries)),
            code=model["code"],
        )
        found.append((model["domain"], relation))
    return sorted(found, key=lambda pair: (pair[0], pair[1].schema != "reports", pair[1].name))


def _models(reports: Reports) -> dict[str, Row]:
    if not reports.has_table("ops", "models"):
        return {}
    rows = reports.rows("select relation, domain, code from ops.models")
    return {row["relation"]: row for row in rows}
