"""What files hold, decoded: a text in a compressed file is not among its bytes."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb


def texts_in(path: Path) -> Iterator[str]:
    """Every text that a file holds: its bytes, and what of a database, Parquet or gzip they say."""
    yield path.read_bytes().decode("latin-1")
    if path.suffix == ".gz":
        yield gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    if path.suffix == ".parquet":
        with duckdb.connect() as con:
            yield str(con.execute("from read_parquet($path)", {"path": str(path)}).fetchall())
    if path.suffix == ".duckdb":
        # attached as a copy: somebody may have the file open in this process
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
            for part in path.parent.glob(f"{path.name}*"):
                shutil.copy(part, folder)
            con.execute(f"attach '{Path(folder) / path.name}' as copy")
            tables = con.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'copy'"
            ).fetchall()
            for schema, table in tables:
                yield str(con.execute(f'from copy."{schema}"."{table}"').fetchall())
            con.execute("detach copy")


def files_holding(folder: Path, *words: str) -> set[str]:
    """Files below a folder in which one of some words can be read; the folder holds some file."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return {
        path.relative_to(folder).as_posix()
        for path in files
        if any(word in text for text in texts_in(path) for word in words)
    }
