"""A guardrail run: incidents, limits and experiments as of now, beside the run of everything.

It builds the same models as a run, as far as guardrails need them, in a warehouse of its own over
the same lake: it neither waits for a run nor holds one up. Where no run is under way it lands what
is new first. `guardrails.duckdb`, the exports for a gateway and alerts follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.prices.book import model_prices
from ingest.prices.overrides import PRICES
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from ingest.sql import literal
from ingest.warehouse.register import Changes, mark_built, register_lake
from ingest.warehouse.source_precedence import call_sources
from pipelines.alerts.delivery import Delivery, deliver_alerts
from pipelines.dbt_models.build import build_models, models_fingerprint
from pipelines.dbt_models.prepared_models import ancestors
from pipelines.run.guardrails import write_guardrails
from pipelines.run.landing import land_sources
from pipelines.run.publish import replacing_database
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import GUARDRAILS, LockedError, shared_lock, workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress
from pipelines.workspace.settings import Settings

REPORTS = ("rpt_budget_state", "rpt_incidents", "rpt_experiments")
"""What the guardrails' file holds; alerts are read from all of them."""


@dataclass(frozen=True)
class GuardedWorkspace(Workspace):
    """The workspace with the warehouse of its guardrail runs, which can be deleted at any time."""

    @property
    def warehouse(self) -> Path:
        """Of the same name, so that the statements prepared for one hold for the other."""
        return self.guardrail_warehouse


@dataclass(frozen=True)
class GuardrailResult:
    """What a guardrail run came to.

    Attributes:
        is_landed: false where a run under way lands instead, and what it has not landed is missing.
        changes: what its build had to do.
        as_of: the hour of the newest call; None before the first.
        rows: of each report, by name.
        told: what is open, each with a channel that it goes to.
    """

    is_landed: bool
    changes: Changes
    as_of: datetime | None
    rows: dict[str, int]
    told: list[Delivery]


def run_guardrails(workspace: Workspace, progress: Progress) -> GuardrailResult:
    """Land where nobody else does, build, publish and tell.

    Raises:
        ConfigError: settings, or a row of a reference table, are wrong.
        LockedError: another guardrail run goes on for ten minutes.
        CatalogBusyError: a landing does.
        BuildError: a model failed; what was published stays.
    """
    with shared_lock(workspace.state, GUARDRAILS):
        settings, sources = load_workspace(workspace)
        is_landed = _land(workspace, settings, sources, progress)
        guarded = GuardedWorkspace(workspace.root)
        guarded.warehouse.parent.mkdir(parents=True, exist_ok=True)
        changes = _build(guarded, settings, sources, progress)
        with progress.step("publish") as step:
            rows = publish_guardrails(guarded.warehouse, workspace.guardrails)
            write_guardrails(workspace.guardrails, workspace.exports)
            step.figures = ", ".join(f"{name} {count:,}" for name, count in rows.items())
        with progress.step("alerts"):
            told = deliver_alerts(
                workspace, settings, workspace.guardrails, dry_run=not settings.alerts
            )
        return GuardrailResult(is_landed, changes, _newest_call(guarded.warehouse), rows, told)


def _land(
    workspace: Workspace, settings: Settings, sources: list[SourceConfig], progress: Progress
) -> bool:
    """Load what is new, unless a run is under way, which does so itself."""
    try:
        with workspace_lock(workspace.state):
            land_sources(workspace, settings, sources, progress)
    except LockedError:
        return False
    return True


def _build(
    guarded: GuardedWorkspace, settings: Settings, sources: list[SourceConfig], progress: Progress
) -> Changes:
    fingerprint = models_fingerprint(settings)
    changes = register_lake(
        guarded.warehouse,
        guarded.lake,
        guarded.config,
        call_sources(sources, FORMATS),
        settings.salt.get_secret_value(),
        fingerprint,
        fx_max_age_days=settings.fx_max_age_days,
        closes=guarded.closes,
        prices=model_prices(PRICES.read(guarded.prices_csv)),
    )
    if not changes.nothing_new:
        build_models(
            guarded,
            settings,
            full_refresh=changes.full_refresh,
            progress=progress,
            select=lambda models: ancestors(models, REPORTS),
        )
        mark_built(guarded.warehouse, changes, fingerprint)
    return changes


def publish_guardrails(warehouse: Path, target: Path) -> dict[str, int]:
    """Replace the guardrails' file by the reports of a warehouse; returns their rows."""
    with replacing_database(target) as temporary, duckdb.connect(str(temporary)) as con:
        con.execute(f"attach {literal(str(warehouse))} as built (read_only)")
        con.execute("create schema reports")
        for name in REPORTS:
            con.execute(f"create table reports.{name} as from built.reports.{name}")
        return {
            name: int(con.execute(f"select count(*) from reports.{name}").fetchall()[0][0])
            for name in REPORTS
        }


def _newest_call(warehouse: Path) -> datetime | None:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        ((newest,),) = con.execute("select max(utc_hour) from marts.fct_usage_hourly").fetchall()
    return newest if isinstance(newest, datetime) else None
