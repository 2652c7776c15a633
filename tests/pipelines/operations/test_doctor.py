"""`outlay doctor` and `outlay rebuild`: what is broken is named, and the cure named mends it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.operations import doctor
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.small import CALLS, drop


def seen(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """What the doctor says, by subject."""
    result = outlay("doctor", "--workspace", workspace.root, "--json")
    checks = json.loads(result.stdout)
    assert result.exit_code == int(not all(check["state"] == "good" for check in checks))
    return {check["check"]: check for check in checks}


def calls(workspace: Workspace) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute("select * from marts.fct_calls order by all").fetchall()


def a_part(workspace: Workspace) -> Path:
    return min(workspace.lake.lake.glob("gateway_calls/*/*/*.parquet"))


def test_a_sound_workspace_is_good_in_everything_and_stays_as_it_is(own: Workspace) -> None:
    before = {path: path.stat().st_mtime_ns for path in own.root.rglob("*") if path.is_file()}
    found = seen(own)
    assert list(found) == [
        "configuration", "permissions", "disk", "versions", "lake", "warehouse", "published",
        "closes",
    ]  # fmt: skip
    assert {check["state"] for check in found.values()} == {"good"}
    assert found["lake"]["detail"] == "4 parts are as they were written"
    after = {path: path.stat().st_mtime_ns for path in own.root.rglob("*") if path.is_file()}
    locks = {own.state / "lock", own.lake.lake / ".catalog.lock", own.state / "lock.json"}
    assert {p: t for p, t in after.items() if p not in locks} == {
        p: t for p, t in before.items() if p not in locks
    }


def test_a_catalog_of_before_lacks_what_is_not_compared(own: Workspace) -> None:
    with duckdb.connect(str(own.lake.catalog)) as con:
        con.execute("alter table parts drop column size_bytes")
        con.execute("alter table parts drop column content_hash")
    assert seen(own)["lake"]["state"] == "good"
    a_part(own).unlink()
    assert "is gone" in seen(own)["lake"]["detail"]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "fault"),
    [(Path.unlink, "is gone"), (empty, "has 0 of"), (flip, "has other bytes than were written")],
)
def test_a_damaged_part_is_named_and_the_cure_brings_every_row_back(
    own: Workspace, damage: Callable[[Path], None], fault: str
) -> None:
    before, part = calls(own), a_part(own)
    damage(part)
    found = seen(own)["lake"]
    assert f"{part.relative_to(own.root)} {fault}" in found["detail"]
    if damage is flip:
        assert found["cure"].startswith(f"delete {part};")
        part.unlink()
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 0, result.output  # a warning: it tells what was damaged
    assert "read again from the inbox" in " ".join(result.output.split())
    assert calls(own) == before
    assert seen(own)["lake"]["state"] == "good"
    assert outlay("run", "--workspace", own.root).output.count("warning") == 0


@pytest.mark.slow
def test_a_part_whose_bytes_changed_is_met_by_the_run_that_computes_its_day(
    own: Workspace,
) -> None:
    before, part = calls(own), a_part(own)
    flip(part)
    day = part.parent.name
    at = f"{day.removeprefix('utc_day=')}T13:00:00Z"
    (own.lake.inbox / "bot" / "more.csv").write_text(
        f"id,task,at,model,in,out\nc9,t9,{at},house-1,1000,0\n"
    )
    result = outlay("run", "--workspace", own.root)
    said = " ".join(result.output.split())
    assert result.exit_code == 0, result.output
    assert "has other bytes than were written: read again from the inbox" in said
    assert [call for call in calls(own) if "c9" not in call] == before
    assert seen(own)["lake"]["state"] == "good"


@pytest.mark.slow
def test_a_part_whose_file_is_gone_stops_the_run_with_the_cure(own: Workspace) -> None:
    before, part = calls(own), a_part(own)
    file = own.lake.inbox / "bot" / "2025-10.csv"
    kept = file.rename(own.root.parent / "kept.csv")
    part.unlink()
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert f"{part.relative_to(own.root)} is gone" in said
    assert "inbox/bot/2025-10.csv; put that back and run again" in said
    shutil.move(kept, file)
    assert outlay("run", "--workspace", own.root).exit_code == 0
    assert calls(own) == before


@pytest.mark.slow
def test_a_damaged_catalog_warehouse_or_published_file_is_named(own: Workspace) -> None:
    before = calls(own)
    for file in (own.warehouse, own.showback):
        file.write_bytes(b"no database at all" * 1000)
    found = seen(own)
    assert "outlay rebuild warehouse" in found["warehouse"]["cure"]
    assert "outlay run" in found["published"]["cure"]
    assert outlay("rebuild", "warehouse", "--workspace", own.root).exit_code == 0
    assert calls(own) == before
    assert {check["state"] for check in seen(own).values()} == {"good"}
    own.lake.catalog.write_bytes(b"no database at all" * 1000)
    found = seen(own)
    assert "cannot be read" in found["lake"]["detail"]
    assert f"move {own.lake.lake} away" in found["lake"]["cure"]
    shutil.move(own.lake.lake, own.root.parent / "old-lake")
    own.warehouse.unlink()
    assert outlay("run", "--workspace", own.root).exit_code == 0
    assert calls(own) == before


def test_what_is_wrong_elsewhere_is_named_with_its_cure(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.salt_file.chmod(0o644)
    with own.prices_csv.open("a") as prices:
        prices.write("house,house-1,standard,output,two,,,,\n")
    monkeypatch.setattr(doctor, "_SPARE_BYTES", 2**60)
    monkeypatch.setattr(doctor, "requires", lambda _: ["duckdb>=1", "no-such-package>=2"])
    found = seen(own)
    assert found["permissions"]["cure"] == f"chmod 600 {own.salt_file}"
    assert "prices.csv" in found["configuration"]["detail"]
    assert "usd_per_mtok" in found["configuration"]["detail"]
    assert found["disk"]["state"] == "failed"
    assert found["versions"]["detail"].endswith("missing: no-such-package")


def test_a_build_that_did_not_end_and_another_lake_are_told_apart(own: Workspace) -> None:
    with duckdb.connect(str(own.warehouse)) as con:
        con.execute("update raw.build_state set is_finished = false")
    assert seen(own)["warehouse"]["cure"] == "`outlay run` ends it"
    with duckdb.connect(str(own.warehouse)) as con:
        con.execute("update raw.build_state set is_finished = true, commit_id = 99")
    assert "another lake" in seen(own)["warehouse"]["detail"]


@pytest.mark.slow
def test_the_lake_is_made_anew_only_where_every_file_is_there(own: Workspace) -> None:
    drop(own, "bot/out.csv", CALLS.splitlines()[0] + "\nc7,t7,2025-10-06T12:00:00Z,house-1,7,0\n")
    assert outlay("run", "--workspace", own.root).exit_code == 0
    said = outlay("withdraw", "bot/out.csv", "--reason", "twice", "--by", "CFO",
                  "--workspace", own.root)  # fmt: skip
    assert said.exit_code == 0, said.output
    assert outlay("run", "--workspace", own.root).exit_code == 0
    before = calls(own)
    kept = (own.lake.inbox / "bot" / "2025-10.csv").rename(own.root.parent / "kept.csv")
    refused = outlay("rebuild", "lake", "--workspace", own.root)
    assert refused.exit_code == 2
    assert "inbox/bot/2025-10.csv" in " ".join(refused.output.split())
    assert seen(own)["lake"]["state"] == "good"
    kept.rename(own.lake.inbox / "bot" / "2025-10.csv")
    result = outlay("rebuild", "lake", "--workspace", own.root)
    assert result.exit_code == 0, result.output
    assert calls(own) == before
    assert len(before) == 4  # what was withdrawn stays withdrawn
