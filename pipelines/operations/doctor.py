"""`outlay doctor`: is a workspace sound? Looks at everything, changes nothing, names each cure."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import duckdb

from ingest.errors import OutlayError
from ingest.lake.catalog import LakePaths, catalog_lock, uncommitted_parts
from ingest.lake.damaged_parts import CHANGED, damaged_parts
from ingest.warehouse.reference_tables import read_reference_data
from pipelines.checks.check import Check, listed
from pipelines.closed_months.store import verify_closes
from pipelines.workspace.environment import salt_is_in_environment
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings_file import retired_settings

_SPARE_BYTES = 512 * 2**20
"""Room for a run's scratch files beside the copies of its databases."""


def examine_workspace(workspace: Workspace, progress: Progress) -> list[Check]:
    """Everything that a run counts on, one check a subject.

    Args:
        workspace: whose; no run may be under way.
        progress: told of each subject.

    Raises:
        LockedError: a run is under way.
    """
    subjects: dict[str, Callable[[Workspace], Check]] = {
        "configuration": _configuration,
        "permissions": _permissions,
        "disk": _disk,
        "versions": _versions,
        "lake": _lake,
        "warehouse": _warehouse,
        "published": _published,
        "closes": _closes,
    }
    found = []
    with workspace_lock(workspace.state):
        for name, look in subjects.items():
            with progress.step(name):
                found.append(look(workspace))
    return found


def _good(name: str, detail: str) -> Check:
    return Check(name, True, detail)


def _configuration(workspace: Workspace) -> Check:
    """Every settings file and reference table reads."""
    try:
        settings, sources = load_workspace(workspace)
        salt = settings.salt.get_secret_value()
        read_reference_data(workspace.config, salt, settings.fx_max_age_days, None)
    except OutlayError as error:
        return Check("configuration", False, str(error), "correct that line")
    if retired := retired_settings(workspace.settings_file):
        return Check("configuration", False, "; ".join(retired), "remove it", is_error=False)
    return _good("configuration", f"{len(sources)} sources, and every table below config/ reads")


def _permissions(workspace: Workspace) -> Check:
    """The salt is its owner's alone, and what a run writes can be written."""
    salt = workspace.salt_file
    if not salt_is_in_environment() and salt.exists() and stat.S_IMODE(salt.stat().st_mode) & 0o077:
        return Check(
            "permissions",
            False,
            f"{salt} can be read by others, who could then tell whose a pseudonym is",
            f"chmod 600 {salt}",
        )
    closed = [path for path in _written(workspace) if path.exists() and not _is_writable(path)]
    if closed:
        names = listed([str(path) for path in closed])
        return Check(
            "permissions", False, f"not writable: {names}", "give them to the user who runs Outlay"
        )
    return _good("permissions", "the salt is private, and what a run writes can be written")


def _written(workspace: Workspace) -> Iterator[Path]:
    yield from (workspace.root, workspace.state, workspace.lake.lake, workspace.lake.inbox)
    yield from (workspace.warehouse, workspace.showback, workspace.site, workspace.exports)
    yield from (workspace.lake.catalog, workspace.statements)


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK | (os.X_OK if path.is_dir() else 0))


def _disk(workspace: Workspace) -> Check:
    """A run writes the published file anew beside the old one, and a full one the warehouse."""
    files = (workspace.warehouse, workspace.showback)
    needed = sum(file.stat().st_size for file in files if file.exists()) + _SPARE_BYTES
    free = shutil.disk_usage(workspace.root).free
    said = f"{free / 2**20:,.0f} MB are free, and a run may need {needed / 2**20:,.0f} MB"
    return Check("disk", free >= needed, said, f"make room on the disk of {workspace.root}")


def _versions(_: Workspace) -> Check:
    """Every package that Outlay states is installed."""
    stated = [re.split(r"[^\w.-]", one)[0] for one in requires("outlay") or () if ";" not in one]
    missing = []
    for name in stated:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    python = ".".join(map(str, sys.version_info[:3]))
    own = f"Outlay {version('outlay')}, Python {python}, DuckDB {version('duckdb')}"
    return Check(
        "versions",
        not missing,
        f"{own}; missing: {listed(missing)}" if missing else own,
        "install Outlay again in this environment",
    )


@contextmanager
def _catalog(paths: LakePaths) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake's catalog, only to be read."""
    with catalog_lock(paths), duckdb.connect(str(paths.catalog), read_only=True) as con:
        yield con


def _lake(workspace: Workspace) -> Check:
    """Every part is as the catalog has it, byte by byte, and nothing lies beside them."""
    paths = workspace.lake
    if not paths.catalog.exists():
        return _good("lake", "nothing has landed yet")
    try:
        with _catalog(paths) as con:
            ((counted,),) = con.execute("select count(*) from parts").fetchall()
            orphans = list(uncommitted_parts(con, paths))
            damaged = damaged_parts(con, paths, hashed=True)
    except duckdb.Error as error:
        return Check(
            "lake",
            False,
            f"{paths.catalog} cannot be read: {str(error).splitlines()[0]}",
            f"restore a backup; without one move {paths.lake} away and `outlay run`, which reads"
            " all that is in the inbox",
        )
    if damaged:
        changed = [str(paths.lake / part.path) for part in damaged if part.fault == CHANGED]
        return Check(
            "lake",
            False,
            listed([str(part) for part in damaged], 3),
            f"delete {listed(changed)}; `outlay run` then reads its files again"
            if changed
            else "`outlay run` reads its files again",
        )
    beside = (
        f"; {len(orphans):,} of a run that was killed, which the next removes" if orphans else ""
    )
    return _good("lake", f"{counted:,} parts are as they were written{beside}")


def _warehouse(workspace: Workspace) -> Check:
    """The warehouse opens, its last build ended, and it has what the lake has."""
    cure = "`outlay rebuild warehouse` makes it anew from the lake"
    if not workspace.warehouse.exists():
        return _good("warehouse", "there is none yet: the next run makes it from the lake")
    try:
        with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
            (built, is_whole) = con.execute(
                "select commit_id, is_finished from raw.build_state"
            ).fetchall()[0]
        with _catalog(workspace.lake) as con:
            ((newest,),) = con.execute("select coalesce(max(commit_id), 0) from files").fetchall()
    except (duckdb.Error, IndexError) as error:
        return Check("warehouse", False, f"cannot be read: {str(error).splitlines()[0]}", cure)
    if not is_whole:
        return Check("warehouse", False, "the last build did not end", "`outlay run` ends it")
    if built > newest:
        return Check(
            "warehouse",
            False,
            f"it was built of commit {built} of a lake that ends with {newest}: another lake",
            cure,
        )
    behind = "; the next run adds what landed since" if built < newest else ""
    return _good("warehouse", f"built of commit {built} of the lake's {newest}{behind}")


def _published(workspace: Workspace) -> Check:
    """The published file opens."""
    if not workspace.showback.exists():
        return _good("published", "nothing is published yet")
    try:
        with duckdb.connect(str(workspace.showback), read_only=True) as con:
            ((tables,),) = con.execute("select count(*) from duckdb_tables()").fetchall()
    except duckdb.Error as error:
        said = f"{workspace.showback} cannot be read: {str(error).splitlines()[0]}"
        return Check("published", False, said, "`outlay run` publishes it anew")
    return _good("published", f"{tables:,} tables")


def _closes(workspace: Workspace) -> Check:
    """The files of closed months are as they were written."""
    verified = verify_closes(workspace)
    wrong = [file for _, files in verified for file in files]
    return Check(
        "closes",
        not wrong,
        f"gone or changed: {listed(wrong, 3)}" if wrong else f"{len(verified):,} are as written",
        "bring those files back from a backup: a closed month is not computed again",
    )
