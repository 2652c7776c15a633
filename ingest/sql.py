"""How names, texts and paths are spelt in SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb


def quote(name: str) -> str:
    """Quote an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def comments(relation: str, words: str, columns: Mapping[str, str]) -> str:
    """Statements that say what a table and its columns are, in the database itself."""
    said = [f"comment on table {relation} is {literal(words)}"]
    said += [f"comment on column {relation}.{c} is {literal(w)}" for c, w in columns.items()]
    return "; ".join(said)


def exact_path(path: object) -> str:
    """A path as DuckDB's readers want it: they take `*`, `?` and `[` for patterns."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def can_evaluate(sql: str) -> bool:
    """Whether DuckDB can evaluate an expression that reads no columns."""
    con = duckdb.connect()
    try:
        con.execute(f"select {sql}")
    except duckdb.Error:
        return False
    finally:
        con.close()
    return True
