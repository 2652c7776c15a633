"""The gate between the checks and the published file: what must not go out stops the run.

A check that fails still publishes, with its warning beside the numbers. A blocker does not: without
an exchange rate, say, a sum would be wrong and look right. What was published stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.errors import OutlayError
from pipelines.run.session import Run

_SHOWN = 5
"""Reasons that a message lists; the cure of the first is usually that of all."""


class BlockedError(OutlayError):
    """Rows of the data must not be published; names file, line, field and cure of the first."""


@dataclass(frozen=True)
class Blocker:
    """Rows that are wrong in one way.

    Attributes:
        place: file below `inbox/` and line of the first of them.
        rows: how many there are.
    """

    blocker: str
    place: str
    field: str
    reason: str
    rows: int

    def __str__(self) -> str:
        """The first row and its cure, on one line."""
        more = f" (and {self.rows - 1:,} more rows)" if self.rows > 1 else ""
        return f"{self.blocker}: {self.place}: {self.field}: {self.reason}{more}"


def find_blockers(warehouse: Path) -> list[Blocker]:
    """What stops a run on this warehouse, newest build included; one for each reason."""
    with duckdb.connect(str(warehouse)) as con:
        rows = con.execute(
            """
            select
                blocker,
                arg_min(
                    'inbox/' || source_name || '/' || source_file || ', line ' || source_line,
                    (source_name, source_file, source_line)
                ),
                field,
                reason,
                count(*)
            from intermediate.int_blockers
            group by blocker, field, reason
            order by min(utc_day), blocker, field, reason
            """
        ).fetchall()
    return [Blocker(*row) for row in rows]


def stop_at_blockers(run: Run) -> None:
    """Refuse to publish while a blocker stands; the run history keeps what it was.

    Raises:
        BlockedError: lists the first blockers.
    """
    found = find_blockers(run.workspace.warehouse)
    if not found:
        return
    run.stopped_by = str(found[0])
    rows = sum(blocker.rows for blocker in found)
    lines = [f"  {blocker}" for blocker in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"  and {len(found) - _SHOWN} more reasons")
    raise BlockedError(
        f"nothing was published: {rows:,} {'row' if rows == 1 else 'rows'} of the bills"
        " must be cured first; what was published before stays as it is",
        *lines,
        'all of them: outlay sql --warehouse "from intermediate.int_blockers"',
    )
