"""A text is found wherever it is kept, which its bytes alone would not show."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pytest

from tests.support.texts import files_holding

WORD = "TOPSECRET"
MANY = f"select '{WORD}' || range % 7 as t, {{'inner': ['x {WORD}']}} as deep from range(20000)"


def write(path: Path) -> None:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(WORD.encode() * 50))
    elif path.suffix == ".html":
        path.write_text(f"<p>{WORD}</p>")
    elif path.suffix == ".parquet":
        with duckdb.connect() as con:
            con.execute(f"copy ({MANY}) to '{path}' (format parquet, compression zstd)")
    else:
        with duckdb.connect(str(path)) as con:
            con.execute(f"create schema s; create table s.t as {MANY.replace('7', '20000')}")


@pytest.mark.parametrize("name", ["a.gz", "a.html", "a.parquet", "a.duckdb"])
def test_a_text_is_found_in_every_kind_of_file(name: str, tmp_path: Path) -> None:
    write(tmp_path / name)
    assert files_holding(tmp_path, "absent", WORD) == {name}
    assert files_holding(tmp_path, "absent") == set()


@pytest.mark.parametrize("name", ["a.gz", "a.parquet"])
def test_bytes_alone_would_not_show_it(name: str, tmp_path: Path) -> None:
    write(tmp_path / name)
    assert (WORD * 2).encode() not in (tmp_path / name).read_bytes()
