"""What the bill tests share: the sample folder, files in an inbox, and rows out of a reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.records.format import Format, InputFile, Refusal, SourceConfig

REPOSITORY = Path(__file__).resolve().parents[3]


# The smallest FOCUS file: its header and one row.
HEADER = "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName"
LINE = "1.50,USD,Usage,2026-09-01T00:00:00Z,Acme"


def csv_of(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def as_config(format_name: str = "any", **options: Any) -> SourceConfig:
    return SourceConfig(format_name, format_name, Path("config/sources/x.toml"), options)


@pytest.fixture
def samples() -> Path:
    shared = Path(os.environ.get("OUTLAY_SHARED", REPOSITORY.parent / "shared"))
    if not shared.is_dir():
        pytest.skip("the shared folder of sample bills is not here; set OUTLAY_SHARED to it")
    return shared / "samples" / "billing"


def left_behind(con: duckdb.DuckDBPyConnection) -> list[Any]:
    """Names of the temp tables and views that a reader should have dropped."""
    return con.sql(
        "select table_name from duckdb_tables() where temporary"
        " union all select view_name from duckdb_views() where temporary and not internal"
    ).fetchall()


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a scratch folder of its own: tests run side by side in one folder."""
    with duckdb.connect(config={"temp_directory": str(tmp_path / "scratch")}) as connection:
        yield connection


@pytest.fixture
def as_file(tmp_path: Path) -> Callable[..., InputFile]:
    """Return a function that lays content (or an existing path) into an inbox as file 1, 2 ..."""
    numbers = iter(range(1, 1000))

    def lay(content: str | bytes | Path, name: str = "page.json") -> InputFile:
        if isinstance(content, Path):
            return InputFile(next(numbers), content, content.name)
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return InputFile(next(numbers), path, name)

    return lay


Records = list[dict[str, Any]]


@pytest.fixture
def stage(con: duckdb.DuckDBPyConnection) -> Callable[..., Records]:
    """Return a function that runs a reader and gives its staged rows with their table's name."""

    def run(source: Format, *files: InputFile, **options: Any) -> Records:
        found: Records = []
        for staged in source.read(con, files, as_config(source.name, **options)):
            if isinstance(staged, Refusal):
                raise staged.error
            relation = con.sql(f"from {staged.relation} order by source_line")
            found += [
                {"table": staged.table, **dict(zip(relation.columns, row, strict=True))}
                for row in relation.fetchall()
            ]
        assert left_behind(con) == []
        return found

    return run
