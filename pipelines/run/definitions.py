"""What computes each published relation, and what was decided of contested numbers: `ops` too.

A reader of the published file asks what a number means: the relation's and the column's comment say
it, its model says how it is computed, and an entry of DECISIONS.md why so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from ingest.sql import comments
from pipelines.dbt_models.dbt_command import PROJECT
from pipelines.dbt_models.decisions import columns_of, decisions
from pipelines.dbt_models.project_graph import PUBLISHED_LAYERS

_COMMENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "models": (
        "What computes each published relation; grain: relation.",
        {
            "relation": "Its schema and name.",
            "domain": "What it is about: the model's folder.",
            "code": "The dbt model: SQL with Jinja.",
        },
    ),
    "decisions": (
        "What was decided of numbers and words that people argue about; grain: entry.",
        {
            "entry": "Columns that it is about, or its subject.",
            "columns": "Names in the entry that a column may have.",
            "words": "The rule, why, an example, and what it does not claim; Markdown.",
        },
    ),
}


def write_definitions(con: duckdb.DuckDBPyConnection) -> None:
    """Write `ops.models` and `ops.decisions` of the dbt project that this version comes with."""
    relations, domains, code = zip(*_models(), strict=True)
    con.execute(
        "create or replace table ops.models as"
        " select unnest($1) as relation, unnest($2) as domain, unnest($3) as code",
        [relations, domains, code],
    )
    entries = decisions()
    con.execute(
        "create or replace table ops.decisions as"
        " select unnest($1) as entry, unnest($2) as columns, unnest($3) as words",
        [list(entries), [columns_of(entry) for entry in entries], list(entries.values())],
    )
    for table, (words, columns) in _COMMENTS.items():
        con.execute(comments(f"ops.{table}", words, columns))


def _models() -> Iterator[tuple[str, str, str]]:
    for layer in PUBLISHED_LAYERS:
        for file in sorted((PROJECT / "models" / layer).rglob("*.sql")):
            yield f"{layer}.{file.stem}", file.parent.name, file.read_text(encoding="utf-8")
