"""Assets of what arrives: pulled, landed in the lake, and looked at."""

# no `from __future__ import annotations` here: Dagster reads the annotations of `context`
from collections.abc import Iterator, Sequence

import dagster as dg

from ingest.lake.file_entries import SourceReport
from ingest.pull.inbound import is_pulled
from ingest.records.format import SourceConfig
from pipelines.checks.warehouse import source_check
from pipelines.orchestration.keys import ARRIVALS, inbox_key, pull_key
from pipelines.orchestration.step import check_results, check_specs, run_of, step
from pipelines.run import steps

_GROUP = "landing"


def landing_assets(sources: Sequence[SourceConfig]) -> list[dg.AssetsDefinition]:
    """The steps up to the lake; those that a workspace has no sources for are left out."""
    pulled = [source for source in sources if is_pulled(source)]
    return [
        *([_pull(pulled)] if pulled else []),
        *([_land(sources)] if sources else []),
        _arrivals(sources),
    ]


def _pull(sources: Sequence[SourceConfig]) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            pull_key(source.name),
            skippable=True,
            group_name=_GROUP,
            kinds={source.format},
            description=f"What is new for inbox/{source.name}, from where its settings say.",
        )
        for source in sources
    ]
    checks = [
        spec
        for source in sources
        for spec in check_specs(pull_key(source.name), [source_check("pull", source.name)])
    ]

    @step("pull", specs, checks=checks, can_subset=True)
    def pull(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run = run_of(context)
        chosen = [s for s in run.sources if pull_key(s.name) in context.selected_asset_keys]
        for report in steps.pull(run, chosen):
            key, name = pull_key(report.source_name), source_check("pull", report.source_name)
            context.log.info(
                f"pull/{report.source_name}: {report.files_new:,} new files,"
                f" {report.unchanged:,} unchanged, {report.requests:,} requests"
            )
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "files_new": report.files_new,
                    "unchanged": report.unchanged,
                    "requests": report.requests,
                },
                check_results=check_results(
                    context, key, (check for check in run.checks if check.name == name)
                ),
            )

    return pull


def _land(sources: Sequence[SourceConfig]) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            inbox_key(source.name),
            skippable=True,
            group_name=_GROUP,
            kinds={source.format, "parquet"},
            deps=[pull_key(source.name)] if is_pulled(source) else [],
            description=f"Files of inbox/{source.name} ({source.format}), as rows of the lake.",
        )
        for source in sources
    ]

    @step("land", specs, can_subset=True)
    def land(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        # as the run found them: settings may be newer than these definitions
        run = run_of(context)
        chosen = [s for s in run.sources if inbox_key(s.name) in context.selected_asset_keys]
        reports = steps.land(run, chosen)
        context.log.info("\n".join(_landed_words(report) for report in reports))
        for report in reports:
            yield dg.MaterializeResult(
                asset_key=inbox_key(report.source_name), metadata=_landed(report)
            )

    return land


def _landed(report: SourceReport) -> dict[str, int]:
    return {
        "files_new": report.files_new,
        "files_duplicate": report.files_duplicate,
        "files_failed": len(report.failed),
        "rows_loaded": report.rows_loaded,
        "rows_quarantined": report.rows_quarantined,
    }


def _landed_words(report: SourceReport) -> str:
    """One source's line of the log, and one for each of its files that could not be read."""
    failed = [
        f"inbox/{report.source_name}/{file} could not be read: {reason}"
        for file, reason in report.failed
    ]
    landed = (
        f"inbox/{report.source_name}: {report.rows_loaded:,} rows of {report.files_new:,} new"
        f" files, {report.rows_quarantined:,} rows quarantined,"
        f" {report.files_duplicate:,} files with known content"
    )
    return "\n".join([landed, *failed])


def _arrivals(sources: Sequence[SourceConfig]) -> dg.AssetsDefinition:
    spec = dg.AssetSpec(
        ARRIVALS,
        deps=[inbox_key(source.name) for source in sources],
        group_name=_GROUP,
        kinds={"great_expectations"},
        description="Whether what arrived since the last build looks as it should, by day.",
    )
    names = [source_check("arrivals", source.name) for source in sources]

    @step("arrivals", [spec], checks=check_specs(ARRIVALS, names))
    def arrivals(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        checks = steps.validate_arrivals(run_of(context), sources)
        yield dg.MaterializeResult(check_results=check_results(context, ARRIVALS, checks))

    return arrivals
