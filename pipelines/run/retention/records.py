"""Records of what retention and `outlay forget` took away, in the ledger and as a table.

A record says what is about to go, then it goes, then a line says that it is gone. Killed between,
the next call ends it: nothing is missing that no record names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.files import append_lines
from ingest.lake.retention import DELIVERED, USERS, OldFile
from ingest.sql import comments
from pipelines.config_history.authors import user
from pipelines.workspace.clock import new_id, now
from pipelines.workspace.paths import Workspace

PERSON = "person"
"""Beside what retention knows: the link of rows to one person (`outlay forget`)."""


@dataclass(frozen=True)
class Dropped:
    """What goes of one kind and source.

    Attributes:
        kind: of `ingest.lake.retention`.
        rule: the setting by which it goes, with its value.
        files: those that it is of.
    """

    kind: str
    source_name: str
    rule: str
    files: Sequence[OldFile]

    @property
    def rows(self) -> int:
        """Rows that delivered files brought, that were quarantined, or that named a user."""
        return sum(file.rows for file in self.files)

    @property
    def size_bytes(self) -> int:
        """Bytes on disk; none of all but delivered files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def is_empty(self) -> bool:
        """Files that were looked through for users and have none: not worth showing."""
        return self.kind == USERS and not self.rows

    @property
    def first_day(self) -> date:
        """First UTC day of the files' rows."""
        return min(file.first_day for file in self.files)

    @property
    def last_day(self) -> date:
        """Last UTC day of the files' rows."""
        return max(file.last_day for file in self.files)


@contextmanager
def recorded(workspace: Workspace, dropped: Sequence[Dropped]) -> Iterator[None]:
    """Record that something goes, let it go, and record that it is gone."""
    if dropped:
        moment = now()
        drop_id = new_id(moment)
        told = {"drop_id": drop_id, "dropped_at": moment, "recorded_by": user()}
        append_lines(_records(workspace), "".join(_line(told, one) for one in dropped))
    yield
    if dropped:
        finish(workspace, drop_id)


def finish(workspace: Workspace, drop_id: str) -> None:
    """Record that what went at once is gone."""
    finished = {"drop_id": drop_id, "finished_at": now().isoformat()}
    append_lines(_records(workspace), json.dumps(finished) + "\n")


def _records(workspace: Workspace) -> Path:
    return workspace.ledger / "retention.jsonl"


def _line(told: dict[str, Any], one: Dropped) -> str:
    facts = {**told, **{name: getattr(one, name) for name in ("kind", "source_name", "rule")}}
    facts["files"] = [asdict(file) for file in one.files]
    return json.dumps(facts, default=lambda value: value.isoformat(), ensure_ascii=False) + "\n"


def _read(workspace: Workspace) -> list[dict[str, Any]]:
    """The records, oldest first; a line that a crash cut off is left out."""
    file = _records(workspace)
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _as_dropped(record: dict[str, Any]) -> Dropped:
    days = ("first_day", "last_day")
    files = [
        OldFile(**{**file, **{name: date.fromisoformat(file[name]) for name in days}})
        for file in record["files"]
    ]
    return Dropped(record["kind"], record["source_name"], record["rule"], files)


def unfinished(workspace: Workspace) -> dict[str, list[Dropped]]:
    """What is on record as going and not as gone, but people: nobody kept who it was."""
    records = _read(workspace)
    finished = {record["drop_id"] for record in records if "finished_at" in record}
    left: dict[str, list[Dropped]] = {}
    for record in records:
        if record["drop_id"] not in finished and record["kind"] != PERSON:
            left.setdefault(record["drop_id"], []).append(_as_dropped(record))
    return left


def files_dropped(workspace: Workspace) -> set[str]:
    """Delivered files that are on record as gone, below the workspace."""
    dropped = [_as_dropped(record) for record in _read(workspace) if "files" in record]
    return {
        f"inbox/{file.source_name}/{file.source_file}"
        for one in dropped
        if one.kind == DELIVERED
        for file in one.files
    }


def looked_through(workspace: Workspace) -> set[int]:
    """Identifiers of files whose rows say nothing of their users any more, or never did."""
    records = _read(workspace)
    return {
        file["file_id"]
        for record in records
        if record.get("kind") == USERS
        for file in record["files"]
    }


def show_retention(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Write the records as `ops.retention_audit`."""
    records = _read(workspace)
    finished = {r["drop_id"]: r["finished_at"] for r in records if "finished_at" in r}
    rows = []
    for record in records:
        if "finished_at" in record:
            continue
        one, gone = _as_dropped(record), finished.get(record["drop_id"])
        if one.is_empty:
            continue
        rows.append({
            "drop_id": record["drop_id"],
            "dropped_at": datetime.fromisoformat(record["dropped_at"]),
            "finished_at": datetime.fromisoformat(gone) if gone else None,
            "recorded_by": record["recorded_by"],
            "kind": one.kind,
            "source_name": one.source_name,
            "first_day": one.first_day,
            "last_day": one.last_day,
            "files": len(one.files),
            "dropped_rows": one.rows,
            "size_bytes": one.size_bytes,
            "rule": one.rule,
        })  # fmt: skip
    con.register("retention_audit", pa.Table.from_pylist(rows, schema=_SHOWN))
    con.execute("create or replace table ops.retention_audit as from retention_audit")
    con.unregister("retention_audit")
    words = (
        "What retention took away of one source, on record before it was gone;"
        " grain: drop_id, kind, source_name. Append-only."
    )
    con.execute(comments("ops.retention_audit", words, _COMMENTS))


_SHOWN = pa.schema([
    ("drop_id", pa.string()), ("dropped_at", pa.timestamp("us")),
    ("finished_at", pa.timestamp("us")), ("recorded_by", pa.string()), ("kind", pa.string()),
    ("source_name", pa.string()), ("first_day", pa.date32()), ("last_day", pa.date32()),
    ("files", pa.int64()), ("dropped_rows", pa.int64()), ("size_bytes", pa.int64()),
    ("rule", pa.string()),
])  # fmt: skip

_COMMENTS = {
    "drop_id": "One for all that went at once.",
    "dropped_at": "When it was decided and recorded, UTC.",
    "finished_at": "When all of it was gone, UTC; NULL when it was interrupted: the next run with"
    " `retention.at_run`, `outlay retention --apply`, or the same `outlay forget`, ends it.",
    "recorded_by": "The operating system's user who ran it.",
    "kind": "delivered files (of the inbox), quarantine (its list of rows), user ids (of calls and"
    " spans), or person (the link of rows to one, by `outlay forget`; nothing says whose).",
    "source_name": "Inbox folder.",
    "first_day": "First UTC day of the files' rows; the day of reading of files without any.",
    "last_day": "Last UTC day of them.",
    "files": "Files that went, or whose rows quarantined went.",
    "dropped_rows": "Rows that the files had brought, that named a user or were a person's, which"
    " all stay in the lake; or rows quarantined.",
    "size_bytes": "Bytes of the inbox that became free.",
    "rule": "The setting by which it went, with its value then.",
}
