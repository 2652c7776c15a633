"""Events about models: what a build changed, what its data tests found, which days are published.

An event costs ten to twenty milliseconds, so there is one only where something is new: a relation
that holds something else, a test that is new, answers otherwise or is about such a relation, a day
that was computed or published for the first time.
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
from dagster import AssetCheckKey

from pipelines.checks.warehouse import failed_data_tests
from pipelines.dbt_models.project_graph import ProjectGraph
from pipelines.orchestration.keys import relation_key
from pipelines.orchestration.model_specs import answer, data_test_keys
from pipelines.run.publish import MARTS_BY_DAY, PublishedDay, published_days
from pipelines.run.rebuilt import RebuiltModel
from pipelines.run.session import Run
from pipelines.workspace.calendar import day_ranges


def report_rebuilt(context: dg.AssetExecutionContext, run: Run) -> None:
    """One event for each mart or report that the build changed; days follow when published."""
    if not run.rebuilt or run.changes is None:
        return
    computed = run.changes.reason or day_ranges(run.changes.days)
    for model in run.rebuilt:
        if model.relation not in MARTS_BY_DAY:
            context.log_event(
                dg.AssetMaterialization(
                    relation_key(model.relation),
                    metadata={
                        "dagster/row_count": model.rows,
                        "seconds": round(model.seconds, 3),
                        "days": computed if model.is_by_day else "all",
                    },
                )
            )
    context.log.info("\n".join(["changed by the build:", *map(_words, run.rebuilt)]))


def _words(model: RebuiltModel) -> str:
    return f"{model.relation}: {model.rows:,} rows, {model.seconds:.2f} s"


def report_data_tests(context: dg.AssetExecutionContext, run: Run, graph: ProjectGraph) -> None:
    """One event for each data test whose answer is news."""
    keys = data_test_keys(graph)
    failed = failed_data_tests(run.checks)
    answered = _last_answers(context.instance, list(keys.values()))
    rebuilt = {relation_key(model.relation) for model in run.rebuilt}
    for test, key in keys.items():
        check = failed.get(test.dbt_name)
        if answered.get(key) != (check is None) or key.asset_key in rebuilt:
            context.log_event(
                dg.AssetCheckEvaluation(
                    asset_key=key.asset_key, check_name=key.name, **answer(check)
                )
            )


def _last_answers(
    instance: dg.DagsterInstance, keys: Sequence[AssetCheckKey]
) -> dict[AssetCheckKey, bool]:
    """Whether each check passed when it was reported last; those that never were are left out."""
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    return {key: record.status.value == "SUCCEEDED" for key, record in records.items()}


def report_published_days(
    context: dg.AssetExecutionContext, run: Run, days: dg.DailyPartitionsDefinition
) -> None:
    """Make the filled partitions of each mart by day those of which rows are published."""
    choosable = set(days.get_partition_keys())
    computed = run.changes.days if run.changes else ()
    for mart in MARTS_BY_DAY:
        published = [
            day
            for day in published_days(run.workspace.showback, mart, computed)
            if day.day.isoformat() in choosable
        ]
        _fill(context, relation_key(mart), published, is_full=_is_full(run))


def _is_full(run: Run) -> bool:
    return run.changes is not None and run.changes.full_refresh


def _fill(
    context: dg.AssetExecutionContext,
    mart: dg.AssetKey,
    published: Sequence[PublishedDay],
    *,
    is_full: bool,
) -> None:
    """Report days that are missing or were computed; a full build only says so with the newest."""
    filled = context.instance.get_materialized_partitions(mart)
    if filled - {day.day.isoformat() for day in published}:
        # a day was taken back, and Dagster can forget an asset's past only as a whole
        context.instance.wipe_assets([mart])
        filled = set()
    newest = published[-1:] if is_full else []
    for day in published:
        key = day.day.isoformat()
        if key not in filled or day in newest or (day.is_new and not is_full):
            context.log_event(
                dg.AssetMaterialization(
                    mart, partition=key, metadata={"dagster/partition_row_count": day.rows}
                )
            )
