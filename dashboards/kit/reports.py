"""Read-only access to a published warehouse: the `reports` schema, and `ops` for data quality."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

Row = Mapping[str, Any]
"""One report row by column name; money is Decimal, ratios are float, unknown is None."""


class ReportsUnavailableError(Exception):
    """The published file cannot be read, or lacks a report; the text says which and what to do.

    Attributes:
        database: the published DuckDB file.
        reason: what is wrong and what to do.
    """

    def __init__(self, database: Path, reason: str) -> None:
        self.database = database
        self.reason = reason
        super().__init__(f"{database}: {reason}")


class Reports:
    """The reports of one published DuckDB file.

    Attributes:
        commentary: what people say of a month, as Markdown, by its first day.
    """

    def __init__(
        self,
        database: Path,
        connection: duckdb.DuckDBPyConnection,
        commentary: Mapping[dt.date, str],
    ) -> None:
        self.commentary = commentary
        self._database = database
        self._connection = connection

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a select over `reports` or `ops`.

        Raises:
            ReportsUnavailableError: a table or column is missing from the published file.
        """
        try:
            cursor = self._connection.execute(query, list(parameters))
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise ReportsUnavailableError(
                self._database,
                f"a report is not as the pages expect ({reason}); run the pipeline again so that"
                " models and pages are of one version",
            ) from error
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def has_table(self, schema: str, table: str) -> bool:
        """Say whether the file holds a table or view of that name."""
        found = self.rows(
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
            (schema, table),
        )
        return bool(found)


@contextmanager
def open_reports(
    database: Path, commentary: Mapping[dt.date, str] | None = None
) -> Iterator[Reports]:
    """Open a published file read-only and close it again.

    Args:
        database: the published file.
        commentary: what people say of months, by their first day.

    Raises:
        ReportsUnavailableError: there is no such file, or it is not a DuckDB database.
    """
    if not database.is_file():
        raise ReportsUnavailableError(database, "no such file; run the pipeline first")
    try:
        connection = duckdb.connect(database, read_only=True)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ReportsUnavailableError(database, f"cannot be opened: {reason}") from error
    try:
        yield Reports(database, connection, commentary or {})
    finally:
        connection.close()


def month_shown(reports: Reports, months: Collection[dt.date] | None = None) -> dt.date | None:
    """The month that pages begin with: the newest that is complete, else the newest of all.

    Args:
        months: those to choose from; all of the overview without. None of them: None.
    """
    rows = reports.rows("select month, is_complete from reports.rpt_overview")
    complete = {row["month"] for row in rows if row["is_complete"]}
    known = {row["month"] for row in rows} if months is None else set(months)
    return max(known & complete or known, default=None)


def newest_month(reports: Reports, report: str) -> dt.date | None:
    """The newest month of a report, complete or not; None when it is empty."""
    newest: dt.date | None = reports.rows(f"select max(month) as month from reports.{report}")[0][
        "month"
    ]
    return newest
