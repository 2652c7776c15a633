"""Assets of the warehouse: prices and lake as schema raw, the models, and what checks say of them.

The build is one step: what changed counts only once every model includes it. Marts and reports are
reported as events of that step when the build changed them, never as outputs: what nobody touched
costs nothing, and no later step waits for one of them.
"""

# no `from __future__ import annotations` here: Dagster reads the annotations of `context`
from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from ingest.records.format import SourceConfig
from pipelines.checks.warehouse import WAREHOUSE_CHECKS, source_check
from pipelines.dbt_models.project_graph import ProjectGraph
from pipelines.orchestration.keys import ARRIVALS, ONLY_NEW, OPS, PRICES, WAREHOUSE
from pipelines.orchestration.model_events import report_data_tests, report_rebuilt
from pipelines.orchestration.model_specs import ends, published_specs
from pipelines.orchestration.step import check_results, check_specs, run_of, step
from pipelines.run import steps
from pipelines.workspace.calendar import day_ranges, utc_days

_GROUP = "warehouse"


def warehouse_assets(
    graph: ProjectGraph, sources: Sequence[SourceConfig], days: dg.DailyPartitionsDefinition
) -> list[dg.AssetsDefinition]:
    """The steps from the lake to a checked warehouse."""
    return [_build(graph, days), _ops(graph, sources)]


def _build(graph: ProjectGraph, days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            PRICES,
            deps=[ARRIVALS],
            group_name=_GROUP,
            kinds={"duckdb"},
            description="The lake as schema raw, the price book, and what changed.",
        ),
        *published_specs(graph, days),
        dg.AssetSpec(
            WAREHOUSE,
            deps=ends(graph),
            group_name=_GROUP,
            kinds={"duckdb"},
            description="warehouse.duckdb: every model, computed for the days that changed.",
        ),
    ]

    @step("build", specs, can_subset=True, is_by_day=True)
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run = run_of(context)
        changes = steps.build(run, _forced_days(context))
        what = changes.reason or day_ranges(changes.days) or "nothing"
        context.log.info(f"computed: {what}")
        report_rebuilt(context, run)
        results: dict[dg.AssetKey, dg.MaterializeResult[None]] = {
            PRICES: dg.MaterializeResult(asset_key=PRICES),
            WAREHOUSE: dg.MaterializeResult(
                asset_key=WAREHOUSE,
                metadata={"computed": what, "full": changes.full_refresh},
            ),
        }
        for key, result in results.items():
            if key in context.selected_asset_keys:
                yield result

    return build


def _forced_days(context: dg.AssetExecutionContext) -> list[date]:
    """UTC days of the partitions that were asked for; none in a run of what is new."""
    if ONLY_NEW.items() <= context.run.tags.items() or not context.has_partition_key_range:
        return []
    window = context.partition_time_window
    return utc_days(window.start, window.end)


def _ops(graph: ProjectGraph, sources: Sequence[SourceConfig]) -> dg.AssetsDefinition:
    names = ["data_tests", *WAREHOUSE_CHECKS, *(source_check("freshness", s.name) for s in sources)]
    spec = dg.AssetSpec(
        OPS,
        deps=[WAREHOUSE],
        group_name=_GROUP,
        kinds={"duckdb"},
        description="Files, quarantined rows, runs and checks, to be published with the numbers.",
    )

    @step("ops", [spec], checks=check_specs(OPS, names))
    def ops(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run = run_of(context)
        checks = steps.check(run)
        report_data_tests(context, run, graph)
        yield dg.MaterializeResult(
            check_results=check_results(context, OPS, (c for c in checks if c.name in names))
        )

    return ops
