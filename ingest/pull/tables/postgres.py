"""One table of a PostgreSQL database, asked in one snapshot; its faults come out in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from ingest.errors import PullError
from ingest.pull.windows import DAY, Window

LONGEST_QUERY = "1h"
"""A day of a hundred calls a second took eleven minutes (13,000 rows a second, on one core)."""

_KNOWN = frozenset(
    {
        "application_name",
        "channel_binding",
        "gssencmode",
        "host",
        "keepalives",
        "options",
        "port",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
    }
)
"""Parameters of an address that PostgreSQL's own library takes; LiteLLM's address has others."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of a table.

    Attributes:
        table: its name, with its schema where that is not on the search path.
        columns: those that are copied where the table has them.
        needed: those without which it is another table.
        began: the indexed column that says when a row's call began.
        written: the column that says when the database wrote a row.
        document: a JSON column of which parts are not wanted.
        cut: the paths of those parts.
        kept: paths below them that are wanted all the same.
    """

    table: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    began: str
    written: str
    document: str
    cut: tuple[tuple[str, ...], ...]
    kept: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Rows:
    """The rows of a table, over an open connection.

    Attributes:
        table: as SQL spells it.
        columns: those of the wanted ones that it has.
    """

    con: psycopg.Connection
    wanted: Wanted
    table: sql.Identifier
    columns: tuple[str, ...]

    @property
    def tell_when_written(self) -> bool:
        """Whether a row says when the database wrote it."""
        return self.wanted.written in self.columns

    def newest(self, days: Window) -> datetime | None:
        """When the newest row of these days was written, or began; never later than now."""
        column = self.wanted.written if self.tell_when_written else self.wanted.began
        query = sql.SQL("select max({}), now() from {} where {}").format(
            sql.Identifier(column), self.table, self._of_days(days)
        )
        row = self.con.execute(query).fetchone()
        if not row or row[0] is None:
            return None
        # a clock that is ahead must not hide what others write meanwhile
        moments: list[datetime] = [moment.replace(tzinfo=None) for moment in row]
        return min(moments)

    def copy(self, day: date, since: datetime | None, write: Callable[[bytes], None]) -> int:
        """Stream a day's rows as CSV, those written after `since` only; returns their number."""
        where = self._of_days(Window(day, day))
        if since:
            where += sql.SQL(" and {} > {}").format(sql.Identifier(self.wanted.written), since)
        statement = sql.SQL(
            "copy (select {} from {} where {} order by {}, request_id)"
            " to stdout with (format csv, header true)"
        ).format(
            sql.SQL(", ").join(self._column(name) for name in self.columns),
            self.table,
            where,
            sql.Identifier(self.wanted.began),
        )
        with self.con.cursor() as cursor:
            with cursor.copy(statement) as blocks:
                for block in blocks:
                    write(bytes(block))
            return cursor.rowcount

    def _of_days(self, days: Window) -> sql.Composed:
        began = sql.Identifier(self.wanted.began)
        return sql.SQL("{} >= {} and {} < {}").format(began, days.first, began, days.last + DAY)

    def _column(self, name: str) -> sql.Composable:
        column = sql.Identifier(name)
        if name != self.wanted.document:
            return column
        whole = sql.SQL("{}::jsonb").format(column)
        keys = [path[0] for path in self.wanted.cut if len(path) == 1]
        # the large parts first: each step writes the document anew
        rest: sql.Composable = sql.SQL("({} - {}::text[])").format(whole, keys)
        for path in self.wanted.cut:
            if len(path) > 1:
                rest = sql.SQL("({} #- {}::text[])").format(rest, list(path))
        for path in self.wanted.kept:
            rest = sql.SQL("({} || coalesce({}, '{{}}'))").format(rest, _alone(whole, path))
        return sql.SQL("case when jsonb_typeof({0}::jsonb) = 'object' then {1} end as {0}").format(
            column, rest
        )


def _alone(document: sql.Composable, path: tuple[str, ...]) -> sql.Composable:
    """SQL of a document with nothing but the value at a path; NULL where there is none."""
    value: sql.Composable = sql.SQL("({} #> {}::text[])").format(document, list(path))
    alone = value
    for key in reversed(path):
        alone = sql.SQL("jsonb_build_object({}::text, {})").format(key, alone)
    return sql.SQL("case when {} is not null then {} end").format(value, alone)


@contextmanager
def rows_of(address: str, wanted: Wanted, variable: str, timeout_seconds: float) -> Iterator[Rows]:
    """Open one connection that reads one snapshot and writes nothing.

    Args:
        address: of the database, as LiteLLM has it.
        variable: the environment variable that holds it.

    Raises:
        PullError: the database or the table cannot be read; quotes nothing of the address.
    """
    try:
        known, schema = for_libpq(address)
        # a pooler between here and there may not keep prepared statements
        with psycopg.connect(
            known, connect_timeout=max(2, int(timeout_seconds)), prepare_threshold=None
        ) as con:
            con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            con.read_only = True
            for setting, value in (
                ("statement_timeout", LONGEST_QUERY),
                ("timezone", "UTC"),
                ("datestyle", "ISO"),
                *([("search_path", f'"{schema}"')] if schema else []),
            ):
                con.execute("select set_config(%s, %s, true)", [setting, value])
            yield _found(con, wanted, variable)
    except (psycopg.Error, ValueError) as error:
        raise in_words(error, wanted.table, variable) from None


def _found(con: psycopg.Connection, wanted: Wanted, variable: str) -> Rows:
    """The table and its columns.

    Raises:
        PullError: it is not there, or is another kind of table.
    """
    schema, _, table = wanted.table.rpartition(".")
    found: Sequence[tuple[str, str]] = con.execute(
        "select n.nspname, a.attname from pg_class as c"
        " join pg_namespace as n on n.oid = c.relnamespace"
        " join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f')"
        " and case when %s = '' then pg_table_is_visible(c.oid) else n.nspname = %s end",
        [table, schema, schema],
    ).fetchall()
    has = {column for _, column in found}
    if missing := [name for name in wanted.needed if name not in has]:
        there = f"has no column {missing[0]}" if found else "is not there"
        raise PullError(
            f"{wanted.table}: this table {there} in the database that {variable} names",
            "correct the variable, or pull.table in the source's settings (schema.table for one"
            " outside the search path)",
        )
    columns = tuple(name for name in wanted.columns if name in has)
    return Rows(con, wanted, sql.Identifier(found[0][0], table), columns)


def for_libpq(address: str) -> tuple[str, str]:
    """LiteLLM's address without what only its own library knows, and the schema it names.

    Raises:
        ValueError: it is no address.
    """
    parts = urlsplit(address)
    asked = parse_qsl(parts.query)
    known = urlencode([(key, value) for key, value in asked if key in _KNOWN])
    return urlunsplit(parts._replace(query=known)), dict(asked).get("schema", "")


def in_words(error: Exception, table: str, variable: str) -> PullError:
    """A database's fault without its text, which may quote the address."""
    state = getattr(error, "sqlstate", None) or ""
    if state == "42501":
        return PullError(
            f"{table}: reading it was refused ({state})",
            f"grant select on it to the user of {variable}",
        )
    if "FATAL" in str(error):  # a refusal while connecting comes without its state
        return PullError(
            f"{table}: the server refused the connection",
            f"correct user, password and database in {variable}",
        )
    return PullError(
        f"{table}: the database cannot be reached, or broke off ({state or type(error).__name__})",
        f"check the address in {variable} (postgresql://user:password@host:port/database) and the"
        " network; days copied before stay, the next run goes on",
    )
