"""The ledger of a workspace's configuration: every change of a price, rule or setting, dated.

One JSON line for each file that changed, appended and never edited; the facts of every version
lie beside it, so that the next run can say which of them came and went. It lies with the
pipeline's memory: a full refresh and a deleted warehouse leave it alone.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.files import append_lines, replace_file
from ingest.sql import comments
from pipelines.config_history.authors import author_of, user
from pipelines.config_history.snapshot import BOOK, DEFINITIONS, ConfigFile, Facts
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class Change:
    """One file that differs from what was recorded of it before.

    Attributes:
        file: path in the workspace, or name of the package.
        scope: `prices`, `rules` or `records`.
        before: its version before; None when it was not there.
        after: its version now; None when it is gone.
        added: facts that came.
        removed: facts that went; neither when only their order changed, or on the first record.
        is_first: the workspace's configuration was not recorded before.
        noticed_at: when, UTC; None as long as it is not recorded.
        run_id: the run that noticed it, or the promotion that made it.
        note: who decided it and why, as far as somebody said so.
        override: why a freeze was set aside for it.
        author: who committed the file as it is; None where git does not say.
        recorded_by: the operating system's user who noticed it.
    """

    file: str
    scope: str
    before: str | None
    after: str | None
    added: Facts = ()
    removed: Facts = ()
    is_first: bool = False
    noticed_at: datetime | None = None
    run_id: str = ""
    note: str | None = None
    override: str | None = None
    author: str | None = None
    recorded_by: str | None = None

    def facts(self) -> Iterator[tuple[str, str | None]]:
        """What changed and how: one kind and fact each."""
        if self.is_first:
            yield "first recorded", None
            return
        yield from (("removed", fact) for fact in self.removed)
        yield from (("added", fact) for fact in self.added)
        if not self.removed and not self.added:
            yield ("upgraded" if self.file == DEFINITIONS else "reordered"), None


def recorded(workspace: Workspace) -> list[Change]:
    """Everything recorded so far, oldest first; a line that a crash cut off is left out."""
    file = _ledger(workspace)
    if not file.is_file():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            parts = json.loads(line)
        except ValueError:
            continue
        parts["noticed_at"] = datetime.fromisoformat(parts["noticed_at"])
        parts |= {name: tuple(parts[name]) for name in ("added", "removed")}
        found.append(Change(**parts))
    return found


def unrecorded(workspace: Workspace, files: Sequence[ConfigFile]) -> list[Change]:
    """How a configuration differs from the last recorded one.

    Args:
        workspace: whose ledger.
        files: the configuration as it stands.
    """
    before = versions(recorded(workspace))
    now = {file.name: file for file in files}
    found = []
    for name in sorted(before.keys() | now.keys()):
        file = now.get(name) or ConfigFile(name, "", tuple)
        old, new = before.get(name), file.version or None
        if old == new:
            continue
        change = Change(name, file.scope, old, new, is_first=not before)
        found.append(_with_facts(workspace, change, file) if before else change)
    return found


def _with_facts(workspace: Workspace, change: Change, file: ConfigFile) -> Change:
    was, now = Counter(_facts(workspace, change.before)), Counter(file.facts())
    return replace(
        change, added=tuple((now - was).elements()), removed=tuple((was - now).elements())
    )


def versions(changes: Iterable[Change], until: datetime | None = None) -> dict[str, str]:
    """The version of each file, after all changes or those before a moment."""
    found: dict[str, str | None] = {}
    for change in changes:
        if until is None or (change.noticed_at and change.noticed_at < until):
            found[change.file] = change.after
    return {name: version for name, version in found.items() if version}


def facts_of(workspace: Workspace, name: str, until: datetime | None = None) -> Facts:
    """The facts of a file as last recorded, or as recorded before a moment; none without it."""
    return _facts(workspace, versions(recorded(workspace), until).get(name))


def record(
    workspace: Workspace,
    files: Sequence[ConfigFile],
    changes: Sequence[Change],
    moment: datetime,
    run_id: str,
    *,
    note: str | None = None,
    override: str | None = None,
) -> None:
    """Append changes to the ledger, after the facts that they led to.

    Args:
        workspace: whose ledger.
        files: the configuration as it stands.
        changes: what `unrecorded` found.
        moment: now, UTC, naive.
        run_id: who notices it.
        note: who decided it and why.
        override: why a freeze is set aside.
    """
    if not changes:
        return
    changed = {change.file for change in changes}
    for file in files:
        if file.name in changed:
            _keep(_version_file(workspace, file.version), file.facts())
    told: dict[str, Any] = {
        "noticed_at": moment,
        "run_id": run_id,
        "note": note,
        "override": override,
    }
    by = user()
    lines = [
        _line(replace(c, author=author_of(workspace.root, c.file), recorded_by=by, **told))
        for c in changes
    ]
    append_lines(_ledger(workspace), "".join(lines))


def show_changes(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Write the ledger as `ops.config_changes`."""
    rows = [
        {
            "change_id": number,
            "noticed_at": change.noticed_at,
            "run_id": change.run_id,
            "file": change.file,
            "scope": change.scope,
            "kind": kind,
            "fact": fact,
            "version_before": change.before,
            "version_after": change.after,
            "note": change.note,
            "freeze_override": change.override,
            "author": change.author,
            "recorded_by": change.recorded_by,
        }
        for number, (change, kind, fact) in enumerate(
            ((c, *what) for c in recorded(workspace) for what in c.facts()), start=1
        )
    ]
    con.register("config_changes", pa.Table.from_pylist(rows, schema=_SHOWN))
    con.execute("create or replace table ops.config_changes as from config_changes")
    con.unregister("config_changes")
    words = (
        "One row or key of the configuration that came or went, or one price of the public book;"
        " grain: change_id. Append-only."
    )
    con.execute(comments("ops.config_changes", words, _COMMENTS))


_SHOWN = pa.schema(
    [
        ("change_id", pa.int64()),
        ("noticed_at", pa.timestamp("us")),
        *(
            (name, pa.string())
            for name in (
                "run_id",
                "file",
                "scope",
                "kind",
                "fact",
                "version_before",
                "version_after",
                "note",
                "freeze_override",
                "author",
                "recorded_by",
            )
        ),
    ]
)

_COMMENTS = {
    "change_id": "Number in the order of recording.",
    "noticed_at": "Start of the run that noticed it, or time of the promotion, UTC.",
    "run_id": "That run; `promote <name>` for a promotion.",
    "file": f"Path in the workspace; {BOOK} for the public price book, {DEFINITIONS} for Outlay's"
    " own definitions.",
    "scope": "prices, rules, or records (facts that come in month by month).",
    "kind": "added, removed, reordered, upgraded, or first recorded.",
    "fact": "The row or key as JSON; keys, users and sources' settings as hashes.",
    "version_before": "Hash of the file's facts before; NULL when it was not there.",
    "version_after": "Hash of the file's facts after; NULL when it is gone.",
    "note": "Who decided it and why, as said to `outlay promote --note`.",
    "freeze_override": "Why a freeze was set aside, as said to `--override-freeze`.",
    "author": "Author of the file's newest commit, where the workspace is kept in git and the file"
    " is committed as it is; else NULL.",
    "recorded_by": "The operating system's user of the run or command that recorded it; NULL in"
    " records of before.",
}


def _ledger(workspace: Workspace) -> Path:
    return workspace.ledger / "changes.jsonl"


def _version_file(workspace: Workspace, version: str) -> Path:
    return workspace.ledger / "versions" / f"{version}.json.gz"


def _line(change: Change) -> str:
    return json.dumps(asdict(change), default=datetime.isoformat, ensure_ascii=False) + "\n"


def _facts(workspace: Workspace, version: str | None) -> Facts:
    file = _version_file(workspace, version) if version else None
    if file is None or not file.is_file():
        return ()
    return tuple(json.loads(gzip.decompress(file.read_bytes())))


def _keep(file: Path, facts: Facts) -> None:
    if file.exists():
        return
    replace_file(file, gzip.compress(json.dumps(facts, ensure_ascii=False).encode(), mtime=0))
