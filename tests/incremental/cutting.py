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

from pipelines.dbt_models import build as building
from tests.support.warehouse import target_of

SETTINGS = {"reporting_timezone": "UTC"}

ENDED, FINISHED = 9, 0


@contextmanager
def cut_off(nth: int | None, how: Callable[[], None]) -> Iterator[Mapping[str, list[str]]]:
    """Do `how` instead of the n-th statement of every model's transaction; nothing without an n.

    Yields:
        What each model said in its transaction, a statement an entry, however they are joined.
    """
    said: dict[str, list[str]] = defaultdict(list)
    make, whole = building._make, building.execute
    now = ""

    def make_one(con: Any, model: Any, statements: Any) -> None:
        nonlocal now
        now = model.name
        make(con, model, statements)

    def one_by_one(con: duckdb.DuckDBPyConnection, sql: str) -> None:
        for statement in duckdb.extract_statements(sql):
            said[now].append(statement.query)
            if len(said[now]) == nth:
                how()
            whole(con, statement.query)

    with patch.multiple(building, _make=make_one, execute=one_by_one):
        yield said


def build(warehouse: Path, *models: str) -> list[str]:
    """Build some models, and nothing above or below them; names of those that failed.

    A view is made by a full refresh alone.
    """
    failed = []
    for model in models:
        try:
            building.build_target(
                target_of(warehouse, SETTINGS),
                full_refresh=model.startswith("stg_"),
                select=lambda _, model=model: {model},
            )
        except RuntimeError:
            failed.append(model)
    return failed


def _end_build(warehouse: Path, model: str, nth: int) -> None:
    with cut_off(nth, lambda: os._exit(ENDED)):
        build(warehouse, model)
    os._exit(FINISHED)


def _main() -> None:
    for warehouse, model, nth in json.loads(sys.argv[1]):
        # nothing is open and no thread runs yet: a fork saves the seconds that imports take
        child = os.fork()
        if child == 0:
            _end_build(Path(warehouse), model, nth)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    _main()
