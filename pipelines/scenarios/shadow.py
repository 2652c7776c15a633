"""Shadow runs: the very same build, with a candidate configuration, in a warehouse of its own.

Nothing that is published, and nothing of the pipeline's own warehouse, is touched. A number has one
definition, so what a shadow computes is what a run computes once the candidate is promoted.
"""

from __future__ import annotations

import shutil
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from ingest.errors import ConfigError, OutlayError, nearest
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from ingest.warehouse.register import mark_built, register_lake
from ingest.warehouse.source_precedence import call_sources
from pipelines.config_history.file_names import TABLE_FILES
from pipelines.config_history.promotion import finish_promotion
from pipelines.config_history.shadow_folder import Shadow, finish, place, shadow_of
from pipelines.config_history.snapshot import config_snapshot
from pipelines.dbt_models.build import build_models, models_fingerprint
from pipelines.dbt_models.prepared_models import ancestors
from pipelines.run.up_to_date import require_up_to_date
from pipelines.scenarios.comparison import (
    CHARGE,
    ESTIMATE,
    Difference,
    compare,
    side_by_side,
    summary,
    write_csv,
)
from pipelines.workspace.calendar import utc_days
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings, load_settings


def candidate_files(folder: Path) -> dict[str, Path]:
    """The files of a candidate's folder, by the name that they have in a workspace.

    Raises:
        ConfigError: there is no such folder, nothing in it, or a file that no workspace has.
    """
    if not folder.is_dir():
        raise ConfigError(str(folder), "folder", "there is no such folder of a candidate")
    found = {path.name: path for path in sorted(folder.glob("*")) if path.name[0] != "."}
    known = sorted((*TABLE_FILES, "outlay.toml"))
    if not found:
        raise ConfigError(str(folder), "folder", f"holds no candidate: {', '.join(known)}")
    for name, path in found.items():
        if name not in known or not path.is_file():
            raise ConfigError(
                str(path),
                "file name",
                f"is none of {', '.join(known)}{nearest(name, known)}: a shadow changes prices,"
                " rules and settings; how a source is read needs its files again",
            )
    return found


def prepare(shadow: Shadow, candidates: Mapping[str, Path]) -> None:
    """Lay out a shadow anew: a copy of the workspace's configuration, the candidate's on top."""
    real = Workspace(shadow.root)
    shutil.rmtree(shadow.folder, ignore_errors=True)
    shadow.config.mkdir(parents=True)
    for path in sorted(real.config.glob("*.csv")):
        shutil.copyfile(path, shadow.config / path.name)
    shutil.copyfile(real.settings_file, shadow.settings_file)
    for name, path in candidates.items():
        shutil.copyfile(path, place(shadow, name))


def build(
    shadow: Shadow,
    candidates: Mapping[str, Path],
    sources: Sequence[SourceConfig],
    models: Sequence[str],
    days: tuple[date, date] | None,
    progress: Progress,
    prices: pa.Table | None = None,
) -> Settings:
    """Build some models of a shadow that is laid out.

    Args:
        shadow: where.
        candidates: the candidate's files, for messages.
        sources: the workspace's sources.
        models: marts; what they are made of is built with them.
        days: first and last UTC day of the lake to read; all without.
        progress: told about models.
        prices: the price book; None makes it from the public one and the shadow's `prices.csv`.

    Returns:
        The settings with which it was built.

    Raises:
        ConfigError: a row of the candidate is wrong; names its own file.
        BuildError: a model failed.
    """
    try:
        settings = load_settings(shadow.settings_file, shadow.salt_file)
        fingerprint = models_fingerprint(settings)
        changes = register_lake(
            shadow.warehouse,
            shadow.lake,
            shadow.config,
            call_sources(sources, FORMATS),
            settings.salt.get_secret_value(),
            fingerprint,
            prices=prices,
            only_days=days,
            fx_max_age_days=settings.fx_max_age_days,
        )
    except ConfigError as error:
        raise _at_its_origin(error, candidates) from error
    build_models(
        shadow,
        settings,
        full_refresh=True,
        progress=progress,
        select=lambda all_models: ancestors(all_models, models),
    )
    mark_built(shadow.warehouse, changes, fingerprint)
    return settings


def _at_its_origin(error: ConfigError, candidates: Mapping[str, Path]) -> ConfigError:
    """An error about a file of the shadow, under the name of the file that the user wrote."""
    path = candidates.get(Path(error.file).name)
    return ConfigError(str(path), error.key, error.reason) if path else error


def reporting_span(first: date, last: date, settings: Settings) -> tuple[date, date]:
    """The UTC days that days of the reporting calendar touch, and one more at each end.

    One call may stand in two sources, on both sides of midnight: which record counts is seen only
    with the days beside.
    """
    days = utc_days(*reporting_time(first, last, settings))
    return days[0] - timedelta(days=1), days[-1] + timedelta(days=1)


def reporting_time(first: date, last: date, settings: Settings) -> tuple[datetime, datetime]:
    """Begin and end of days of the reporting calendar, aware; the end is exclusive."""
    zone = ZoneInfo(settings.reporting_timezone)
    start = datetime.combine(first, time(0), tzinfo=zone)
    end = datetime.combine(last + timedelta(days=1), time(0), tzinfo=zone)
    return start, end


@dataclass(frozen=True)
class ShadowResult:
    """What a shadow differs in.

    Attributes:
        estimates: estimate by month and team.
        charges: allocated charge by month, team, feature and tenant.
        csv: every difference by month and all dimensions.
    """

    estimates: Sequence[Difference]
    charges: Sequence[Difference]
    csv: Path


def run_shadow(
    workspace: Workspace,
    name: str,
    candidate: Path,
    progress: Progress,
    *,
    first: date | None = None,
    last: date | None = None,
) -> ShadowResult:
    """Build a shadow with a candidate configuration and compare it with the warehouse.

    Args:
        workspace: whose lake, and whose configuration where the candidate says nothing.
        name: of the shadow; one that is there already is made anew.
        candidate: folder of the files that replace those of the workspace.
        progress: told about models.
        first: a day of the first month to compute, in the reporting calendar; all without.
        last: a day of the last month. Months are whole, for what is shared is spread by the month.

    Raises:
        OutlayError: the warehouse is not current, or the candidate is wrong.
        LockedError: a run is under way.
    """
    shadow = shadow_of(workspace, name)
    with workspace_lock(workspace.state):
        finish_promotion(workspace)
        settings, sources = load_workspace(workspace)
        require_up_to_date(workspace, settings)
        files = config_snapshot(workspace, settings)
        candidates = candidate_files(candidate)
        start, end = _whole_months(first, last)
        prepare(shadow, candidates)
        build(
            shadow,
            candidates,
            sources,
            [ESTIMATE.mart, CHARGE.mart],
            reporting_span(start, end, settings) if start and end else None,
            progress,
        )
        with side_by_side(workspace.warehouse, shadow.warehouse) as con:
            compare(con, [ESTIMATE, CHARGE], start or date.min, end or date.max)
            target = workspace.exports / f"shadow-{name}.csv"
            write_csv(con, target)
            found = ShadowResult(
                summary(con, ESTIMATE, ["team"]),
                summary(con, CHARGE, ["team", "feature", "tenant_id"]),
                target,
            )
        finish(shadow, candidates, {file.name: file.version for file in files})
    return found


def _whole_months(first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """The months of two days, the first and last day of them; a lone day gives its own month."""
    first, last = first or last, last or first
    if first is None or last is None:
        return None, None
    if last < first:
        raise OutlayError(f"--to {last} lies before --from {first}; swap them")
    return first.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1])
