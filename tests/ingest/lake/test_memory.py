"""Landing holds a part of a file at a time: what it takes of memory is no matter of the size."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from ingest.lake.catalog import open_catalog, reading_database
from ingest.lake.landing import land_source
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from tests.bench.measure import least_peak, run
from tests.recording.recorder import RECORDING
from tests.support.lake import Lake

SIZE_MB = 60
MOST_GROWTH_MB = 60
"""A third of what the larger file has more; from 60 MB on, DuckDB has filled its buffers."""


@pytest.mark.slow
def test_a_file_four_times_as_large_takes_no_four_times_the_memory(tmp_path: Path) -> None:
    small, large = (least_peak(peak_mb, tmp_path, size) for size in (SIZE_MB, 4 * SIZE_MB))
    assert large - small < MOST_GROWTH_MB, (small, large)


def test_every_thread_that_reads_has_memory_of_its_own(tmp_path: Path) -> None:
    """With a gigabyte for two, one of them waited: a log of 1 GB took twice as long."""
    con = reading_database(tmp_path / "scratch", threads=3)
    (held,) = con.execute(
        "select current_setting('threads'), current_setting('memory_limit')"
    ).fetchall()
    assert held == (3, "1.5 GiB")


def peak_mb(root: Path, size_mb: int) -> float:
    """Peak memory of a process that lands that much of the recorded proxy's log."""
    lines = gzip.decompress(RECORDING.read_bytes()).splitlines(keepends=True)
    lake = Lake(root)
    with lake.drop("a.jsonl", "").open("wb") as log:
        number = 0
        while log.tell() < size_mb * 1_000_000:
            line = lines[number % len(lines)]
            log.write(line.replace(b'"litellm_call_id": "', b'"litellm_call_id": "%07d' % number))
            number += 1
    return run("-m", __name__, str(root), str(number)).peak_mb


def _land(root: Path, lines: int) -> None:
    lake = Lake(root)
    config = SourceConfig(lake.source, lake.format, Path("test.toml"))
    with open_catalog(lake.paths, threads=1) as con:
        report = land_source(con, lake.paths, config, FORMATS[lake.format])
    assert (report.rows_loaded, report.rows_quarantined) == (lines, 0), report


if __name__ == "__main__":
    _land(Path(sys.argv[1]), int(sys.argv[2]))
