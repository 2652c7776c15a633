"""Writing the store of closed months: what is there is never changed, only added to.

Everything is written beside its place and renamed into it, so that a process killed at any point
leaves either nothing or the whole. Layout and reading: `ingest/warehouse/closed_months.py`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingest.files import flush_below, make_folder, put_in_place, replace_file
from ingest.sql import literal
from ingest.warehouse.closed_months import MONTH, STORED, Close, read_closes, show_closes
from pipelines.workspace.paths import Workspace

_READ_ONLY = 0o444


def month_folder(workspace: Workspace, month: date) -> Path:
    """Where a month's statements lie: `draft`, or one folder for each close."""
    return workspace.statements / month.strftime(MONTH)


def statement_folder(workspace: Workspace, month: date, number: int) -> Path:
    """The statements of one close, whose bytes never change."""
    return month_folder(workspace, month) / f"close-{number}"


def waiting_folder(workspace: Workspace, month: date, number: int) -> Path:
    """The same before the close counts; a leading dot says that nobody should read it yet."""
    return month_folder(workspace, month) / f".close-{number}"


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that a reader sees in a folder, by name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".")
    }


def store_close(workspace: Workspace, month: date, number: int, facts: Mapping[str, Any]) -> None:
    """Keep what a month is charged; from the rename at the end on, the month is closed.

    Args:
        month: its first day, open in the warehouse.
        number: 1 for its first close.
        facts: what `close.json` says beside the hashes.
    """
    building = workspace.closes / ".building"
    shutil.rmtree(building, ignore_errors=True)
    make_folder(building)
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        for name in STORED:
            con.execute(
                f"copy (select * replace ($number as close_number) from marts.fct_{name}"
                " where month = $month and close_number is null order by all)"
                f" to {literal(str(building / f'{name}.parquet'))} (format parquet)",
                {"number": number, "month": month},
            )
    waiting = waiting_folder(workspace, month, number)
    kept = {**facts, "data": hashes(building), "statements": hashes(waiting)}
    _write_json(building / "close.json", kept)
    flush_below(workspace.root, list(waiting.iterdir()))
    for file in building.iterdir():
        file.chmod(_READ_ONLY)
    folder = workspace.closes / month.strftime(MONTH) / str(number)
    make_folder(folder.parent)
    put_in_place(building, folder)


def finish_closes(workspace: Workspace) -> None:
    """Put the statements of every close in their place, also when a close was killed before."""
    for close in read_closes(workspace.closes):
        waiting = waiting_folder(workspace, close.month, close.number)
        target = statement_folder(workspace, close.month, close.number)
        if waiting.is_dir() and not target.exists():
            for file in waiting.iterdir():
                file.chmod(_READ_ONLY)
            put_in_place(waiting, target)
            shutil.rmtree(month_folder(workspace, close.month) / "draft", ignore_errors=True)
        shutil.rmtree(waiting, ignore_errors=True)


def store_reopening(close: Close, facts: Mapping[str, Any]) -> None:
    """Write down that a close holds no longer; the close itself stays."""
    _write_json(close.folder / "reopened.json", facts)


def book_adjustments(workspace: Workspace) -> int:
    """Keep what the newest build found different from closed months; returns the rows.

    From here on it is known: a later difference is only what comes on top.
    """
    with duckdb.connect(str(workspace.warehouse)) as con:
        found = con.execute(
            "select original_month, close_number, notice_number, max(noticed_on), count(*)"
            " from intermediate.int_adjustments_new group by all order by all"
        ).fetchall()
        if not found:
            return 0
        versions, commit = build_versions(con)
        for month, number, notice, noticed_on, _ in found:
            folder = workspace.closes / month.strftime(MONTH) / str(number) / "adjustments"
            make_folder(folder)
            temporary = folder / ".new.parquet"
            con.execute(
                "copy (select * from intermediate.int_adjustments_new"
                " where original_month = $month order by all)"
                f" to {literal(str(temporary))} (format parquet)",
                {"month": month},
            )
            put_in_place(temporary, folder / f"{notice}.parquet")
            _write_json(
                folder / f"{notice}.json",
                {
                    "commit_id": commit,
                    "versions": versions,
                    "noticed_on": noticed_on.isoformat() if noticed_on else None,
                },
            )
        show_closes(con, workspace.closes)
    return sum(row[-1] for row in found)


def build_versions(con: duckdb.DuckDBPyConnection) -> tuple[list[dict[str, str]], int]:
    """What the warehouse was built with, and the lake's commit that it includes."""
    rows = con.execute("select kind, name, version from raw.versions order by all").fetchall()
    commit = next(int(version) for kind, _, version in rows if kind == "data")
    return [{"kind": k, "name": n, "version": v} for k, n, v in rows], commit


def verify_closes(workspace: Workspace) -> list[tuple[Close, list[str]]]:
    """Every close with the files of it that are gone or are not as they were written."""
    found = []
    for close in read_closes(workspace.closes):
        target = statement_folder(workspace, close.month, close.number)
        wrong = _differing(close.folder, close.facts["data"])
        found.append((close, wrong + _differing(target, close.facts["statements"])))
    return found


def _differing(folder: Path, expected: Mapping[str, str]) -> list[str]:
    now = hashes(folder) if folder.is_dir() else {}
    return [str(folder / name) for name, digest in expected.items() if now.get(name) != digest]


def _write_json(path: Path, facts: Mapping[str, Any]) -> None:
    replace_file(path, (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode())
