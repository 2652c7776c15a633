"""The steps of a run, as plain functions, from landing to pages.

Dagster's assets, and nothing else, call them. Each takes the run and leaves its findings there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import duckdb

from ingest.files import flush, flush_folder
from ingest.lake.arrival_expectations import Finding, evaluate_rules, profile
from ingest.lake.file_entries import SourceReport
from ingest.lake.files_without_calls import files_without_calls
from ingest.prices.book import model_prices
from ingest.prices.history import keep_book
from ingest.prices.overrides import PRICES
from ingest.pull.inbound import pull_source
from ingest.pull.plan import PullReport, Span
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS, filled_tables
from ingest.warehouse.register import Changes, mark_built, register_lake
from ingest.warehouse.source_precedence import call_sources
from pipelines.alerts.delivery import deliver_alerts, told
from pipelines.checks.check import Check, listed
from pipelines.checks.warehouse import check_warehouse, data_test_checks, pulled, source_check
from pipelines.closed_months.store import book_adjustments, finish_closes
from pipelines.dbt_models.build import BuiltModel, build_models, models_fingerprint
from pipelines.dbt_models.data_tests import run_data_tests
from pipelines.dbt_models.prepared_models import descendants
from pipelines.run.blockers import find_blockers, stop_at_blockers
from pipelines.run.commentary import read_commentary
from pipelines.run.guardrails import write_guardrails
from pipelines.run.landing import land_sources
from pipelines.run.ops_tables import files_changed, forget_checks, known_data_tests, write_ops
from pipelines.run.publish import publish
from pipelines.run.rebuilt import rebuilt_models
from pipelines.run.retention.plan import apply_retention
from pipelines.run.session import Run
from pipelines.run.up_to_date import built_commit
from pipelines.workspace.environment import secret_from_environment
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import Progress

FILE_MODELS = ("dim_sources",)
"""Models of the files themselves: with all that reads them they change even when no day did."""


def pull(run: Run, sources: Sequence[SourceConfig]) -> list[PullReport]:
    """Bring what is new into the inbox folders of `sources`; one check a source.

    A pull that fails does not stop the run: it goes on with what is there, and is red.

    Raises:
        ConfigError: a source's settings are wrong.
    """
    reports = []
    for source in sources:
        report = PullReport(source.name)
        if not run.no_pull:
            report = pull_with_progress(run.workspace, source, None, run.progress)
        run.checks.append(pulled(report, was_asked=not run.no_pull))
        reports.append(report)
    return reports


def pull_with_progress(
    workspace: Workspace, source: SourceConfig, span: Span | None, progress: Progress
) -> PullReport:
    """Bring what is new for one source into its inbox folder, as a step that is told.

    Raises:
        ConfigError: the source's settings are wrong.
    """
    with progress.step(f"pull {source.name}") as step:
        report = pull_source(
            source,
            workspace.lake.inbox,
            workspace.pulled,
            secret_from_environment,
            progress=lambda name, done, total: progress(f"pull {name}", done, total),
            span=span,
        )
        step.figures = f"{report.files_new:,} new files, {report.unchanged:,} unchanged"
        step.figures += f", {len(report.problems):,} problems" if report.problems else ""
    return report


def land(run: Run, sources: Sequence[SourceConfig]) -> list[SourceReport]:
    """Load what is new in the inbox folders of `sources`; see `land_sources`."""
    run.landed += land_sources(run.workspace, run.settings, sources, run.progress)
    return run.landed


def validate_arrivals(run: Run, sources: Sequence[SourceConfig]) -> list[Check]:
    """Great-expectations on the days that the coming build will compute; one check a source."""
    with run.progress.step("arrivals") as step:
        lake, since = run.workspace.lake, built_commit(run.workspace.warehouse)
        findings = evaluate_rules(profile(lake, since))
        of_calls = [source.name for source in sources if "gateway_calls" in filled_tables(source)]
        callless = files_without_calls(lake, since, of_calls)
        mended: dict[str, list[str]] = defaultdict(list)
        for report in run.landed:
            mended[report.source_name] += report.mended
        checks = [
            _arrival_check(source.name, findings, callless.get(source.name), mended[source.name])
            for source in sources
        ]
        step.figures = _passed(checks)
    run.checks += checks
    return checks


def _arrival_check(
    source: str, findings: Iterable[Finding], callless: str | None, mended: Sequence[str]
) -> Check:
    """All findings about one source; critical ones turn the run red, others only warn.

    Args:
        callless: files of the source from which no call came.
        mended: damaged parts of the lake whose files were read again.
    """
    own = [finding for finding in findings if finding.source_name == source]
    critical = [finding for finding in own if finding.is_critical]
    shown = [
        f"{f.table} of {f.utc_day}: {f.measure} is {f.observed}: {f.meaning}"
        for f in (critical or own)[:3]
    ]
    more = [f"and {len(own) - len(shown)} more"] if len(own) > len(shown) else []
    without = [callless] if callless else []
    again = [f"{listed(mended, 3)}: read again from the inbox"] if mended else []
    cures = [
        f"correct config/sources/{source}.toml or the delivery; a changed setting reads the"
        " source's files again"
    ]
    if mended:
        cures = [*(cures if own or callless else []), "find what damaged the disk: `outlay doctor`"]
    return Check(
        source_check("arrivals", source),
        not own and not callless and not mended,
        "; ".join([*shown, *more, *without, *again])
        or f"{source} looks as calls, bills or evaluations should",
        "; ".join(cures),
        is_error=bool(critical),
    )


def build(run: Run, forced_days: Iterable[date]) -> Changes:
    """Let go what retention says, register lake and prices, and build the models that must be.

    Args:
        run: the run; learns the newest day of calls, and what the build changed.
        forced_days: UTC days to compute although nothing arrived for them.

    Raises:
        ConfigError: a row of the workspace's prices, names or rules is wrong.
        BuildError: a model failed; the next run computes everything anew.
    """
    space, settings = run.workspace, run.settings
    finish_closes(space)
    if settings.retention.at_run:
        with run.progress.step("retention") as step:
            dropped = apply_retention(space, settings, run.sources).dropped
            step.figures = f"{sum(len(one.files) for one in dropped):,} files"
            step.is_idle = not dropped
    fingerprint = models_fingerprint(settings)
    book = model_prices(PRICES.read(space.prices_csv))
    changes = register_lake(
        space.warehouse,
        space.lake,
        space.config,
        call_sources(run.sources, FORMATS),
        settings.salt.get_secret_value(),
        fingerprint,
        forced_days=forced_days,
        force_full=run.full_refresh,
        fx_max_age_days=settings.fx_max_age_days,
        closes=space.closes,
        prices=keep_book(space.books, book, run.started_at),
    )
    run.as_of_day, run.changes = changes.as_of_day, changes
    built: list[BuiltModel] = []
    if not changes.nothing_new:
        forget_checks(space.warehouse)
        built = build_models(
            space, settings, full_refresh=changes.full_refresh, progress=run.progress
        )
        if not find_blockers(space.warehouse):
            # what must not be published must not be charged either
            book_adjustments(space)
        mark_built(space.warehouse, changes, fingerprint)
    elif files_changed(space.warehouse):
        forget_checks(space.warehouse)
        built = build_models(
            space,
            settings,
            full_refresh=False,
            progress=run.progress,
            select=lambda models: descendants(models, FILE_MODELS),
        )
    if built:
        run.rebuilt = rebuilt_models(
            space.warehouse, space.dbt / "rows.json", built, all_changed=changes.full_refresh
        )
    return changes


def data_tests(run: Run) -> list[Check]:
    """The data tests' results; those of the last run when no model was built since."""
    with duckdb.connect(str(run.workspace.warehouse)) as con:
        known = known_data_tests(con)
    if known:
        return known
    failed = run_data_tests(run.workspace, run.settings, run.progress)
    return data_test_checks(failed)


def check(run: Run) -> list[Check]:
    """Run the data tests and every check on the warehouse, and write schema `ops`."""
    tested = data_tests(run)
    with run.progress.step("checks") as step, duckdb.connect(str(run.workspace.warehouse)) as con:
        checks = [
            *tested,
            *check_warehouse(con, run.settings, [source.name for source in run.sources]),
        ]
        run.checks += checks
        write_ops(con, run)
        step.figures = _passed(run.checks)
    return checks


def _passed(checks: Sequence[Check]) -> str:
    return f"{sum(check.passed for check in checks)} of {len(checks)} passed"


def publish_showback(run: Run) -> dict[str, int]:
    """Replace the published file, and what a gateway reads of it; returns its rows by table.

    Raises:
        BlockedError: a row of the data must not be published; the file stays as it was.
    """
    stop_at_blockers(run)
    with run.progress.step("publish") as step:
        rows = publish(run.workspace.warehouse, run.workspace.showback)
        write_guardrails(run.workspace.showback, run.workspace.exports)
        step.figures = f"{len(rows)} tables, {sum(rows.values()):,} rows"
    return rows


def render(run: Run) -> list[Path]:
    """Render the pages from the published file; the run is complete afterwards."""
    from dashboards.site import render_site

    as_of = f"data up to {run.as_of_day}" if run.as_of_day else "no data yet"
    with run.progress.step("pages") as step:
        pages = render_site(
            run.workspace.showback,
            run.workspace.site,
            company=run.settings.company,
            generated_for=as_of,
            flush=flush_folder,
            locale=run.settings.locale,
            commentary=read_commentary(run.workspace.commentary),
        )
        flush(run.workspace.site.resolve().parent)
        step.figures = f"{sum(page.suffix == '.html' for page in pages)}"
    run.is_complete = True
    return pages


def tell(run: Run) -> list[Check]:
    """Tell what is open to the channels of its owners; one check, where there is a channel.

    A channel that takes nothing turns no run red: the next run tells it.
    """
    if not run.settings.alerts:
        return []
    with run.progress.step("alerts") as step:
        check = told(deliver_alerts(run.workspace, run.settings, run.workspace.showback))
        step.figures = check.detail
    run.checks.append(check)
    return [check]
