"""The models, built in DuckDB by the statements that dbt prepared, and no data test between them.

dbt's own `build` leaves out every model below a failing test. Here all models are built, so that
the published numbers are of one state, and a failing test turns the run red instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter

import duckdb

from pipelines.dbt_models.dbt_command import PROJECT, BuildError, DbtTarget, connected, target_of
from pipelines.dbt_models.manifest import files_fingerprint
from pipelines.dbt_models.prepared_models import (
    PreparedModel,
    Selection,
    prepared_models,
    with_days,
)
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings

_STEP = "models"


@dataclass(frozen=True)
class BuiltModel:
    """A relation that a build made.

    Attributes:
        is_by_day: only the rows of the days to compute were replaced.
        seconds: wall time.
    """

    schema: str
    name: str
    is_by_day: bool
    seconds: float


def models_fingerprint(settings: Settings) -> str:
    """Changes whenever a setting that models read, or a model itself, changed."""
    text = json.dumps(settings.dbt_vars(), sort_keys=True) + definitions_fingerprint()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def definitions_fingerprint() -> str:
    """Changes whenever a model or what configures it does, which an upgrade may bring."""
    return files_fingerprint(PROJECT, "macros", "models", "dbt_project.yml")


def build_models(
    workspace: Workspace,
    settings: Settings,
    *,
    full_refresh: bool,
    progress: Progress,
    select: Selection | None = None,
) -> list[BuiltModel]:
    """Build every model, or those selected; see `build_target`."""
    with progress.step(_STEP):
        return build_target(
            target_of(workspace, settings),
            full_refresh=full_refresh,
            select=select,
            done=lambda built, number, total: _tell(progress, built, number, total),
        )


def _tell(progress: Progress, built: BuiltModel, number: int, total: int) -> None:
    progress(_STEP, number, total)
    progress.detail(f"{built.name} in {built.seconds:.1f} s")


def build_target(
    target: DbtTarget,
    *,
    full_refresh: bool,
    select: Selection | None = None,
    done: Callable[[BuiltModel, int, int], None] = lambda *_: None,
) -> list[BuiltModel]:
    """Build the models of a warehouse whose schema `raw` is registered, each in one transaction.

    A view holds no rows: it is made by a full refresh, which whatever changes its text asks for.

    Args:
        target: the warehouse.
        full_refresh: make every relation anew.
        select: which models; all without.
        done: told of each model, its number and how many there are.

    Returns:
        What was built, in that order.

    Raises:
        BuildError: names the first model that failed, with the database's message; those before
            it are built.
    """
    chosen = prepared_models(target, full_refresh=full_refresh, select=select)
    built, days = [], dict[str, str]()
    with connected(target) as con:
        for schema in sorted({model.schema for model in chosen}):
            con.execute(f"create schema if not exists {schema}")
        there = _relations(con)
        if not full_refresh:
            _require(chosen, there)
        for number, model in enumerate(chosen, start=1):
            began = perf_counter()
            statements = _replacing(model, there.get(model.relation))
            _make(con, model, with_days([*statements, *model.statements], con, days))
            is_by_day = model.materialized == "incremental"
            built.append(BuiltModel(model.schema, model.name, is_by_day, perf_counter() - began))
            done(built[-1], number, len(chosen))
    return built


def _relations(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every relation's kind: `table` or `view`."""
    rows = con.execute(
        "select schema_name || '.' || table_name, 'table' from duckdb_tables() union all"
        " select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal"
    ).fetchall()
    return dict(rows)


def _require(models: Iterable[PreparedModel], there: dict[str, str]) -> None:
    """Refuse a warehouse that lacks what an incremental build adds to or reads."""
    missing = [model.relation for model in models if there.get(model.relation) != "table"]
    if missing:
        raise BuildError(
            f"the warehouse lacks the table {missing[0]}"
            f"{f' and {len(missing) - 1} more' if missing[1:] else ''}:"
            " `outlay run --full-refresh` makes all of it anew"
        )


def _replacing(model: PreparedModel, former: str | None) -> list[str]:
    """What makes room for a model whose name a relation of another kind bears."""
    kind = "view" if model.materialized == "view" else "table"
    return [f"drop {former} {model.relation}"] if former not in (None, kind) else []


def _make(con: duckdb.DuckDBPyConnection, model: PreparedModel, statements: Iterable[str]) -> None:
    """Execute a model's statements; all of them hold, or none does."""
    try:
        execute(con, "begin")
        for statement in statements:
            execute(con, statement)
        execute(con, "commit")
    except duckdb.Error as error:
        con.execute("rollback")
        raise BuildError(f"model {model.name} failed: {str(error).strip()}") from error


def execute(con: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Execute one statement of a model, or several that stand in one text."""
    con.execute(statement)
