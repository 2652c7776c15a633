"""Builds cut off at a model's n-th statement: by an error, or by the end of the process.

As a program it cuts off one build after the other, each in a process of its own that ends without
a word: `python -m tests.incremental.cutting '[[warehouse, model, nth], ...]'`.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
from dbt_common.events.contextvars import get_node_info

from tests.support.warehouse import invoke

SETTINGS = {"reporting_timezone": "UTC"}

ENDED, FINISHED = 9, 0


@contextmanager
def cut_off(nth: int | None, how: Callable[[], None]) -> Iterator[Mapping[str | None, list[str]]]:
    """Do `how` instead of the n-th statement of every model's transaction; nothing without an n.

    Yields:
        What each model said in its transaction, a statement an entry, however dbt joins them.
    """
    said: dict[str | None, list[str]] = defaultdict(list)
    whole = DuckDBCursorWrapper.execute

    def one_by_one(cursor: DuckDBCursorWrapper, sql: str, _: object = None) -> Any:
        result = None
        for statement in duckdb.extract_statements(sql):
            model = get_node_info().get("node_name")
            # before it begins, a model only looks things up
            if model and (said[model] or statement.query == "BEGIN"):
                said[model].append(statement.query)
                if len(said[model]) == nth:
                    how()
            result = whole(cursor, statement.query)
        return result

    with patch.object(DuckDBCursorWrapper, "execute", one_by_one):
        yield said


def build(warehouse: Path, *models: str) -> Any:
    """dbt's result of building some models, and nothing above or below them."""
    return invoke(
        ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
         "--select", *models], warehouse, SETTINGS,
    )  # fmt: skip


def _end_build(warehouse: Path, model: str, nth: int) -> None:
    with cut_off(nth, lambda: os._exit(ENDED)):
        build(warehouse, model)
    os._exit(FINISHED)


def _main() -> None:
    for warehouse, model, nth in json.loads(sys.argv[1]):
        # nothing is open and no thread runs yet: a fork saves the seconds that dbt takes to import
        child = os.fork()
        if child == 0:
            _end_build(Path(warehouse), model, nth)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    _main()
