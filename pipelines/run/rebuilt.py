"""What a build changed: the published relations that hold something else than before.

A relation that is built whole is compared by a hash of its rows, which costs no more than building
it did. One that is kept by day is not read again: it counts as changed with the days of the build.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.sql import quote
from pipelines.dbt_models.build import BuiltModel
from pipelines.dbt_models.project_graph import PUBLISHED_LAYERS


@dataclass(frozen=True)
class RebuiltModel:
    """A mart or report that a build changed.

    Attributes:
        rows: how many it holds now.
        seconds: wall time that building it took.
        is_by_day: only the rows of the days to compute were replaced.
    """

    schema: str
    name: str
    rows: int
    seconds: float
    is_by_day: bool

    @property
    def relation(self) -> str:
        """Its name in SQL."""
        return f"{self.schema}.{self.name}"


def rebuilt_models(
    warehouse: Path, memory: Path, built: Iterable[BuiltModel], *, all_changed: bool
) -> list[RebuiltModel]:
    """Marts and reports of a build that changed, in the order in which they were built.

    Args:
        warehouse: the database after the build.
        memory: keeps each relation's hash from one build to the next.
        built: what the build made.
        all_changed: it was a full build: everything counts.
    """
    before = {} if all_changed else _hashes(memory)
    after = dict(before)
    changed = []
    with duckdb.connect(str(warehouse)) as con:
        for model in built:
            if model.schema not in PUBLISHED_LAYERS:
                continue
            rows, content = _content(con, model)
            relation = f"{model.schema}.{model.name}"
            if model.is_by_day or before.get(relation) != content:
                changed.append(
                    RebuiltModel(model.schema, model.name, rows, model.seconds, model.is_by_day)
                )
            if not model.is_by_day:
                after[relation] = content
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(after), encoding="utf-8")
    return changed


def _content(con: duckdb.DuckDBPyConnection, model: BuiltModel) -> tuple[int, str]:
    """Rows of a relation, and a hash of them in any order; of one kept by day rows alone."""
    hashed = "0" if model.is_by_day else "bit_xor(hash(r))"
    ((rows, content),) = con.execute(
        f"select count(*), {hashed} from {quote(model.schema)}.{quote(model.name)} as r"
    ).fetchall()
    return int(rows), f"{rows}:{content}"


def _hashes(memory: Path) -> Mapping[str, str]:
    """The hashes of the last build; none when there was no build, or they cannot be read."""
    try:
        return dict(json.loads(memory.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
