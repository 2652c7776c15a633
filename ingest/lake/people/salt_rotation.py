"""Another salt for a lake: every pseudonym in it becomes the pseudonym of itself.

The raw identifiers of rows whose files have left the inbox are gone, so a salt is never replaced:
a new one is added, and rows that are read later go through all of them, the oldest first. What was
one user stays one user, whether his rows were rewritten or are read tomorrow. The old salts alone
make nothing any more that stands anywhere.

A rotation is one commit: killed before it, nothing happened; after it, the lake is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import duckdb

from ingest.contracts.call_context import PROMPT_HASHES
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
from ingest.lake.landing import Progress
from ingest.lake.partitions import PartitionWriter
from ingest.records.format import Format
from ingest.records.pseudonyms import PSEUDONYMS, PersonColumns, pseudonym
from ingest.sql import literal

TABLES_WITH_USERS = ("gateway_calls", "trace_spans")
"""Tables whose contract has `user_id` and `api_key_id`, whatever the format of the rows."""


def _of_the_contract(table: str, columns: frozenset[str]) -> PersonColumns:
    """Users and keys, or hashes of prompts, whose columns the contract names."""
    return PersonColumns(
        table,
        " or ".join(f"{name} is not null" for name in sorted(columns)),
        lambda salt: {name: pseudonym(name, salt) for name in sorted(columns)},
    )


def people_of(formats: Iterable[Format]) -> dict[str, list[PersonColumns]]:
    """Every table that has pseudonyms, with where they are; those of a format only in its rows."""
    found = {table: [_of_the_contract(table, PSEUDONYMS)] for table in TABLES_WITH_USERS}
    for fmt in formats:
        for columns in fmt.person_columns:
            own = f"file_id in (select file_id from files where format = {literal(fmt.name)})"
            limited = replace(columns, holds=f"{own} and {columns.holds}")
            found.setdefault(columns.table, []).append(limited)
    return found


def _salted(formats: Iterable[Format]) -> dict[str, list[PersonColumns]]:
    """The same, with the hashes of prompts, which are made with the salt too."""
    found = people_of(formats)
    found["gateway_calls"].append(_of_the_contract("gateway_calls", PROMPT_HASHES))
    return found


Cut = tuple[str, str, str]
"""A column, the predicate of the rows in which it becomes another value, and that value."""


@dataclass(frozen=True)
class HeldPseudonyms:
    """What a day of one source holds.

    Attributes:
        rows: those with a pseudonym.
        size_bytes: of the day's files.
    """

    table: str
    source_name: str
    day: date
    rows: int
    size_bytes: int


def held_pseudonyms(
    con: duckdb.DuckDBPyConnection, paths: LakePaths, formats: Iterable[Format], progress: Progress
) -> Iterator[HeldPseudonyms]:
    """Yield the days whose rows have pseudonyms, table by table.

    Args:
        con: an open catalog (`open_catalog`).
        formats: all there are: each says where its rows hold pseudonyms.
        progress: told after every day, also of those that have none.
    """
    places = _salted(formats)
    days = con.execute(
        "select distinct table_name, source_name, utc_day from parts"
        " where list_contains($tables, table_name) order by all",
        {"tables": list(places)},
    ).fetchall()
    for done, (table, source, day) in enumerate(days, start=1):
        parts = live_parts(con, table, source, day)
        read = reading_parts(paths, parts)
        ((rows,),) = con.execute(
            f"select count(*) from {PARTS} where {_any(held_places(con, places[table], read))}",
            read,
        ).fetchall()
        if rows:
            size = sum((paths.lake / part).stat().st_size for part in parts)
            yield HeldPseudonyms(table, source, day, rows, size)
        progress("pseudonyms", done, len(days))


def rotate(
    con: duckdb.DuckDBPyConnection,
    paths: LakePaths,
    formats: Collection[Format],
    salt: str,
    added: str,
    fingerprints: Mapping[str, tuple[str, str]],
    now: datetime,
    progress: Progress,
) -> list[HeldPseudonyms]:
    """Make every pseudonym of the lake one of the added salt, in one commit.

    Until it is done the rewritten days stand twice on disk; memory is that of landing.

    Args:
        con: an open catalog (`open_catalog`).
        formats: all there are: each says where its rows hold pseudonyms.
        salt: the salts so far, one a line.
        added: the salt that comes behind them.
        fingerprints: by source, that of its settings under the salts so far, and with the added
            one: what was read under the one counts as read under the other.
        now: UTC.

    Returns:
        What was rewritten.
    """
    commit = next_value(con, "commits")
    writers: dict[str, PartitionWriter] = {}
    places = _salted(formats)
    found = []
    with transaction(con):
        for held in held_pseudonyms(con, paths, formats, progress):
            writer = writers.setdefault(
                held.source_name, PartitionWriter(con, paths, held.source_name, commit)
            )
            parts = live_parts(con, held.table, held.source_name, held.day)
            read = reading_parts(paths, parts)
            columns = _rekeyed(held_places(con, places[held.table], read), added)
            writer.rewrite(held.table, held.day, columns)
            found.append(held)
        for source, (before, after) in fingerprints.items():
            con.execute(
                "update files set settings_hash = ? where source_name = ? and settings_hash = ?",
                [after, source, before],
            )
        con.execute("insert into retired_salts values (?, ?, ?)", [_mark(salt), commit, now])
    for writer in writers.values():
        writer.delete_dead_parts()
    return found


def held_places(
    con: duckdb.DuckDBPyConnection, places: Iterable[PersonColumns], read: Parts
) -> list[PersonColumns]:
    """Places whose columns some parts have; they may be older than a column of the contract."""
    columns = columns_of_parts(con, read)
    return [place for place in places if place.rekeyed("").keys() <= columns]


def _any(places: Iterable[PersonColumns]) -> str:
    """Predicate of the rows that have a pseudonym in any of these places."""
    return " or ".join(f"({place.holds})" for place in places)


def _rekeyed(places: Iterable[PersonColumns], salt: str) -> str:
    """Select list of a table whose pseudonyms went through one more salt."""
    return replaced(
        (name, place.holds, sql) for place in places for name, sql in place.rekeyed(salt).items()
    )


def replaced(cuts: Iterable[Cut]) -> str:
    """Select list of a table with the columns of some cuts as these make them."""
    branches: dict[str, list[str]] = {}
    for name, predicate, sql in cuts:
        branches.setdefault(name, []).append(f"when {predicate} then {sql}")
    columns = ", ".join(
        f"case {' '.join(cases)} else {name} end as {name}" for name, cases in branches.items()
    )
    return f"* replace ({columns})"


def users_and_keys(
    con: duckdb.DuckDBPyConnection, paths: LakePaths, wanted: Collection[str]
) -> set[str]:
    """Those of some pseudonyms that calls of the lake have."""
    parts = con.execute("select path from parts where table_name = 'gateway_calls'").fetchall()
    if not parts or not wanted:
        return set()
    found = con.execute(
        "select distinct unnest([user_id, api_key_id]) as pseudonym"
        f" from {PARTS} where list_has_any([user_id, api_key_id], $wanted)",
        {**reading_parts(paths, (part for (part,) in parts)), "wanted": list(wanted)},
    ).fetchall()
    return {pseudonym for (pseudonym,) in found} & set(wanted)


def retired_at(con: duckdb.DuckDBPyConnection, salt: str) -> datetime | None:
    """When a rotation added another salt to this one, UTC; None when it is the newest."""
    row = con.execute(
        "select retired_at from retired_salts where fingerprint = ?", [_mark(salt)]
    ).fetchone()
    return row[0] if row else None


def _mark(salt: str) -> str:
    return hashlib.sha256(salt.encode()).hexdigest()[:16]
