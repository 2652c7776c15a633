"""One person's rows in the lake: which files brought them, and their link to the person cut.

Rows are costs of a team and stay. The pseudonym in them becomes another that nobody can make again,
so that what one person did is still one person's, and nobody can tell whose. Bills may also state a
person as they like, in a tag or an identifier of the provider: there the text itself is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from ingest.contracts.tables import TABLES
from ingest.lake.catalog import (
    PARTS,
    LakePaths,
    Parts,
    columns_of_parts,
    live_parts,
    next_value,
    reading_parts,
    transaction,
)
from ingest.lake.partitions import PartitionWriter
from ingest.lake.people.salt_rotation import Cut, held_places, people_of, replaced
from ingest.records.format import Format
from ingest.records.pseudonyms import PersonColumns, pseudonym_of
from ingest.sql import literal

BILLS = ("billing_charges", "billing_usage")
"""Tables whose sources state people in whatever column they like."""


@dataclass(frozen=True)
class Person:
    """Who is looked for.

    Attributes:
        identifier: as sources name the person.
        pseudonyms: what may stand for it, sixteen hexadecimal digits each.
    """

    identifier: str
    pseudonyms: Collection[str]


@dataclass(frozen=True)
class HeldRows:
    """Rows of a person that one file brought into one table.

    Attributes:
        source_file: its path below the inbox folder.
    """

    table: str
    source_name: str
    source_file: str
    file_id: int
    first_day: date
    last_day: date
    rows: int


def rows_of(
    con: duckdb.DuckDBPyConnection, paths: LakePaths, formats: Iterable[Format], person: Person
) -> list[HeldRows]:
    """The rows of a person, by table and file. Reads the whole lake.

    Args:
        con: an open catalog (`open_catalog`).
        formats: all there are: each says where its rows hold pseudonyms.
    """
    found = []
    for table, places in _tables(formats).items():
        parts = con.execute("select path from parts where table_name = ?", [table]).fetchall()
        if not parts:
            continue
        read = reading_parts(paths, (part for (part,) in parts))
        rows = con.execute(
            "select files.source_name, files.source_file, file_id, min(utc_day), max(utc_day),"
            f" count(*) from {_WITH_DAYS} as held inner join files using (file_id)"
            f" where {_any(_cuts(con, table, places, person, read))} group by all order by 1, 2",
            read,
        ).fetchall()
        found += [HeldRows(table, *row) for row in rows]
    return found


def forget(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    formats: Iterable[Format],
    person: Person,
    secret: str,
) -> None:
    """Give a person's rows another pseudonym, in one commit.

    Days are not noted as changed: whoever calls this builds the warehouse anew.

    Args:
        con: an open catalog (`open_catalog`).
        formats: all there are: each says where its rows hold pseudonyms.
        secret: what the other one is made with; nobody may keep it.
    """
    writers: dict[str, PartitionWriter] = {}
    with transaction(con):
        commit = next_value(con, "commits")
        for table, places in _tables(formats).items():
            days = con.execute(
                "select distinct source_name, utc_day from parts where table_name = ? order by all",
                [table],
            ).fetchall()
            for source, day in days:
                read = reading_parts(paths, live_parts(con, table, source, day))
                cuts = _cuts(con, table, places, person, read, secret)
                held = f"select exists (from {PARTS} where {_any(cuts)})"
                if con.execute(held, read).fetchall()[0][0]:
                    writer = writers.setdefault(source, PartitionWriter(con, paths, source, commit))
                    writer.rewrite(table, day, replaced(cuts))
    for writer in writers.values():
        writer.delete_dead_parts()


_WITH_DAYS = "read_parquet($parts, union_by_name = true, hive_partitioning = true)"
"""`PARTS` with what their paths say."""


def _tables(formats: Iterable[Format]) -> dict[str, list[PersonColumns]]:
    return {**{table: [] for table in BILLS}, **people_of(formats)}


def _cuts(
    con: duckdb.DuckDBPyConnection,
    table: str,
    places: Iterable[PersonColumns],
    person: Person,
    read: Parts,
    secret: str = "",
) -> list[Cut]:
    """Where some parts of a table may name a person: by pseudonym, then in bills as it is."""
    cuts = [
        (name, f"({place.holds}) and {_names(name, person.pseudonyms)}", sql)
        for place in held_places(con, places, read)
        for name, sql in place.rekeyed(secret).items()
    ]
    if table not in BILLS:
        return cuts
    there = columns_of_parts(con, read)
    texts = [c.name for c in TABLES[table].columns if c.type == "VARCHAR" and c.name in there]
    pattern, other = _pattern(person.identifier), pseudonym_of(person.identifier, secret)
    for name in texts:
        once = f"regexp_replace({name}, {pattern}, '\\1{other}\\2', 'gi')"
        # of two beside each other the first takes what stands between them
        both = f"regexp_replace({once}, {pattern}, '\\1{other}\\2', 'gi')"
        cuts.append((name, f"coalesce(regexp_matches({name}, {pattern}, 'i'), false)", both))
    return cuts


def _pattern(identifier: str) -> str:
    """SQL text of the regular expression of an identifier that is no part of a longer one."""
    return literal(rf"(^|[^\w.@-]){re.escape(identifier)}($|[^\w.@-])")


def _names(column: str, pseudonyms: Collection[str]) -> str:
    """Predicate of rows whose column names one of some pseudonyms."""
    tests = [f"contains({column}, '{one}')" for one in pseudonyms]
    return f"coalesce({' or '.join(tests) or 'false'}, false)"


def _any(cuts: Iterable[Cut]) -> str:
    return " or ".join(f"({predicate})" for _, predicate, _ in cuts) or "false"
