"""Blocks of a DuckDB file: a copy takes those of some schemas and leaves holes for the others."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.sql import literal, quote

_HEADER_BYTES = 3 * 4096
"""The file's own header and two of the database, before the first block."""


@dataclass(frozen=True)
class Blocks:
    """Which blocks of a file hold something.

    Attributes:
        size_bytes: of one block.
        total: blocks of the file, free ones included.
        wanted: those of the schemas that were asked for, and of the catalog.
        is_known: every block in use was accounted for; else nothing may be left out.
    """

    size_bytes: int
    total: int
    wanted: frozenset[int]
    is_known: bool


def blocks_of(con: duckdb.DuckDBPyConnection, schemas: Collection[str]) -> Blocks:
    """The blocks of some schemas, right after a checkpoint."""
    ((size, total, used),) = con.execute(
        "select block_size, total_blocks, used_blocks from pragma_database_size()"
        " where database_name = current_database()"
    ).fetchall()
    catalog = con.execute("select block_id from pragma_metadata_info()").fetchall()
    found = {True: {block for (block,) in catalog}, False: set[int]()}
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = current_database()"
    ).fetchall()
    for schema, table in tables:
        name = literal(f"{quote(schema)}.{quote(table)}")
        rows = con.execute(
            "select distinct unnest(list_append(additional_block_ids, block_id))"
            f" from pragma_storage_info({name})"
        ).fetchall()
        # a constant segment has no block
        found[schema in schemas] |= {block for (block,) in rows if block is not None and block >= 0}
    is_known = len(found[True] | found[False]) == used
    return Blocks(int(size), int(total), frozenset(found[True]), is_known)


def copy_blocks(source: Path, target: Path, blocks: Blocks) -> None:
    """Copy a closed database's file; blocks that are not wanted are holes, which take no room."""
    if not blocks.is_known:
        shutil.copyfile(source, target)
        return
    with source.open("rb") as read, target.open("wb") as write:
        write.truncate(source.stat().st_size)
        _copy_range(read.fileno(), write.fileno(), 0, _HEADER_BYTES)
        for block in sorted(blocks.wanted):
            start = _HEADER_BYTES + block * blocks.size_bytes
            _copy_range(read.fileno(), write.fileno(), start, blocks.size_bytes)


def clear_blocks(file: Path, copied: Blocks, kept: Blocks) -> None:
    """Overwrite the blocks of a closed database's file that were copied and hold nothing now."""
    if not (copied.is_known and kept.is_known):
        return
    with file.open("r+b") as stream:
        for block in sorted(copied.wanted - kept.wanted):
            stream.seek(_HEADER_BYTES + block * kept.size_bytes)
            stream.write(bytes(kept.size_bytes))


def _copy_range(read: int, write: int, start: int, size: int) -> None:
    """Copy a range to the same place; file systems that can share blocks copy nothing."""
    while size:
        try:
            done = os.copy_file_range(read, write, size, start, start)
        except (AttributeError, OSError):
            # not this system's, or not between these files
            done = os.pwrite(write, os.pread(read, size, start), start)
        if not done:
            return
        start, size = start + done, size - done
