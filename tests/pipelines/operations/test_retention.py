"""`outlay retention`: what of closed months goes, on record, while every figure stays.

October by hand: `oct.csv` brings two calls and a line that cannot be read, `again.csv` is a copy of
it. November's call and the bill of both months stand in files of their own, December's call makes
October two months old. October is closed.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.lake.damaged_parts import DamagedLakeError
from pipelines.config_history.authors import user
from pipelines.operations.rebuild import drop_lake
from pipelines.operations.retention import retain
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import built_by, outlay, plain_data_tests, plain_models
from tests.pipelines.operations.retained import ask, close_october, rule, run
from tests.support.built import built_once
from tests.support.power_cut import Disk
from tests.support.workspaces.two_months import CALLS, HEADER, open_books

pytestmark = pytest.mark.slow

OCT = HEADER + CALLS[0] + CALLS[1] + "a9,2026-10-06T09:00:00Z,chat,acme,-5\n"
DEC = "d1,2026-12-11T09:00:00Z,chat,acme,1000000\n"
RULES = "\n[retention]\ndelivered_files_months = 1\nquarantine_months = 1\n"

DAYS = {"first_day": "2026-10-05", "last_day": "2026-10-05"}
OF_OCTOBER = [
    {"kind": "delivered files", "source": "gateway", "files": 2, "rows": 2, "bytes": 2 * len(OCT)}
    | DAYS | {"rule": "retention.delivered_files_months = 1"},
    {"kind": "quarantine", "source": "gateway", "files": 1, "rows": 1, "bytes": 0}
    | DAYS | {"rule": "retention.quarantine_months = 1"},
]  # fmt: skip


def make(root: Path) -> None:
    raw = open_books(root, CALLS[2:])
    raw.drop("gateway", "oct.csv", OCT)
    raw.drop("gateway", "again.csv", OCT)
    raw.drop("gateway", "dec.csv", HEADER + DEC)
    workspace = Workspace(root)
    file = workspace.root / "outlay.toml"
    # what stands behind [retention] in the template is the default anyway
    file.write_text(file.read_text().split("\n[retention]")[0])
    run(workspace)
    close_october(workspace)
    rule(workspace, RULES)
    run(workspace)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_once("retention", tmp_path_factory, make)


@pytest.fixture
def books(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "acme")
    return Workspace(tmp_path / "acme")


def apply(workspace: Workspace) -> list[dict[str, Any]]:
    result = outlay("retention", "--apply", "--json", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


def planned(workspace: Workspace) -> list[dict[str, Any]]:
    result = outlay("retention", "--json", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


def inbox(workspace: Workspace) -> set[str]:
    folder = workspace.lake.inbox
    return {str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.is_file()}


def figures(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Marts and reports, row by row, and the calls themselves."""
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        names = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema in ('marts', 'reports') order by 1"
        ).fetchall()
        return {name: con.execute(f"from {name} order by all").fetchall() for (name,) in names}


def test_without_apply_it_shows_what_would_go_and_nothing_goes(books: Workspace) -> None:
    before = inbox(books)
    assert planned(books) == OF_OCTOBER
    assert inbox(books) == before
    assert ask(books.lake.catalog, "select count(*) from quarantine") == [(1,)]
    said = outlay("retention", "--workspace", books.root).output
    assert "`outlay backup` first, then `outlay retention --apply`" in said


def test_every_figure_is_the_same_afterwards_also_when_all_is_computed_anew(
    books: Workspace,
) -> None:
    before = figures(books)
    assert before["marts.fct_closes"]
    assert len(before["marts.fct_calls"]) == 4
    assert apply(books) == OF_OCTOBER
    assert inbox(books) == {"gateway/calls.csv", "gateway/dec.csv", "openai/1.json"}
    run(books)
    assert figures(books) == before
    run(books, "--full-refresh")
    assert figures(books) == before
    assert planned(books) == []
    assert outlay("doctor", "--workspace", books.root).exit_code == 0
    assert outlay("close", "--verify", "--workspace", books.root).exit_code == 0


def test_a_folder_that_is_empty_then_goes_and_the_source_s_own_stays(books: Workspace) -> None:
    folder = books.lake.inbox / "gateway"
    (folder / "2026" / "10").mkdir(parents=True)
    (folder / "oct.csv").rename(folder / "2026" / "10" / "oct.csv")
    (folder / "again.csv").unlink()
    run(books)
    assert [one["files"] for one in apply(books)][:1] == [1]
    assert {path.name for path in folder.iterdir()} == {"calls.csv", "dec.csv"}
    # a killed one had come to the file alone
    (folder / "2026" / "10").mkdir(parents=True)
    (folder / "2026" / "kept.txt").touch()
    records = (books.ledger / "retention.jsonl").read_text().splitlines()
    begun = [line for line in records if "finished_at" not in line]
    (books.ledger / "retention.jsonl").write_text("\n".join(begun) + "\n")
    apply(books)
    assert {path.name for path in (folder / "2026").iterdir()} == {"kept.txt"}


def test_the_record_says_who_when_what_and_by_which_rule_and_the_number_of_bad_rows_stays(
    books: Workspace,
) -> None:
    apply(books)
    run(books)
    found = ask(
        books.showback,
        "select kind, source_name, first_day::varchar, last_day::varchar, files, dropped_rows,"
        " size_bytes, rule, recorded_by, finished_at >= dropped_at"
        " from ops.retention_audit order by all",
    )
    day = "2026-10-05"
    assert found == [
        ("delivered files", "gateway", day, day, 2, 2, 2 * len(OCT),
         "retention.delivered_files_months = 1", user(), True),
        ("quarantine", "gateway", day, day, 1, 1, 0, "retention.quarantine_months = 1", user(),
         True),
    ]  # fmt: skip
    assert ask(books.showback, "select * from ops.quarantine") == []
    bad = "select rows_quarantined from ops.files where source_file in ('oct.csv', 'again.csv')"
    assert sorted(ask(books.showback, bad)) == [(0,), (1,)]


def test_a_delivery_that_comes_back_is_not_read_again_and_goes_again(books: Workspace) -> None:
    before = figures(books)
    kept = (books.lake.inbox / "gateway" / "oct.csv").read_bytes()
    apply(books)
    (books.lake.inbox / "gateway" / "oct.csv").write_bytes(kept)
    assert "read 0 new files: 0 rows" in run(books)
    marts = {name: rows for name, rows in figures(books).items() if "fct_" in name}
    assert marts == {name: rows for name, rows in before.items() if "fct_" in name}
    assert [(one["kind"], one["files"]) for one in apply(books)] == [("delivered files", 1)]


def test_a_month_that_is_open_or_young_keeps_everything(books: Workspace) -> None:
    rule(books, RULES.replace("= 1", "= 2"))
    assert planned(books) == []  # October and two more: December is the second
    rule(books, RULES)
    with built_by(plain_models, plain_data_tests):
        outlay("reopen", "2026-10", "--reason", "agreed anew", "--workspace", books.root)
    assert planned(books) == []
    rule(books, "")
    assert "nothing is to go" in outlay("retention", "--workspace", books.root).output


def test_days_are_of_months_of_the_reporting_calendar(made: Path, tmp_path: Path) -> None:
    """31 October in UTC ends in November in Berlin, which is open."""
    shutil.copytree(made, tmp_path / "acme")
    books = Workspace(tmp_path / "acme")
    with duckdb.connect(str(books.lake.catalog)) as con:
        con.execute("update files set last_day = '2026-10-31' where last_day = '2026-10-05'")
    assert planned(books)
    file = books.root / "outlay.toml"
    file.write_text(file.read_text().replace('timezone = "UTC"', 'timezone = "Europe/Berlin"'))
    assert planned(books) == []


def test_files_that_are_not_as_they_were_read_or_lie_behind_a_link_stay_and_are_counted(
    books: Workspace, tmp_path: Path
) -> None:
    folder = books.lake.inbox / "gateway"
    (folder / "oct.csv").write_text(OCT + CALLS[2])
    (tmp_path / "elsewhere.csv").write_text(OCT)
    (folder / "again.csv").unlink()
    (folder / "again.csv").symlink_to(tmp_path / "elsewhere.csv")
    said = outlay("retention", "--apply", "--workspace", books.root).output
    assert "1 files of that age stay: they changed since they were read: run first" in said
    assert "1 files of that age stay: they lie behind a link" in said
    assert (tmp_path / "elsewhere.csv").read_text() == OCT
    assert (folder / "oct.csv").exists()


def test_copies_of_an_object_store_stay_for_they_would_come_again(books: Workspace) -> None:
    source = books.sources_dir / "gateway.toml"
    source.write_text(source.read_text() + '\n[remote]\nurl = "file:///srv/logs"\n')
    said = outlay("retention", "--workspace", books.root).output
    assert "2 files of that age stay: they are copies of an object store" in said


def test_a_run_does_it_only_where_the_settings_say_so(books: Workspace) -> None:
    run(books)
    assert "gateway/oct.csv" in inbox(books)
    rule(books, RULES + "at_run = true\n")
    run(books)
    assert "gateway/oct.csv" not in inbox(books)
    assert ask(books.showback, "select sum(files) from ops.retention_audit") == [(3,)]


def test_rebuilding_the_lake_says_what_cannot_be_made_again(books: Workspace) -> None:
    apply(books)
    with pytest.raises(DamagedLakeError, match="in the lake alone") as refused:
        drop_lake(books)
    said = str(refused.value)
    assert "inbox/gateway/again.csv went by retention" in said
    assert "outlay withdraw" not in said  # that would take the rows themselves
    assert "not in the inbox either" not in said
    (books.lake.inbox / "gateway" / "calls.csv").unlink()
    with pytest.raises(
        DamagedLakeError, match=r"not in the inbox either: inbox/gateway/calls\.csv"
    ):
        drop_lake(books)
    assert ask(books.lake.catalog, "select count(*) from parts") != [(0,)]


def test_a_misspelt_rule_is_named_with_the_right_word(books: Workspace) -> None:
    rule(books, "\n[retention]\nquarantine_month = 1\n")
    result = outlay("retention", "--workspace", books.root)
    assert result.exit_code == 2
    assert "retention.quarantine_month" in result.output
    assert "quarantine_months" in result.output


def test_cut_or_killed_at_any_flush_the_next_call_ends_it_and_everything_is_on_record_once(
    made: Path, tmp_path: Path
) -> None:
    whole = Workspace(tmp_path / "whole" / "acme")
    shutil.copytree(made, whole.root)
    expected = {one["kind"]: (one["files"], one["rows"]) for one in planned(whole)}
    disk, left = Disk(whole.root, tmp_path / "pins"), []
    flush = os.fsync

    def stop(descriptor: int) -> None:
        left.append(disk.after_a_cut(tmp_path / f"cut-{len(left)}"))
        left.append(Path(shutil.copytree(whole.root, tmp_path / f"kill-{len(left)}")))
        flush(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with disk.watched():
            apply(whole)
    assert len(left) >= 2 * 3  # the record, the folder, that it is gone
    for folder in left:
        found = Workspace(folder)
        for file in inbox(found):  # the cut's model keeps no times of files
            shutil.copystat(made / "inbox" / file, found.lake.inbox / file)
        retain(found, apply=True)
        assert inbox(found) == inbox(whole)
        assert ask(found.lake.catalog, "select count(*) from quarantine") == [(0,)]
        records = [
            json.loads(line) for line in (found.ledger / "retention.jsonl").read_text().splitlines()
        ]
        named: dict[str, list[tuple[int, int]]] = {}
        for one in records:
            if "files" in one:
                rows = sum(file["rows"] for file in one["files"])
                named.setdefault(one["kind"], []).append((len(one["files"]), rows))
        assert named == {kind: [count] for kind, count in expected.items()}, folder
        ids = {one["drop_id"] for one in records}
        assert {one["drop_id"] for one in records if "finished_at" in one} == ids
