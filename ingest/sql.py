"""How names, texts and paths are spelt in SQL."""

from __future__ import annotations

import re

import duckdb


def quote(name: str) -> str:
    """Quote an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote an SQL string."""
    return "'" + text.replace("'", "''") + "'"


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
