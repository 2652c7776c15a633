"""Landing of a workspace's sources, and what of the lake it finds damaged, made again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from ingest.lake.catalog import open_catalog
from ingest.lake.damaged_parts import (
    DamagedPart,
    changed_parts,
    damaged_parts,
    mend,
    newest_commit,
)
from ingest.lake.file_entries import SourceReport
from ingest.lake.landing import land_source
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from pipelines.run.salt import refuse_retired_salt
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings


def land_sources(
    workspace: Workspace, settings: Settings, sources: Sequence[SourceConfig], progress: Progress
) -> list[SourceReport]:
    """Load what is new in the inbox folders of `sources`; the caller holds the workspace's lock.

    Raises:
        ConfigError: a source's settings are wrong.
        DamagedLakeError: parts of the lake are damaged, and their files are not in the inbox.
    """
    with open_catalog(workspace.lake, settings.threads) as con:
        refuse_retired_salt(con, workspace, settings.salt.get_secret_value())
        damaged = _without_others(workspace, sources, damaged_parts(con, workspace.lake))
        before = newest_commit(con)
        landed = _mend_and_land(con, workspace, sources, damaged, progress)
        if any(report.rows_loaded for report in landed):
            changed = changed_parts(con, workspace.lake, before)
            if damaged := _without_others(workspace, sources, changed):
                again = {part.source_name for part in damaged}
                own = [source for source in sources if source.name in again]
                for report in _mend_and_land(con, workspace, own, damaged, progress):
                    next(r for r in landed if r.source_name == report.source_name).add(report)
    return landed


def _without_others(
    workspace: Workspace, sources: Sequence[SourceConfig], damaged: Iterable[DamagedPart]
) -> list[DamagedPart]:
    """Another source is landed at another time, unless nobody configures it any more."""
    names = [source.name for source in sources]
    return [
        part
        for part in damaged
        if part.source_name in names
        or not (workspace.sources_dir / f"{part.source_name}.toml").exists()
    ]


def _mend_and_land(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    sources: Sequence[SourceConfig],
    damaged: Sequence[DamagedPart],
    progress: Progress,
) -> list[SourceReport]:
    mend(con, workspace.lake, damaged, [source.name for source in sources])
    landed = []
    for source in sources:
        with progress.step(f"land {source.name}") as step:
            report = land_source(
                con,
                workspace.lake,
                source,
                FORMATS[source.format],
                progress=lambda name, done, total: progress(f"land {name}", done, total),
            )
            report.mended = [str(p) for p in damaged if p.source_name == source.name]
            step.figures = _landed(report)
            step.is_idle = not (report.files_new or report.files_left_out or report.failed)
        landed.append(report)
    return landed


def _landed(report: SourceReport) -> str:
    """A source's report in a few words."""
    said = f"{report.files_new:,} files, {report.rows_loaded:,} rows"
    said += f", {report.rows_quarantined:,} quarantined" if report.rows_quarantined else ""
    said += f", {report.files_left_out:,} left out by manifests" if report.files_left_out else ""
    said += f", {len(report.mended):,} damaged parts made again" if report.mended else ""
    return said + (f", {len(report.failed):,} files failed" if report.failed else "")
