"""The workspace's salt while a rotation is under way, and after it.

The new salts wait beside the old ones until the lake is done; the lake's catalog tells whether it
is. So a rotation that was killed either never happened, or is ended by whatever runs next.
"""

from __future__ import annotations

import shutil

import duckdb

from ingest.errors import ConfigError
from ingest.files import put_in_place
from ingest.lake.catalog import open_catalog
from ingest.lake.people.salt_rotation import retired_at
from pipelines.run.publish import remove_database, unfinished
from pipelines.workspace.environment import salt_is_in_environment
from pipelines.workspace.locking import GUARDRAILS, shared_lock
from pipelines.workspace.paths import Workspace


def finish_rotation(workspace: Workspace) -> bool:
    """End a rotation that has come to its commit, undo one that has not; the caller has the lock.

    Returns:
        Whether one was ended.
    """
    waiting = workspace.next_salt_file
    if not waiting.exists():
        return False
    before, _, _ = waiting.read_text(encoding="utf-8").strip().rpartition("\n")
    with open_catalog(workspace.lake) as con:
        is_done = retired_at(con, before) is not None
    if not is_done:
        waiting.unlink()
        return False
    _forget(workspace)
    put_in_place(waiting, workspace.salt_file)
    return True


def _forget(workspace: Workspace) -> None:
    """Remove what a run made of the lake under the old salt; the next one makes it again.

    A database's file keeps what was deleted from it, so the warehouse goes as a whole. Compiled
    models hold the users and keys that rules name, and a trace may quote them.
    """
    remove_database(workspace.warehouse)
    remove_database(unfinished(workspace.showback))
    with shared_lock(workspace.state, GUARDRAILS):  # one under way writes them once more
        shutil.rmtree(workspace.guardrail_warehouse.parent, ignore_errors=True)
        remove_database(workspace.guardrails)
    shutil.rmtree(workspace.dbt, ignore_errors=True)
    shutil.rmtree(workspace.shadows, ignore_errors=True)
    workspace.error_log.unlink(missing_ok=True)


def refuse_retired_salt(con: duckdb.DuckDBPyConnection, workspace: Workspace, salt: str) -> None:
    """Refuse to read files under a salt to which a rotation has added another.

    Args:
        con: the workspace's open catalog.

    Raises:
        ConfigError: says when that was, and the cure.
    """
    when = retired_at(con, salt)
    if when:
        raise ConfigError(
            "OUTLAY_SALT" if salt_is_in_environment() else str(workspace.salt_file),
            "salt",
            f"is not whole: on {when:%Y-%m-%d} `outlay rotate-salt` added a line to"
            f" {workspace.salt_file}; give all lines that it had since then",
        )
