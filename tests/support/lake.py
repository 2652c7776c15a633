"""A scratch lake for tests: drop files in, land, look at the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from ingest.lake.catalog import LakePaths, open_catalog
from ingest.lake.file_entries import SourceReport
from ingest.lake.landing import land_source
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS

LANDED_AT = datetime(2026, 11, 1, 3, 0)


@cache
def database() -> duckdb.DuckDBPyConnection:
    """A database in memory for all tests of a process: opening one costs more than most queries.

    A cursor of it has temporary relations of its own.
    """
    return duckdb.connect()


@dataclass
class Lake:
    """An inbox and a lake under a temporary folder."""

    root: Path
    source: str = "gateway"
    format: str = "litellm"
    options: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = "v1"

    @property
    def paths(self) -> LakePaths:
        return LakePaths(self.root / "inbox", self.root / "lake")

    def drop(self, name: str, content: bytes | str) -> Path:
        path = self.paths.inbox / self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, threads: int | None = 1) -> SourceReport:
        """Land what is in the inbox; for so few rows as most tests have, more threads only cost."""
        config = SourceConfig(
            self.source,
            self.format,
            Path("config/sources/test.toml"),
            self.options,
            "salt",
            self.fingerprint,
        )
        (self.paths.inbox / self.source).mkdir(parents=True, exist_ok=True)
        with open_catalog(self.paths, threads) as con:
            return land_source(con, self.paths, config, FORMATS[self.format], LANDED_AT)

    def catalog(self, sql: str) -> list[tuple[Any, ...]]:
        con = duckdb.connect(str(self.paths.catalog), read_only=True)
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()

    def rows(self, sql: str, table: str = "gateway_calls") -> list[tuple[Any, ...]]:
        """Query the lake table as `rows`."""
        con = database().cursor()
        glob = f"{self.paths.lake}/{table}/*/*/*.parquet"
        con.execute(
            f"create temp view rows as from read_parquet('{glob}', hive_partitioning = true,"
            " hive_types = {'utc_day': date, 'source_name': varchar}, union_by_name = true)"
        )
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()
