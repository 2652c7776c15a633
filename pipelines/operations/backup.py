"""`outlay backup` and `outlay restore`: all of a workspace that cannot be made again, in one file.

The file is a tar archive that any tool opens. Its last member lists the SHA-256 of every other one:
what was written is read back and compared before the file takes its name, and again when it is
restored. Warehouse, published files and pages are left out: a run makes them from the lake.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import duckdb

from ingest.errors import OutlayError
from ingest.files import put_in_place
from ingest.lake.catalog import catalog_lock
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress

_LISTED = "backup.json"
"""The last member: SHA-256 by name."""


class BackupError(OutlayError):
    """A backup cannot be written or restored; nothing was changed."""


@dataclass(frozen=True)
class Backup:
    """A backup that was read back and is as it was written."""

    file: Path
    files: int
    size_bytes: int


def back_up(workspace: Workspace, target: Path, progress: Progress, *, with_inbox: bool) -> Backup:
    """Write a backup; whoever can read it can read the salt, so that it is its owner's alone.

    Args:
        workspace: whose; no run may be under way.
        target: the file; none of that name may be there.
        progress: told of each file.
        with_inbox: with the delivered files; without them a damaged lake cannot be mended.

    Raises:
        BackupError: the file is there, or lies in the workspace.
        LockedError: a run is under way.
    """
    target = target.resolve()
    if target.exists():
        raise BackupError(f"{target} is there; name another file, or move it away")
    if workspace.root in target.parents:
        raise BackupError(f"{target} lies in the workspace; name a file on another disk")
    hidden = target.with_name(f".{target.name}.new")
    hidden.unlink(missing_ok=True)
    try:
        with workspace_lock(workspace.state), catalog_lock(workspace.lake):
            _checkpoint(workspace)
            hidden.touch(mode=0o600)
            count = _write(workspace, hidden, progress, with_inbox=with_inbox)
        _verify(hidden)
        put_in_place(hidden, target)
    finally:
        hidden.unlink(missing_ok=True)
    return Backup(target, count, target.stat().st_size)


def restore(file: Path, folder: Path) -> int:
    """Put a backup into a new folder, whole or not at all; returns its files.

    Args:
        file: what `back_up` wrote.
        folder: the workspace to be; missing, or empty.

    Raises:
        BackupError: the folder holds files, or the backup is damaged or none.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} holds files; name a new folder")
    count = _verify(file)
    hidden = folder.with_name(f".{folder.name}.restored")
    shutil.rmtree(hidden, ignore_errors=True)
    with tarfile.open(file) as archive:
        archive.extractall(hidden, filter="data")
    (hidden / _LISTED).unlink()
    if folder.exists():
        folder.rmdir()
    put_in_place(hidden, folder)
    return count


def _checkpoint(workspace: Workspace) -> None:
    """Have what the catalog's log holds in its file, which is what is copied."""
    if workspace.lake.catalog.exists():
        with duckdb.connect(str(workspace.lake.catalog)) as con:
            con.execute("checkpoint")


def _write(workspace: Workspace, target: Path, progress: Progress, *, with_inbox: bool) -> int:
    files = list(_kept(workspace, with_inbox=with_inbox))
    hashes = {}
    with tarfile.open(target, "w") as archive:
        for done, path in enumerate(files, start=1):
            name = path.relative_to(workspace.root).as_posix()
            archive.add(path, name, recursive=False)
            if path.is_file():
                with path.open("rb") as stream:
                    hashes[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            progress("backup", done, len(files))
        content = json.dumps(hashes, indent=1).encode()
        member = tarfile.TarInfo(_LISTED)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return len(hashes)


def _kept(workspace: Workspace, *, with_inbox: bool) -> Iterator[Path]:
    """Folders and files that no run makes again, those above before those below."""
    left_out = {
        workspace.warehouse, workspace.showback, workspace.guardrails, workspace.site,
        workspace.dbt, workspace.dagster_home, workspace.guardrail_warehouse.parent,
        workspace.shadows, workspace.lake.scratch, workspace.state / "lock",
        workspace.state / "lock.json", workspace.lake.lake / ".catalog.lock",
    }  # fmt: skip
    if not with_inbox:
        left_out.add(workspace.lake.inbox)
    waiting = [workspace.root]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            is_log = path.name.endswith(".duckdb.wal")
            if path in left_out or is_log or path.is_symlink() or path.name.endswith(".new"):
                continue
            if path.is_dir():
                waiting.append(path)
            yield path


def _verify(file: Path) -> int:
    """Read a backup whole; returns its files.

    Raises:
        BackupError: it is cut short or changed, or no backup.
    """
    found: dict[str, str] = {}
    stated: dict[str, str] | None = None
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream and member.name == _LISTED:
                    stated = json.loads(stream.read())
                elif stream:
                    buffered = cast("io.BufferedReader", stream)
                    found[member.name] = hashlib.file_digest(buffered, "sha256").hexdigest()
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror or error})") from error
    except (tarfile.TarError, ValueError) as error:
        raise BackupError(f"{file} is no backup, or cut short; take another one") from error
    if stated is None:
        raise BackupError(f"{file} is no backup, or cut short; take another one")
    wrong = [name for name in stated | found if stated.get(name) != found.get(name)]
    if wrong:
        raise BackupError(f"{file} is damaged at {wrong[0]}; take another one")
    return len(found)
