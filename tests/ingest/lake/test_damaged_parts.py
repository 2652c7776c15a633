"""Parts of the lake that are gone, cut short or changed: found, and made again from the inbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.lake.catalog import open_catalog
from ingest.lake.damaged_parts import DamagedLakeError, damaged_parts, mend
from ingest.lake.withdrawal import withdraw
from tests.ingest.lake.test_landing import MAPPING, call, lines
from tests.support.lake import LANDED_AT, Lake

CALLS = "select call_id from rows order by 1"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two files: `a` has rows on two days, `b` on the second of them."""
    lake = Lake(tmp_path, "bot", "mapped", MAPPING)
    lake.drop("a.jsonl", lines(call(1, "2026-10-01"), call(2, "2026-10-02")))
    lake.land()
    lake.drop("b.jsonl", lines(call(3, "2026-10-02")))
    lake.land()
    return lake


def parts(lake: Lake, day: str) -> list[Path]:
    return sorted(lake.paths.lake.glob(f"gateway_calls/*/utc_day={day}/*.parquet"))


def faults(lake: Lake, *, hashed: bool = False) -> list[str]:
    with open_catalog(lake.paths) as con:
        return [part.fault for part in damaged_parts(con, lake.paths, hashed=hashed)]


def mended(lake: Lake) -> None:
    with open_catalog(lake.paths) as con:
        mend(con, lake.paths, damaged_parts(con, lake.paths), ["bot"])
    lake.land()


def test_a_whole_lake_has_none(lake: Lake) -> None:
    assert faults(lake, hashed=True) == []


def test_what_is_gone_cut_short_or_changed_is_said(lake: Lake) -> None:
    (first,), (second, third) = parts(lake, "2026-10-01"), parts(lake, "2026-10-02")
    size = second.stat().st_size
    changed = bytearray(third.read_bytes())
    changed[len(changed) // 2] ^= 1
    first.unlink()
    second.write_bytes(b"")
    third.write_bytes(bytes(changed))
    assert faults(lake) == ["is gone", f"has 0 of {size:,} bytes"]
    assert faults(lake, hashed=True)[2] == "has other bytes than were written"


@pytest.mark.parametrize("damage", [Path.unlink, lambda part: part.write_bytes(b"")])
@pytest.mark.parametrize("day", ["2026-10-01", "2026-10-02"])
def test_its_files_are_read_again_and_each_row_is_there_once(
    lake: Lake, damage: object, day: str
) -> None:
    before = lake.rows("select * exclude (file_id) from rows order by all")
    damage(parts(lake, day)[0])  # type: ignore[operator]
    mended(lake)
    assert faults(lake, hashed=True) == []
    assert lake.rows("select * exclude (file_id) from rows order by all") == before
    assert lake.catalog("select source_file, status, rows_loaded from files order by all") == [
        ("a.jsonl", "loaded", 2),
        ("b.jsonl", "loaded", 1),
    ]


def test_its_days_are_computed_again(lake: Lake) -> None:
    (newest,) = lake.catalog("select max(commit_id) from changed_days")
    parts(lake, "2026-10-02")[1].unlink()
    mended(lake)
    assert lake.catalog(
        "select distinct utc_day::varchar from changed_days"
        f" where commit_id > {newest[0]} order by 1"
    ) == [("2026-10-01",), ("2026-10-02",)]


def test_without_its_file_nothing_is_touched_and_the_cures_cure(lake: Lake) -> None:
    (lake.paths.inbox / "bot" / "b.jsonl").unlink()
    parts(lake, "2026-10-02")[0].unlink()
    with pytest.raises(DamagedLakeError) as said:
        mended(lake)
    assert "utc_day=2026-10-02/part-00000001-1-0.parquet is gone" in str(said.value)
    assert "not in the inbox: inbox/bot/b.jsonl; put that" in str(said.value)
    assert lake.rows(CALLS) == [("c1",), ("c3",)]
    with open_catalog(lake.paths) as con:
        assert withdraw(con, lake.paths, "bot/b.jsonl", "CFO", "gone with the disk", LANDED_AT) == 1
    mended(lake)
    assert lake.rows(CALLS) == [("c1",), ("c2",)]
    lake.drop("b.jsonl", lines(call(3, "2026-10-02"), call(4, "2026-10-02")))
    lake.land()
    assert lake.rows(CALLS) == [("c1",), ("c2",), ("c3",), ("c4",)]


def test_a_killed_mending_goes_on_with_the_next_landing(lake: Lake) -> None:
    parts(lake, "2026-10-01")[0].unlink()
    with open_catalog(lake.paths) as con:
        mend(con, lake.paths, damaged_parts(con, lake.paths), ["bot"])
    assert lake.rows(CALLS) == [("c3",)]
    assert faults(lake) == []
    lake.land()
    assert lake.rows(CALLS) == [("c1",), ("c2",), ("c3",)]
