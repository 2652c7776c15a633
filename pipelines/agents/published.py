"""The published file as an agent may read it: read-only, walled in, in limits of rows and time.

DuckDB's own walls do the work: the file is opened read-only, external access is off (no other file
is read or written, nothing is attached or installed), and the configuration is locked. An agent's
query must be one SELECT. People's pseudonyms are kept in by its plan, which names every column that
is read, whatever the query calls it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.errors import OutlayError
from pipelines.queries.json_values import json_value
from pipelines.queries.status import NothingPublishedError
from pipelines.workspace.paths import Workspace

_WALLS = {
    "access_mode": "READ_ONLY",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
    "memory_limit": "2GB",
    "lock_configuration": "true",
}

PERSON_COLUMNS = frozenset({"user_id"})
"""Columns that hold pseudonyms of people, in whatever relation."""

PERSON_SCOPE = "user"
"""Value of `scope` whose `member` is one."""

_INWARD = ("PRAGMA_", "DUCKDB_", "SQLITE_", "READ_", "GLOB", "PARQUET_", "TEST_")
"""Beginnings of table functions that tell of the file or the machine instead of its rows."""

_CATALOG = {"DUCKDB_TABLES", "DUCKDB_VIEWS", "DUCKDB_COLUMNS"}
"""Those that say which relations there are, and what their comments say."""

HIDDEN = "(a person; hidden)"


@dataclass(frozen=True)
class Limits:
    """What one answer may be.

    Attributes:
        rows: of an answer.
        columns: of a query's answer.
        seconds: of a query, after which it is stopped.
        shows_people: whether pseudonyms of people may leave.
    """

    rows: int = 200
    columns: int = 50
    seconds: float = 20
    shows_people: bool = False


@dataclass(frozen=True)
class Rows:
    """What a query gave.

    Attributes:
        is_cut: there are more rows than the limit.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    is_cut: bool


class PublishedFile:
    """The published file of a workspace, opened anew for each question: a run may replace it."""

    def __init__(self, workspace: Workspace, limits: Limits) -> None:
        self._file = workspace.showback
        self.limits = limits

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self._file.is_file():
            raise NothingPublishedError("nothing is published yet: `outlay run` makes it")
        try:
            con = duckdb.connect(str(self._file), config=dict(_WALLS))
        except duckdb.IOException as error:
            raise OutlayError("the published file cannot be read now; ask again") from error
        stop = threading.Timer(self.limits.seconds, con.interrupt)
        stop.daemon = True
        stop.start()
        try:
            yield con
        except duckdb.InterruptException as error:
            raise OutlayError(
                f"the query took longer than {self.limits.seconds:g} seconds: ask for less"
            ) from error
        except duckdb.Error as error:
            raise OutlayError(f"the query failed: {str(error).splitlines()[0]}") from error
        finally:
            stop.cancel()
            con.close()

    def rows(
        self, sql: str, values: Mapping[str, Any] | None = None, limit: int | None = None
    ) -> Rows:
        """Rows of a query of ours, people hidden.

        Args:
            limit: rows, at most those of the limits; their number without.
        """
        with self._open() as con:
            return self._fetched(con, sql, values, limit)

    def value(self, sql: str, values: Mapping[str, Any] | None = None) -> Any:
        """The one value of a query of ours."""
        return self.rows(sql, values, 1).rows[0][0]

    def values(self, sql: str) -> list[str]:
        """Every value of a query of ours of one text column, however many."""
        with self._open() as con:
            return [str(value) for (value,) in con.execute(sql).fetchall() if value is not None]

    def query(self, sql: str, limit: int | None = None) -> Rows:
        """Rows of an agent's query.

        Raises:
            OutlayError: it is not one SELECT, reads what it must not, fails, or takes too long.
        """
        with self._open() as con:
            statements = con.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise OutlayError("write one SELECT, and nothing else")
            _refuse_beyond_rows(con, sql, self.limits.shows_people)
            return self._fetched(con, sql, None, limit)

    def _fetched(
        self,
        con: duckdb.DuckDBPyConnection,
        sql: str,
        values: Mapping[str, Any] | None,
        limit: int | None,
    ) -> Rows:
        most = min(max(limit or self.limits.rows, 1), self.limits.rows)
        result = con.execute(sql, dict(values)) if values else con.execute(sql)
        names = [column[0] for column in result.description or ()]
        if len(names) > self.limits.columns:
            raise OutlayError(
                f"the answer has {len(names)} columns, more than {self.limits.columns}: name those"
                " that you need"
            )
        found = result.fetchmany(most + 1)
        shown = [self._shown(names, row) for row in found[:most]]
        return Rows(names, shown, len(found) > most)

    def _shown(self, names: Sequence[str], row: Sequence[Any]) -> list[Any]:
        cells = [json_value(cell) for cell in row]
        if self.limits.shows_people:
            return cells
        is_of_person = "scope" in names and row[names.index("scope")] == PERSON_SCOPE
        return [
            HIDDEN
            if cell is not None
            and (name in PERSON_COLUMNS or (is_of_person and name in ("member", "incident_id")))
            else cell
            for name, cell in zip(names, cells, strict=True)
        ]


def _refuse_beyond_rows(con: duckdb.DuckDBPyConnection, sql: str, shows_people: bool) -> None:
    """Refuse a query whose plan reads a person's column, or tells of file and machine."""
    with_people = {
        (table, column)
        for table, column, scoped in con.execute(
            "select table_name, column_name, bool_or(column_name = 'scope') over (partition by"
            " table_name) from duckdb_columns() where not internal"
        ).fetchall()
        if column in PERSON_COLUMNS or (scoped and column == "member")
    }
    ((_, plan),) = con.execute(f"explain (format json) {sql}").fetchall()
    for node in _nodes(json.loads(plan)):
        name, extra = str(node.get("name", "")).strip().upper(), node.get("extra_info", {})
        text = json.dumps(extra)
        functions = {name, str(extra.get("Function", "")).upper()} - _CATALOG
        if any(word.startswith(_INWARD) for word in functions):
            raise OutlayError(
                "that tells of the file, not of its rows: ask list_metrics or explain"
            )
        if shows_people:
            continue
        table = str(extra.get("Table", "")).rpartition(".")[2].strip('"')
        for holder, column in with_people:
            if holder == table and column in text:
                raise OutlayError(
                    f"{table}.{column} names people, who are not shown; ask by team, tenant or"
                    " feature, or set people = true under [agents] in outlay.toml"
                )


def _nodes(plan: Any) -> Iterator[Mapping[str, Any]]:
    for node in plan if isinstance(plan, list) else [plan]:
        yield node
        yield from _nodes(node.get("children", []))
