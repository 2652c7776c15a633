"""Dagster's view of the dbt project: a spec for every model and raw table, a check for every test.

Keys, kinds, table schemas and checks follow the conventions of dagster-dbt. Marts and reports are
outputs of the build; what lies before them is external: lineage without events.
"""

# no `from __future__ import annotations` here: Dagster reads the annotations of `context`
from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict

import dagster as dg

from ingest.contracts.tables import TABLES
from ingest.records.format import SourceConfig
from ingest.sources import filled_tables
from pipelines.checks.check import Check
from pipelines.checks.warehouse import failed_data_tests
from pipelines.dbt_models.project_graph import DataTest, ModelNode, ProjectGraph, RawTable
from pipelines.orchestration.keys import ARRIVALS, PRICES, inbox_key, relation_key
from pipelines.orchestration.step import run_of
from pipelines.run import steps
from pipelines.run.publish import MARTS_BY_DAY


class Answer(TypedDict):
    """Arguments that an asset check's result and its event share."""

    passed: bool
    severity: dg.AssetCheckSeverity
    description: str | None


def published_specs(graph: ProjectGraph, days: dg.DailyPartitionsDefinition) -> list[dg.AssetSpec]:
    """One spec a mart and report; those that stand for days are cut into them."""
    return [
        _model_spec(model, skippable=True, days=days if model.relation in MARTS_BY_DAY else None)
        for model in graph.models
        if model.is_published
    ]


def external_specs(graph: ProjectGraph, sources: Sequence[SourceConfig]) -> list[dg.AssetSpec]:
    """One spec a raw table, staging and intermediate model."""
    return [
        *(_raw_spec(table, sources) for table in graph.raw_tables),
        *(_model_spec(model) for model in graph.models if not model.is_published),
    ]


def ends(graph: ProjectGraph) -> list[dg.AssetKey]:
    """Marts and reports that no model reads."""
    read = {parent for model in graph.models for parent in model.parents}
    return [
        relation_key(model.relation)
        for model in graph.models
        if model.is_published and model.relation not in read
    ]


def data_test_keys(graph: ProjectGraph) -> dict[DataTest, dg.AssetCheckKey]:
    """The asset check of every data test."""
    return {
        test: dg.AssetCheckKey(relation_key(model.relation), test.name)
        for model in graph.models
        for test in model.tests
    }


def data_tests(graph: ProjectGraph) -> dg.AssetChecksDefinition:
    """Every data test as a check of its model, to be run on its own too."""
    keys = data_test_keys(graph)

    @dg.multi_asset_check(
        name="data_tests",
        specs=[
            dg.AssetCheckSpec(key.name, asset=key.asset_key, description=test.dbt_name)
            for test, key in keys.items()
        ],
        can_subset=True,
        required_resource_keys={"run"},
    )
    def tested(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        # dbt runs them all: a part of them would leave the rest without an answer
        failed = failed_data_tests(steps.data_tests(run_of(context)))
        for test, key in keys.items():
            if key in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    **answer(failed.get(test.dbt_name)),
                )

    return tested


def answer(failed: Check | None) -> Answer:
    """What Dagster is told of a data test; `failed` is None when it passed."""
    if failed is None:
        return {"passed": True, "severity": dg.AssetCheckSeverity.ERROR, "description": None}
    severity = dg.AssetCheckSeverity.ERROR if failed.is_error else dg.AssetCheckSeverity.WARN
    return {"passed": False, "severity": severity, "description": failed.detail}


def _model_spec(
    model: ModelNode, *, skippable: bool = False, days: dg.DailyPartitionsDefinition | None = None
) -> dg.AssetSpec:
    return dg.AssetSpec(
        relation_key(model.relation),
        deps=[relation_key(parent) for parent in model.parents],
        skippable=skippable,
        partitions_def=days,
        group_name=model.domain,
        kinds={"dbt", "duckdb"},
        code_version=model.checksum,
        owners=[_owner(model.owner)] if model.owner else [],
        description=model.description,
        metadata=_table_metadata(
            model.relation, ((c.name, c.data_type, c.description) for c in model.columns)
        ),
    )


def _raw_spec(table: RawTable, sources: Sequence[SourceConfig]) -> dg.AssetSpec:
    """A table of the lake is filled from the inbox, once looked at; any other with the prices."""
    filling = [inbox_key(source.name) for source in sources if table.name in filled_tables(source)]
    lake = TABLES.get(table.name)
    columns = lake.columns if lake else ()
    return dg.AssetSpec(
        relation_key(table.relation),
        deps=[*filling, ARRIVALS] if lake else [PRICES],
        group_name="raw",
        kinds={"parquet" if lake else "duckdb"},
        description=table.description,
        metadata=_table_metadata(table.relation, ((c.name, c.type, c.doc) for c in columns)),
    )


def _owner(owner: str) -> str:
    """A team, unless it is somebody's address."""
    return owner if "@" in owner else f"team:{owner}"


def _table_metadata(relation: str, columns: Iterable[tuple[str, str, str]]) -> dict[str, object]:
    stated = [
        dg.TableColumn(name, data_type.lower() or "unknown", description or None)
        for name, data_type, description in columns
    ]
    schema = {"dagster/column_schema": dg.TableSchema(stated)} if stated else {}
    return {"dagster/table_name": relation, **schema}
