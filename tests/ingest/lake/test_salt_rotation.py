"""Another salt: every pseudonym of the lake becomes one of it, and nothing else changes."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.contracts.tables import TABLES
from ingest.lake.catalog import LakePaths, open_catalog
from ingest.lake.landing import land_source
from ingest.lake.partitions import PartitionWriter
from ingest.lake.people.salt_rotation import HeldPseudonyms, held_pseudonyms, retired_at, rotate
from ingest.records.pseudonyms import pseudonym, pseudonym_of, pseudonyms_of
from ingest.sources import FORMATS, load_sources
from tests.conftest import REPOSITORY
from tests.ingest.lake.people import FILES, OWN_ID, ROLE, SOURCES, lay
from tests.support.lake import LANDED_AT

OLD, ADDED = "salt", "pepper"
NEW = f"{OLD}\n{ADDED}"
NOW = datetime(2026, 11, 2, 3, 0)


def once(identifier: str) -> str:
    """A pseudonym under the first salt, by hand."""
    return sha256(f"salt{identifier}".encode()).hexdigest()[:16]


def twice(identifier: str) -> str:
    """The pseudonym of that pseudonym, by hand."""
    return sha256(f"pepper{once(identifier)}".encode()).hexdigest()[:16]


def paths(root: Path) -> LakePaths:
    return LakePaths(root / "inbox", root / "lake")


def land(root: Path, salt: str) -> int:
    """Land what is new under a salt; returns how many files that was."""
    sources = load_sources(root / "config" / "sources", root / "inbox", salt)
    with open_catalog(paths(root)) as con:
        reports = [
            land_source(con, paths(root), source, FORMATS[source.format], LANDED_AT)
            for source in sources
        ]
    assert [report.failed for report in reports] == [[]] * len(reports)
    return sum(report.files_new for report in reports)


def turn(root: Path) -> list[HeldPseudonyms]:
    """Rotate from the old salt to both."""
    before, after = (
        {s.name: s.fingerprint for s in load_sources(root / "config/sources", root / "inbox", salt)}
        for salt in (OLD, NEW)
    )
    marks = {name: (mark, after[name]) for name, mark in before.items()}
    with open_catalog(paths(root)) as con:
        return rotate(con, paths(root), FORMATS.values(), OLD, ADDED, marks, NOW, lambda *_: None)


def rows(root: Path, table: str) -> list[dict[str, Any]]:
    """What the lake's live files hold, less the number that a file was given."""
    with open_catalog(paths(root)) as con:
        parts = con.execute("select path from parts where table_name = ?", [table]).fetchall()
        relation = con.execute(
            "select * exclude (file_id) from read_parquet($parts, union_by_name = true,"
            " hive_partitioning = true) order by source_name, source_file, source_line",
            {"parts": [str(root / "lake" / part) for (part,) in parts]},
        )
        names = [column[0] for column in relation.description or ()]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def contents(root: Path) -> dict[str, list[dict[str, Any]]]:
    nobodys = ("task_outcomes", "omitted_records", "change_events", "queue_samples")
    return {table: rows(root, table) for table in TABLES if table not in nobodys}


def texts_of(root: Path) -> set[str]:
    """Every text in any Parquet file that lies in the lake."""
    found: set[str] = set()
    for part in (root / "lake").rglob("*.parquet"):
        for row in duckdb.sql(f"from read_parquet('{part}')").fetchall():
            found |= {value for value in row if isinstance(value, str)}
    return found


@pytest.fixture
def landed(tmp_path: Path) -> Path:
    """A lake under the old salt; two of its files have left the inbox."""
    lay(tmp_path)
    assert land(tmp_path, OLD) == len(FILES)
    for name in ("gateway/calls.csv", "aws/bill.csv"):
        (tmp_path / "inbox" / name).unlink()
    return tmp_path


def test_a_rotated_lake_is_the_one_that_reading_everything_under_both_salts_gives(
    landed: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    turn(landed)
    fresh = tmp_path_factory.mktemp("fresh")
    lay(fresh)
    land(fresh, NEW)
    assert contents(landed) == contents(fresh)


def test_pseudonyms_are_the_new_salt_and_the_old_pseudonym_by_hand(landed: Path) -> None:
    turn(landed)
    assert [
        (r["call_id"], r["user_id"], r["api_key_id"]) for r in rows(landed, "gateway_calls")
    ] == [
        ("c1", twice("ann"), twice("k1")),
        ("c2", twice("bob"), twice("k1")),
        ("c3", twice("ann"), None),
        ("c4", None, None),
        ("c5", twice("ann"), twice("k2")),
    ]
    assert [row["user_id"] for row in rows(landed, "trace_spans")] == [twice("ann")]
    assert [row["x_user_id"] for row in rows(landed, "billing_usage")] == [
        twice("ann"),
        twice("eve"),
    ]
    # whom a bill names as he is stays, also where he looks like a pseudonym
    assert [row["x_api_key_id"] for row in rows(landed, "billing_charges")] == [
        f"{ROLE}{twice('ann')}", "arn:aws:iam::123456789012:user/bob", f"{ROLE}{OWN_ID}",
    ]  # fmt: skip


def test_no_file_of_the_lake_holds_an_old_pseudonym(landed: Path) -> None:
    old = [once(name) for name in ("ann", "bob", "eve", "k1", "k2")]
    assert {name for name in old if any(name in text for text in texts_of(landed))} == set(old)
    turn(landed)
    assert [name for name in old if any(name in text for text in texts_of(landed))] == []


def test_what_was_read_is_not_read_again_and_new_files_meet_the_old_users(landed: Path) -> None:
    turn(landed)
    assert land(landed, NEW) == 0
    calls = FILES["gateway/later.csv"].replace("c5", "c6")
    (landed / "inbox" / "gateway" / "newest.csv").write_text(calls)
    assert land(landed, NEW) == 1
    users = {row["call_id"]: row["user_id"] for row in rows(landed, "gateway_calls")}
    assert users["c1"] == users["c5"] == users["c6"] == twice("ann")


def test_only_days_with_pseudonyms_are_rewritten_and_all_of_them_are_counted(
    landed: Path,
) -> None:
    with open_catalog(paths(landed)) as con:
        before = {row[0] for row in con.execute("select path from parts").fetchall()}
        planned = list(held_pseudonyms(con, paths(landed), FORMATS.values(), lambda *_: None))
    done = turn(landed)
    assert [(held.table, held.source_name, str(held.day), held.rows) for held in done] == [
        ("billing_charges", "aws", "2026-09-03", 1),
        ("billing_usage", "claude", "2026-08-08", 2),
        ("gateway_calls", "gateway", "2026-09-03", 2),
        ("gateway_calls", "gateway", "2026-09-04", 1),
        ("gateway_calls", "gateway", "2026-09-05", 1),
        ("trace_spans", "traces", "2026-09-03", 1),
    ]
    assert planned == done
    with open_catalog(paths(landed)) as con:
        after = {row[0] for row in con.execute("select path from parts").fetchall()}
    assert [part.split("/")[1] for part in before & after] == ["source_name=focus"]
    assert all(held.size_bytes > 0 for held in done)


@pytest.mark.parametrize("rewritten", [0, 3])
def test_one_that_is_killed_before_its_commit_has_not_happened(
    landed: Path, monkeypatch: pytest.MonkeyPatch, rewritten: int
) -> None:
    before = contents(landed)
    whole, calls = PartitionWriter.rewrite, []

    def killed(self: PartitionWriter, *arguments: Any) -> None:
        if len(calls) == rewritten:
            raise KeyboardInterrupt
        calls.append(arguments)
        whole(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(PartitionWriter, "rewrite", killed)
        with pytest.raises(KeyboardInterrupt):
            turn(landed)
    assert contents(landed) == before
    with open_catalog(paths(landed)) as con:
        live = {row[0] for row in con.execute("select path from parts").fetchall()}
        lake = landed / "lake"
        assert {p.relative_to(lake).as_posix() for p in lake.rglob("*.parquet")} == live
        assert retired_at(con, OLD) is None
    assert land(landed, OLD) == 0


def test_rows_that_are_older_than_the_hash_of_a_prompt_are_rotated_too(landed: Path) -> None:
    with open_catalog(paths(landed)) as con:
        parts = con.execute("select path from parts where table_name = 'gateway_calls'").fetchall()
        for (part,) in parts:
            path = str(landed / "lake" / part)
            con.execute(f"create or replace temp table old as from '{path}'")
            con.execute(f"copy (select * exclude (prompt_hash) from old) to '{path}'")
    turn(landed)
    found = [row["user_id"] for row in rows(landed, "gateway_calls")]
    assert found == [twice("ann"), twice("bob"), twice("ann"), None, twice("ann")]


def test_the_catalog_tells_which_salt_was_added_to(landed: Path) -> None:
    turn(landed)
    with open_catalog(paths(landed)) as con:
        assert (retired_at(con, OLD), retired_at(con, NEW)) == (NOW, None)


def test_a_source_that_changed_its_format_keeps_both_kinds_of_rows_apart(landed: Path) -> None:
    """Rows of an earlier format stay when their file has left the inbox."""
    (landed / "config" / "sources" / "aws.toml").write_text(SOURCES["focus"])
    (landed / "inbox" / "aws" / "focus.csv").write_text(FILES["focus/bill.csv"])
    land(landed, OLD)
    turn(landed)
    assert {row["x_api_key_id"] for row in rows(landed, "billing_charges")} == {
        f"{ROLE}{twice('ann')}", "arn:aws:iam::123456789012:user/bob", f"{ROLE}{OWN_ID}",
    }  # fmt: skip


def test_every_bill_that_makes_pseudonyms_is_rotated() -> None:
    """Of calls the contract says which columns hold them; bills put them where they like."""
    billing = REPOSITORY / "ingest" / "billing"
    makes = re.compile(r"from ingest\.records\.(pseudonyms|iam_principals) import")
    makers = {
        path.relative_to(billing).parts[0]
        for path in billing.rglob("*.py")
        if makes.search(path.read_text())
    }
    stated = {f.read.__module__.split(".")[2] for f in FORMATS.values() if f.person_columns}
    assert makers == stated == {"aws", "anthropic"}, "state the columns: Format.person_columns"


def test_sql_and_python_make_the_same_pseudonym_of_several_salts() -> None:
    salt = "one\ntwo 'quoted'\nthree"
    with duckdb.connect() as con:
        in_sql = con.execute(f"select {pseudonym('$1', salt)}", ["ann"]).fetchone()
    assert in_sql == (pseudonym_of("ann", salt),)
    assert pseudonym_of("ann", NEW) == twice("ann")


def test_a_name_may_be_an_identifier_or_a_pseudonym_of_any_time() -> None:
    assert pseudonyms_of("ann", NEW) == (twice("ann"),)
    assert pseudonyms_of(once("ann"), NEW) == (
        twice(once("ann")), twice("ann"), once("ann")
    )  # fmt: skip
    assert twice("ann") in pseudonyms_of(twice("ann"), NEW)
