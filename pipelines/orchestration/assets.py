"""Dagster's view of a run: assets from the inbox to the pages, and what their checks are called.

Every asset is cut into the days of the reporting calendar and a range of days is one run. Landing
goes by content, not by day; a range means that the build computes those days again, whether or not
something arrived for them. A run tagged `ONLY_NEW` computes what is new and nothing else: its day
is then only the place where Dagster files it.
"""

# no `from __future__ import annotations` here: Dagster reads the annotations of `context`
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import dagster as dg

from ingest.lake.landing import SourceReport
from ingest.pull.inbound import is_pulled
from ingest.records.format import SourceConfig
from pipelines.checks.check import Check
from pipelines.checks.warehouse import WAREHOUSE_CHECKS, source_check
from pipelines.run import steps
from pipelines.run.session import Run
from pipelines.workspace.calendar import day_ranges, utc_days

ONLY_NEW = {"outlay/only_new": "true"}
"""Tag of the runs that the schedules and `outlay run` without days make."""

PULL = "pull"
INBOX = "inbox"
ARRIVALS = dg.AssetKey("arrivals")
PRICES = dg.AssetKey("prices")
MODELS = dg.AssetKey("models")
OPS = dg.AssetKey("ops")
SHOWBACK = dg.AssetKey("showback")
SITE = dg.AssetKey("site")

_WHOLE_RANGE = dg.BackfillPolicy.single_run()


def inbox_key(source: str) -> dg.AssetKey:
    """The asset of one inbox folder."""
    return dg.AssetKey([INBOX, source])


def pull_key(source: str) -> dg.AssetKey:
    """The asset of what one source is pulled from."""
    return dg.AssetKey([PULL, source])


def build_assets(
    sources: Sequence[SourceConfig], days: dg.DailyPartitionsDefinition
) -> list[dg.AssetsDefinition]:
    """All assets of a workspace, in the order of the flow."""
    with warnings.catch_warnings():
        # a single-run backfill policy is still called beta; it is what a backfill here must be
        warnings.simplefilter("ignore", dg.BetaWarning)
        pulled = [source for source in sources if is_pulled(source)]
        return [
            *([_pull(pulled, days)] if pulled else []),
            *([_inbox(sources, days)] if sources else []),
            _arrivals(sources, days),
            _warehouse(days),
            _ops(sources, days),
            _showback(days),
            _site(days),
        ]


def _run(context: dg.AssetExecutionContext) -> Run:
    """The run that the job's resource opened; it holds the workspace's lock."""
    run = context.resources.run
    if not isinstance(run, Run):
        raise TypeError(f"resource `run` is a {type(run).__name__}")
    return run


def _forced_days(context: dg.AssetExecutionContext) -> list[date]:
    """UTC days of the partitions that were asked for; none in a run of what is new."""
    if ONLY_NEW.items() <= context.run.tags.items():
        return []
    window = context.partition_time_window
    return utc_days(window.start, window.end)


def _pull(
    sources: Sequence[SourceConfig], days: dg.DailyPartitionsDefinition
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="pull",
        specs=[
            dg.AssetSpec(
                pull_key(s.name),
                skippable=True,
                group_name="landing",
                kinds={s.format},
                description=f"What is new for inbox/{s.name}, from where its settings say.",
            )
            for s in sources
        ],
        check_specs=[
            spec
            for s in sources
            for spec in _specs(pull_key(s.name), [source_check("pull", s.name)])
        ],
        can_subset=True,
        partitions_def=days,
        backfill_policy=_WHOLE_RANGE,
        required_resource_keys={"run"},
    )
    def pull(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run = _run(context)
        chosen = [s for s in run.sources if pull_key(s.name) in context.selected_asset_keys]
        for report in steps.pull(run, chosen):
            key, name = pull_key(report.source_name), source_check("pull", report.source_name)
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "files_new": dg.MetadataValue.int(report.files_new),
                    "unchanged": dg.MetadataValue.int(report.unchanged),
                    "requests": dg.MetadataValue.int(report.requests),
                },
                check_results=_results((c for c in run.checks if c.name == name), key),
            )

    return pull


def _inbox(
    sources: Sequence[SourceConfig], days: dg.DailyPartitionsDefinition
) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="land",
        specs=[
            dg.AssetSpec(
                inbox_key(s.name),
                skippable=True,
                group_name="landing",
                kinds={"parquet"},
                deps=[pull_key(s.name)] if is_pulled(s) else [],
                description=f"Files of inbox/{s.name} ({s.format}), as rows of the lake.",
            )
            for s in sources
        ],
        can_subset=True,
        partitions_def=days,
        backfill_policy=_WHOLE_RANGE,
        required_resource_keys={"run"},
    )
    def land(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        # as the run found them: settings may be newer than these definitions
        run = _run(context)
        chosen = [s for s in run.sources if inbox_key(s.name) in context.selected_asset_keys]
        for report in steps.land(run, chosen):
            yield dg.MaterializeResult(
                asset_key=inbox_key(report.source_name), metadata=_landed(report)
            )

    return land


def _landed(report: SourceReport) -> dict[str, dg.MetadataValue]:
    return {
        "files_new": dg.MetadataValue.int(report.files_new),
        "files_duplicate": dg.MetadataValue.int(report.files_duplicate),
        "files_failed": dg.MetadataValue.int(len(report.failed)),
        "rows_loaded": dg.MetadataValue.int(report.rows_loaded),
        "rows_quarantined": dg.MetadataValue.int(report.rows_quarantined),
    }


def _arrivals(
    sources: Sequence[SourceConfig], days: dg.DailyPartitionsDefinition
) -> dg.AssetsDefinition:
    @dg.asset(
        key=ARRIVALS,
        deps=[inbox_key(s.name) for s in sources],
        check_specs=_specs(ARRIVALS, [source_check("arrivals", s.name) for s in sources]),
        partitions_def=days,
        backfill_policy=_WHOLE_RANGE,
        required_resource_keys={"run"},
        group_name="landing",
        kinds={"great_expectations"},
        description="Whether what arrived since the last build looks as it should, by day.",
    )
    def arrivals(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        checks = steps.validate_arrivals(_run(context), sources)
        yield dg.MaterializeResult(check_results=_results(checks))

    return arrivals


def _warehouse(days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="build",
        specs=[
            dg.AssetSpec(
                PRICES,
                deps=[ARRIVALS],
                group_name="warehouse",
                kinds={"duckdb"},
                description="The lake as schema raw, the price book, and what changed.",
            ),
            dg.AssetSpec(
                MODELS,
                deps=[PRICES],
                group_name="warehouse",
                kinds={"dbt"},
                description="Every mart and report, computed for the days that changed.",
            ),
        ],
        partitions_def=days,
        backfill_policy=_WHOLE_RANGE,
        required_resource_keys={"run"},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        # one step: what changed is known only until the models include it
        changes = steps.build(_run(context), _forced_days(context))
        what = changes.reason or day_ranges(changes.days) or "nothing"
        yield dg.MaterializeResult(asset_key=PRICES)
        yield dg.MaterializeResult(
            asset_key=MODELS,
            metadata={"computed": dg.MetadataValue.text(what), "full": changes.full_refresh},
        )

    return build


def _ops(
    sources: Sequence[SourceConfig], days: dg.DailyPartitionsDefinition
) -> dg.AssetsDefinition:
    names = ["data_tests", *WAREHOUSE_CHECKS, *(source_check("freshness", s.name) for s in sources)]

    @dg.asset(
        key=OPS,
        deps=[MODELS],
        check_specs=_specs(OPS, names),
        partitions_def=days,
        backfill_policy=_WHOLE_RANGE,
        required_resource_keys={"run"},
        group_name="warehouse",
        kinds={"duckdb"},
        description="Files, rows quarantined, runs and checks, to be published with the numbers.",
    )
    def ops(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        checks = steps.check(_run(context))
        yield dg.MaterializeResult(
            check_results=_results(check for check in checks if check.name in names)
        )

    return ops


def _showback(days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=SHOWBACK,
        deps=[MODELS, OPS],
        partitions_def=days,
        backfill_policy=_WHOLE_RANGE,
        required_resource_keys={"run"},
        group_name="published",
        kinds={"duckdb"},
        description="showback.duckdb: marts, reports and ops, swapped in as a whole.",
    )
    def showback(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        rows = steps.publish_showback(_run(context))
        return dg.MaterializeResult(metadata={"rows": dg.MetadataValue.int(sum(rows.values()))})

    return showback


def _site(days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=SITE,
        deps=[SHOWBACK],
        partitions_def=days,
        backfill_policy=_WHOLE_RANGE,
        required_resource_keys={"run"},
        group_name="published",
        kinds={"plotly"},
        description="The pages, readable offline.",
    )
    def site(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        pages = steps.render(_run(context))
        return dg.MaterializeResult(metadata={"files": dg.MetadataValue.int(len(pages))})

    return site


def _specs(asset: dg.AssetKey, names: Iterable[str]) -> list[dg.AssetCheckSpec]:
    return [dg.AssetCheckSpec(name, asset=asset) for name in names]


def _results(
    checks: Iterable[Check], asset: dg.AssetKey | None = None
) -> list[dg.AssetCheckResult]:
    """Checks as Dagster takes them; a step of several assets must say whose they are."""
    return [
        dg.AssetCheckResult(
            asset_key=asset,
            check_name=check.name,
            passed=check.passed,
            severity=dg.AssetCheckSeverity.ERROR if check.is_error else dg.AssetCheckSeverity.WARN,
            description=check.detail,
            metadata={} if check.passed else {"cure": check.cure},
        )
        for check in checks
    ]
