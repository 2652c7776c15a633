"""Objects that vanish from a store: of an older delivery, or tidied away."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

from ingest.lake.catalog import LakePaths, open_catalog
from ingest.lake.landing import land_source
from ingest.pull.inbound import pull_source
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from tests.ingest.billing.conftest import HEADER
from tests.ingest.pull.conftest import Clock, lake_charges


def put(store: Path, key: str, usd: str, day: int, written: int) -> None:
    """Write the smallest FOCUS bill of one day, at a second of the store's clock."""
    path = store / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}\n{usd},USD,Usage,2026-10-{day:02d}T00:00:00Z,Acme\n")
    os.utime(path, (written, written))


def test_an_object_that_vanishes_while_its_folder_is_written_anew_leaves_the_lake(
    tmp_path: Path, clock: Clock
) -> None:
    """60 and 40 are written anew as 105; what stood alone in its folder is only tidied away."""
    store, inbox, state = tmp_path / "store", tmp_path / "w" / "inbox", tmp_path / "w" / "pulled"
    options = {"remote": {"url": f"file://{store}/"}}
    config = SourceConfig("cloud", "focus", Path("cloud.toml"), options, "salt", "v1")
    paths = LakePaths(inbox, tmp_path / "w" / "lake")

    def bring() -> dict[date, Decimal]:
        report = pull_source(config, inbox, state, lambda _: None, waiting=clock.waiting())
        assert report.problems == []
        with open_catalog(paths) as con:
            now = clock.time.replace(tzinfo=None)
            assert land_source(con, paths, config, FORMATS["focus"], now).failed == []
        return lake_charges(tmp_path / "w")

    put(store, "m/a.csv", "60", 1, written=1)
    put(store, "m/b.csv", "40", 2, written=1)
    put(store, "o/c.csv", "7", 3, written=1)
    assert bring() == {date(2026, 10, 1): 60, date(2026, 10, 2): 40, date(2026, 10, 3): 7}
    put(store, "m/a.csv", "105", 1, written=2)
    (store / "m" / "b.csv").unlink()
    (store / "o" / "c.csv").unlink()
    for _ in range(2):
        assert bring() == {date(2026, 10, 1): 105, date(2026, 10, 3): 7}
    put(store, "m/b.csv", "40", 2, written=1)  # the very same comes back
    assert bring()[date(2026, 10, 2)] == 40
