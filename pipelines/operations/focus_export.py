"""Exports: what was ingested, written out under a public standard's names."""

from __future__ import annotations

from datetime import date

from ingest.errors import OutlayError
from ingest.files import make_folder
from pipelines.operations.exported_file import FILE_TYPES, ExportedFile, export_rows
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

FOCUS_VERSIONS = ("1.2",)

_CHOSEN = """
where ($first is null or "ChargePeriodStart" >= cast($first as date))
    and ($last is null or "ChargePeriodStart" < cast($last as date) + 1)
order by "ChargePeriodStart", "x_SourceName", "x_SourceFile", "x_SourceRecord"
"""

_ISO_8601 = {"TIMESTAMP": "strftime({}, '%Y-%m-%dT%H:%M:%SZ')"}
"""FOCUS has times in ISO 8601 and UTC."""


def export_focus(
    workspace: Workspace,
    version: str = "1.2",
    first: date | None = None,
    last: date | None = None,
) -> list[ExportedFile]:
    """Write every bill line as FOCUS, once as CSV and once as Parquet.

    Args:
        workspace: its published file is read.
        version: a FOCUS version of `FOCUS_VERSIONS`.
        first: first UTC day of the charge period; all without it.
        last: last UTC day, inclusive.

    Raises:
        OutlayError: an unknown version, days in the wrong order, or nothing published yet.
    """
    if version not in FOCUS_VERSIONS:
        raise OutlayError(
            f"FOCUS {version} cannot be written; there is {', '.join(FOCUS_VERSIONS)}"
        )
    if first and last and last < first:
        raise OutlayError(f"--to {last} lies before --from {first}")
    folder = workspace.exports
    make_folder(folder)
    span = f"_{first or 'start'}_{last or 'end'}" if first or last else ""
    with open_showback(workspace) as con:
        con.execute("set TimeZone = 'UTC'")
        return [
            export_rows(
                con,
                "reports.rpt_focus_charges",
                folder / f"focus-{version}{span}.{file_type}",
                rest=_CHOSEN,
                values={"first": first, "last": last},
                csv_cells=_ISO_8601,
            )
            for file_type in FILE_TYPES
        ]
