"""What computes each published relation, and what was decided of contested numbers: `ops` too.

A reader of the published file asks what a number means: the relation's and the column's comment say
it, its model says how it is computed, and an entry of DECISIONS.md why so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from ingest.sql import literal
from pipelines.dbt_models.dbt_command import PROJECT
from pipelines.dbt_models.decisions import decisions
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
            "words": "The rule, why, an example, and what it does not claim; Markdown.",
        },
    ),
}


def write_definitions(con: duckdb.DuckDBPyConnection) -> None:
    """Write `ops.models` and `ops.decisions` of the dbt project that this version comes with."""
    con.execute(
        "create or replace table ops.models (relation varchar, domain varchar, code varchar)"
    )
    con.executemany("insert into ops.models values (?, ?, ?)", list(_models()))
    con.execute("create or replace table ops.decisions (entry varchar, words varchar)")
    con.executemany("insert into ops.decisions values (?, ?)", list(decisions().items()))
    for table, (comment, columns) in _COMMENTS.items():
        con.execute(f"comment on table ops.{table} is {literal(comment)}")
        for column, words in columns.items():
            con.execute(f"comment on column ops.{table}.{column} is {literal(words)}")


def _models() -> Iterator[tuple[str, str, str]]:
    for layer in PUBLISHED_LAYERS:
        for file in sorted((PROJECT / "models" / layer).rglob("*.sql")):
            yield f"{layer}.{file.stem}", file.parent.name, file.read_text(encoding="utf-8")
