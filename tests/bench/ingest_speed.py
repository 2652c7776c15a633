"""LiteLLM JSON lines: landing them, against DuckDB's bare typed `read_json` of the same file.

The bare read takes the same values with the same types from the file and writes them as Parquet: it
checks nothing, and keeps neither line numbers nor partitions, nor would it survive a bad line.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import duckdb

from ingest.demo import write_workspace_data
from ingest.gateways import litellm
from ingest.reading import InputFile, SourceConfig
from ingest.records import typed_select
from tests.bench.measure import Took, run, typical
from tests.ingest.lake import Lake

SIZES_MB = (250, 1000)
RUNS = 3


def measure(folder: Path) -> None:
    """Print speed and memory for a small and a large file."""
    print("Ingest of LiteLLM JSON lines")
    for size in SIZES_MB:
        source = _log(folder, size)
        bare: list[Took] = []
        ours: list[Took] = []
        for number in range(RUNS):
            lake = folder / f"lake-{size}-{number}"
            bare.append(run("-m", __name__, "bare", str(source), str(folder)))
            ours.append(run("-m", __name__, "land", str(source), str(lake)))
        print(f"  {size:5d} MB  bare read_json  {typical(bare)}")
        print(f"  {size:5d} MB  landing         {typical(ours)}")
        print(
            f"            landing at {typical(bare).wall / typical(ours).wall:.2f} of the bare"
            " speed (promised: at least 0.5)"
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
    con.execute("set threads = 2")
    con.execute(f"copy ({select}) to '{folder / 'bare.parquet'}' (format parquet)")


def _land(source: Path, folder: Path) -> None:
    lake = Lake(folder)
    inbox = lake.paths.inbox / lake.source
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / source.name).symlink_to(source)
    report = lake.land()
    assert report.rows_loaded, report
    assert not report.rows_quarantined, report


if __name__ == "__main__":
    {"bare": _bare, "land": _land}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
