"""LiteLLM JSON lines: landing them, against DuckDB's bare typed `read_json` of the same file.

The bare read takes the same values with the same types from the file and writes them as Parquet: it
checks nothing, and keeps neither line numbers nor partitions, nor would it survive a bad line. Both
are timed inside their processes, for Python takes as long to start for either; of several runs the
fastest counts, for other work on the machine can only slow one down.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import duckdb

from ingest.demo import write_workspace_data
from ingest.gateways.litellm import reader as litellm
from ingest.records.format import InputFile, SourceConfig
from ingest.records.reader import typed_select
from tests.bench.measure import Promises, Took, fastest, run, working
from tests.support.lake import Lake

SIZES_MB = (250, 1000)
HUGE_MB = 4 * SIZES_MB[-1]
RUNS = 5

LEAST_SPEED = 0.6
"""Of the large file: opening and closing the lake take 0.2 s of any."""

MOST_GROWTH_MB = 250
"""What four times the largest file may take more: DuckDB fills its buffers up to their limit."""


def measure(folder: Path, promises: Promises) -> None:
    """Print speed and memory for a small, a large and a huge file."""
    print("Ingest of LiteLLM JSON lines")
    for size in SIZES_MB:
        source = _log(folder, size)
        bare: list[Took] = []
        ours: list[Took] = []
        for number in range(RUNS):
            lake = folder / f"lake-{size}-{number}"
            bare.append(run("-m", __name__, "bare", str(source), str(folder)))
            ours.append(run("-m", __name__, "land", str(source), str(lake)))
        read, landed = fastest(bare), fastest(ours)
        print(f"  {size:5d} MB  bare read_json  {read.work:6.2f} s of work; process {read}")
        print(f"  {size:5d} MB  landing         {landed.work:6.2f} s of work; process {landed}")
        speed = read.work / landed.work
        print(f"            at {speed:.2f} of the bare speed")
    promises.promise(
        f"landing {SIZES_MB[-1]} MB at {speed:.2f} of the bare speed (at least {LEAST_SPEED})",
        speed >= LEAST_SPEED,
    )
    huge = run("-m", __name__, "land", str(_log(folder, HUGE_MB)), str(folder / "lake-huge"))
    print(f"  {HUGE_MB:5d} MB  landing         {huge.work:6.2f} s of work; process {huge}")
    grown = huge.peak_mb - landed.peak_mb
    promises.promise(
        f"four times {SIZES_MB[-1]} MB take {grown:.0f} MB more memory (at most {MOST_GROWTH_MB})",
        grown <= MOST_GROWTH_MB,
    )


def _log(folder: Path, size_mb: int) -> Path:
    """A log of about that size: demo days, repeated under new ids."""
    target = folder / f"litellm-{size_mb}.jsonl"
    if target.exists():
        return target
    write_workspace_data(folder / "demo", days=8)
    days = sorted((folder / "demo" / "inbox" / "litellm").glob("*.gz"))[:6]
    blocks = [gzip.decompress(path.read_bytes()) for path in days]
    written, copy = 0, 0
    with target.open("wb") as stream:
        while written < size_mb * 1_000_000:
            marker = b'"litellm_call_id": "%04d' % copy
            for block in blocks:
                changed = block.replace(b'"litellm_call_id": "', marker)
                written += stream.write(changed)
            copy += 1
    return target


def _bare(source: Path, folder: Path) -> None:
    config = SourceConfig("bench", "litellm", Path("bench.toml"))
    select = typed_select([InputFile(1, source, source.name)], litellm.leaves(config), "jsonl")
    con = duckdb.connect()
    with working():
        con.execute(f"copy ({select}) to '{folder / 'bare.parquet'}' (format parquet)")


def _land(source: Path, folder: Path) -> None:
    lake = Lake(folder)
    inbox = lake.paths.inbox / lake.source
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / source.name).symlink_to(source.absolute())
    # DuckDB's client imports pandas when it first binds a value: that, too, is Python that starts
    duckdb.execute("select ?", [1])
    with working():
        report = lake.land(threads=None)
    assert report.rows_loaded, report
    assert not report.rows_quarantined, report


if __name__ == "__main__":
    {"bare": _bare, "land": _land}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
