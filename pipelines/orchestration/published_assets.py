"""Assets of what readers get: the published file and the pages."""

# no `from __future__ import annotations` here: Dagster reads the annotations of `context`
from collections.abc import Iterator

import dagster as dg

from pipelines.orchestration.history import prune_history
from pipelines.orchestration.keys import OPS, SHOWBACK, SITE, WAREHOUSE
from pipelines.orchestration.model_events import report_published_days
from pipelines.orchestration.step import run_of, step
from pipelines.run import steps

_GROUP = "published"


def published_assets(days: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The steps that swap in what was built."""
    return [_showback(days), _site()]


def _showback(days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    spec = dg.AssetSpec(
        SHOWBACK,
        deps=[WAREHOUSE, OPS],
        group_name=_GROUP,
        kinds={"duckdb"},
        description="showback.duckdb: marts, reports and ops, swapped in as a whole.",
    )

    @step("showback", [spec])
    def showback(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run = run_of(context)
        rows = steps.publish_showback(run)
        context.log.info(f"published {sum(rows.values()):,} rows of {len(rows)} tables")
        report_published_days(context, run, days)
        yield dg.MaterializeResult(metadata={"rows": sum(rows.values())})

    return showback


def _site() -> dg.AssetsDefinition:
    spec = dg.AssetSpec(
        SITE,
        deps=[SHOWBACK],
        group_name=_GROUP,
        kinds={"plotly"},
        description="The pages, readable offline.",
    )

    @step("site", [spec])
    def site(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        run = run_of(context)
        pages = steps.render(run)
        for check in steps.tell(run):
            context.log.info(check.detail)
        prune_history(run.workspace)
        yield dg.MaterializeResult(metadata={"files": len(pages)})

    return site
