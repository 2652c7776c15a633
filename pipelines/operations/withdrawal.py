"""`outlay withdraw`: a delivery that is not to count leaves the lake, on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.errors import OutlayError
from ingest.lake.catalog import open_catalog
from ingest.lake.withdrawal import withdraw
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class Withdrawal:
    """What was withdrawn: the file, its path below the inbox, and the rows that it had brought."""

    file: str
    rows: int


def withdraw_file(workspace: Workspace, name: str, reason: str, who: str) -> Withdrawal:
    """Take a file's rows out of the lake; the next run computes their days again.

    Args:
        name: its path as checks name it, with `inbox/` in front or not.

    Raises:
        LockedError: a run holds the workspace.
        OutlayError: no loaded file has the name, or the reason is empty.
    """
    if not reason.strip() or not who.strip():
        raise OutlayError("say who withdraws the file and why: both are kept beside it")
    file = name.removeprefix("./").removeprefix("inbox/")
    now = datetime.now(UTC).replace(tzinfo=None)
    with workspace_lock(workspace.state), open_catalog(workspace.lake) as con:
        return Withdrawal(file, withdraw(con, workspace.lake, file, who, reason, now))
