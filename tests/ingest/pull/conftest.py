"""A vendor on this machine, a clock that stands, and a source that pulls by them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.lake.catalog import LakePaths, open_catalog
from ingest.lake.file_entries import SourceReport
from ingest.lake.landing import land_source
from ingest.pull.client import Waiting
from ingest.pull.inbound import pull_source
from ingest.pull.plan import Progress, PullReport, Span
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from tests.ingest.pull.vendor import KEY, Vendor

TODAY = date(2026, 10, 20)


@dataclass
class Clock:
    """Stands until someone sleeps or sets it.

    Attributes:
        slept: seconds of every sleep.
    """

    time: datetime = datetime(2026, 10, 20, 5, 15, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def waiting(self, timeout_seconds: float = 5.0, answer_seconds: float = 60.0) -> Waiting:
        return Waiting(lambda: self.time, self.slept.append, timeout_seconds, answer_seconds)

    def set(self, day: date, hour: int = 5) -> None:
        self.time = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@dataclass
class Source:
    """One source of a workspace under a temporary folder."""

    root: Path
    vendor: Vendor
    clock: Clock
    settings: dict[str, Any]
    key: str | None = KEY

    @property
    def config(self) -> SourceConfig:
        pull = {"base_url": self.vendor.base_url, **self.settings}
        options = {"pull": pull} | pull.pop("options", {})
        path = Path("config/sources/bill.toml")
        return SourceConfig("bill", self.vendor.name, path, options, "salt", "v1")

    @property
    def inbox(self) -> Path:
        return self.root / "inbox" / "bill"

    @property
    def state_file(self) -> Path:
        return self.root / "pulled" / "bill.json"

    def pull(
        self,
        span: Span | None = None,
        timeout_seconds: float = 5.0,
        progress: Progress | None = None,
        answer_seconds: float = 60.0,
    ) -> PullReport:
        return pull_source(
            self.config,
            self.root / "inbox",
            self.root / "pulled",
            lambda _: self.key,
            waiting=self.clock.waiting(timeout_seconds, answer_seconds),
            progress=progress,
            span=span,
        )

    def files(self) -> list[str]:
        """Files that landing would see, below the inbox folder."""
        found = (p.relative_to(self.inbox) for p in self.inbox.rglob("*") if p.is_file())
        return sorted(p.as_posix() for p in found if not p.parts[0].startswith("."))

    def pages(self) -> list[dict[str, Any]]:
        """Every page laid, with its request, oldest file first."""
        lines = [
            json.loads(line, parse_float=Decimal)
            for name in self.files()
            for line in gzip.decompress((self.inbox / name).read_bytes()).splitlines()
        ]
        assert all(set(line) == {"request", "fetched_at", "response"} for line in lines)
        return lines

    def land(self) -> SourceReport:
        self.inbox.mkdir(parents=True, exist_ok=True)
        paths = LakePaths(self.root / "inbox", self.root / "lake")
        landed_at = self.clock.time.replace(tzinfo=None)
        with open_catalog(paths) as con:
            config = self.config
            return land_source(con, paths, config, FORMATS[config.format], landed_at)

    def charges(self) -> dict[date, Decimal]:
        return lake_charges(self.root)


def lake_charges(root: Path) -> dict[date, Decimal]:
    """USD by day of what counts: of each bucket the newest answer, as a whole."""
    files = f"{root}/lake/billing_charges/*/*/*.parquet"
    with duckdb.connect() as con:
        rows = con.execute(
            f"with charges as (from read_parquet('{files}')), newest as ("
            " select x_restatement_key, max(x_as_of) as newest_at from charges group by 1)"
            " select charge_period_start::date, sum(billed_cost)"
            " from charges join newest using (x_restatement_key)"
            " where x_as_of is not distinct from newest_at group by 1 order by 1"
        ).fetchall()
    return dict(rows)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Source]]:
    """Return a function that starts a vendor and a source with these `[pull]` settings."""
    started: list[Vendor] = []

    def start(vendor: str = "openai", **settings: Any) -> Source:
        started.append(Vendor(vendor).__enter__())
        return Source(tmp_path, started[-1], clock, settings)

    yield start
    for vendor in started:
        vendor.__exit__()
