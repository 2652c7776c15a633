"""`outlay rebuild`: the warehouse or the lake anew, from what it was made from."""

from __future__ import annotations

from ingest.lake.catalog import open_catalog
from ingest.lake.damaged_parts import DamagedLakeError, DamagedPart, mend
from pipelines.run.publish import remove_database
from pipelines.run.retention.records import files_dropped
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace


def drop_warehouse(workspace: Workspace) -> None:
    """Remove the warehouse: the next run makes it from the lake.

    Raises:
        LockedError: a run is under way.
    """
    with workspace_lock(workspace.state):
        remove_database(workspace.warehouse)


def drop_lake(workspace: Workspace) -> int:
    """Take all rows out of the lake: the next run reads every file again; returns the parts.

    Withdrawn files stay withdrawn, and retired salts retired.

    Raises:
        DamagedLakeError: a file that was read is no more in the inbox; nothing was changed.
        LockedError: a run is under way.
    """
    with workspace_lock(workspace.state):
        _, sources = load_workspace(workspace)
        with open_catalog(workspace.lake) as con:
            rows = con.execute(
                "select path, table_name, source_name, utc_day from parts order by path"
            ).fetchall()
            parts = [
                DamagedPart(path, table, source, day, "is to be made anew")
                for path, table, source, day in rows
            ]
            try:
                mend(con, workspace.lake, parts, [source.name for source in sources])
            except DamagedLakeError as error:
                if gone := sorted(error.lost & files_dropped(workspace)):
                    more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
                    other = sorted(error.lost - set(gone))
                    raise DamagedLakeError(
                        f"{gone[0]}{more} went by retention (ops.retention_audit): their rows are"
                        " in the lake alone, and it was left as it is; what is damaged in it comes"
                        " from a backup (`outlay restore`)"
                        + (f"; not in the inbox either: {', '.join(other[:3])}" if other else ""),
                        error.lost,
                    ) from error
                raise
    return len(parts)
