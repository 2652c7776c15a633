"""The one shape in which a file of rows is staged: scan it, type it into temp tables, give a view.

A reader makes the tables that it needs of a file in `StagingTables`, and returns the query over
them; making the view, and dropping all of it when the rows have been taken, is done here. Temp
tables spill to disk, so a file may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from ingest.billing.export_files.lined_files import drop_lines
from ingest.billing.export_files.manifests import check_manifest, is_manifest
from ingest.billing.export_files.tabular import Scan, unreadable
from ingest.contracts.bills import BILLING_CHARGES
from ingest.errors import SourceFileError
from ingest.records.format import InputFile, Refusal, Staged
from ingest.sql import literal, quote


@dataclass
class StagingTables:
    """The temp tables of one file.

    Attributes:
        con: where they are made.
        file: the file that is being staged.
    """

    con: duckdb.DuckDBPyConnection
    file: InputFile
    _tables: list[str] = field(default_factory=list)

    def table(self, part: str, query: str) -> str:
        """Make a table of a query's rows and return its name."""
        name = self._name(part)
        self.con.execute(f"create temp table {name} as {query}")
        return name

    def arrow(self, part: str, content: pa.Table) -> str:
        """Make a table of what was worked out in Python and return its name."""
        self.con.register("bill_arrow", content)
        try:
            return self.table(part, "from bill_arrow")
        finally:
            self.con.unregister("bill_arrow")

    def lookup_table(
        self,
        part: str,
        rows: str,
        texts: Sequence[str],
        read: Callable[..., Mapping[str, object]],
        schema: pa.Schema,
        where: str = "true",
    ) -> str:
        """Make a table with one row a distinct combination of texts, parsed; return its name.

        A bill has some thousands of them at most, whatever its length.

        Args:
            rows: table with the columns `texts`.
            read: parses the texts, given in their order, into columns.
            schema: of the texts and of the parsed columns.
            where: which rows have anything to parse.
        """
        found = self.con.execute(
            f"select distinct {', '.join(texts)} from {rows} where {where}"
        ).fetchall()
        parsed = [{**dict(zip(texts, one, strict=True)), **read(*one)} for one in found]
        return self.arrow(part, pa.Table.from_pylist(parsed, schema=schema))

    def rows(self, scan: Scan, query: str, part: str = "rows") -> str:
        """Make the table of a query over the file's records and return its name.

        Raises:
            SourceFileError: the file cannot be scanned, or holds a header and nothing else.
        """
        name = self._name(part)
        create = f"create or replace temp table {name} as {query}"
        lines = ""
        if scan.lined:
            scan.lined.ask(lambda: int(self.con.execute(create).fetchall()[0][0]))
            lines = f"select 1 from {scan.lined.rejects} union all "
        else:
            try:
                self.con.execute(create)
            except duckdb.Error as error:
                raise unreadable(self.file, error) from None
        if not self.con.execute(f"{lines}select 1 from {name} limit 1").fetchall():
            raise SourceFileError(
                self.file.relative,
                "no data returned: the file has no rows; deliver the export again when it has some",
            )
        return name

    def drop(self, name: str) -> None:
        """Drop a table that is no longer needed."""
        self.con.execute(f"drop table if exists {name}")

    def clear(self) -> None:
        """Drop every table that was made for the file, those of its scan too."""
        for name in self._tables:
            self.drop(name)
        drop_lines(self.con, self.file)

    def _name(self, part: str) -> str:
        name = f"bill_{part}_{self.file.file_id}"
        self._tables.append(name)
        return name


def stage_file(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    queries: Callable[[StagingTables], Mapping[str, str]],
) -> Iterator[Staged | Refusal]:
    """Stage one file as one view per canonical table, or say why it is refused.

    Args:
        queries: makes the staging tables; returns canonical table -> query of its rows.
    """
    staging, views = StagingTables(con, file), []
    try:
        for table, query in queries(staging).items():
            views.append(f"staged_{table}_{file.file_id}")
            con.execute(f"create temp view {views[-1]} as {query}")
            yield Staged(table, views[-1])
    except SourceFileError as error:
        yield Refusal(error)  # raised by `queries`, before anything is staged
    finally:
        for view in views:
            con.execute(f"drop view if exists {view}")
        staging.clear()


def stage_charges(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    query: Callable[[StagingTables], str],
) -> Iterator[Staged | Refusal]:
    """Stage files that hold charges and nothing else, one after the other; manifests hold none.

    Args:
        query: makes the staging tables; returns the query of the file's charges.
    """
    for file in files:
        if is_manifest(file.relative):
            check_manifest(file)
            continue
        yield from stage_file(con, file, lambda staging: {BILLING_CHARGES.name: query(staging)})


def row_md5(scan: Scan) -> str:
    """Return the expression of the md5 of all that a record says, whatever its columns' order."""
    said = ", ".join(f"{literal(name + '=')} || {quote(name)}" for name in sorted(scan.columns))
    return f"md5(concat_ws(chr(31), {said}))"


def null_safe_join(texts: Sequence[str], lookup: str) -> str:
    """Return the condition that joins rows, `r`, to a lookup table by texts that may be NULL.

    Args:
        lookup: alias of the table that `StagingTables.lookup_table` made.
    """
    return " and ".join(f"r.{name} is not distinct from {lookup}.{name}" for name in texts)


def occurrences(rows: str) -> str:
    """Return the query of `record` and `occurrence` of rows that stand several times in a file.

    Args:
        rows: table with `record` and `row_md5`. Few rows, if any, are repeated.
    """
    return f"""
        with twins as (select row_md5 from {rows} group by row_md5 having count(*) > 1)
        select record, row_number() over (partition by row_md5 order by record) as occurrence
        from {rows} semi join twins using (row_md5)
    """


ROW_KEY = "r.row_md5 || '#' || coalesce(p.occurrence, 1)"
"""Restatement key of a row without any other identity; `r` are the rows, `p` the occurrences.

Identical rows of one file stay apart, and the same row in two files is one.
"""
