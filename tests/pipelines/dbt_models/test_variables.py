"""Variables of the project: none decides what is parsed, and who reads one is compiled for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from dbt.artifacts.resources import Hook
from dbt.cli.main import dbtRunner

from pipelines.dbt_models import dbt_command, prepared_models
from pipelines.dbt_models.data_tests import compiled_tests
from pipelines.dbt_models.dbt_command import PROJECT, DbtTarget, parse_project
from pipelines.dbt_models.plain_macros import variables
from pipelines.dbt_models.prepared_models import ancestors
from pipelines.dbt_models.variables import values_of, variables_read
from tests.support.warehouse import Workspace, compiled_nodes, target_of

WORDS = {
    "reporting_timezone": "Asia/Kolkata",
    "tier_without_price": "standard",
    "cache_sharing": "prompt",
    "reporting_currency": "EUR",
}
"""Other values of the variables that are words."""


def other(name: str, value: Any) -> Any:
    """Another value of a variable, of the same kind."""
    if name in WORDS:
        return WORDS[name]
    if isinstance(value, dict):
        return value or {"openai": {"tolerance": 0.07, "lag_days": 5}}
    if isinstance(value, list):
        return value[1:] if value else ["azure"]
    return str(float(value) + 1) if isinstance(value, str) else value + 1


OTHERS = {name: other(name, value) for name, value in variables().items()}


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A warehouse that models can be compiled for."""
    workspace = Workspace(tmp_path_factory.mktemp("registered"))
    workspace.land()
    workspace.register()
    return workspace


def parsed_under(target: DbtTarget) -> dict[str, str]:
    """Every node's SQL when dbt itself parses and compiles under the target's variables."""
    with dbt_command._environment(target.environment):
        result = dbtRunner().invoke([
            "compile", "--full-refresh", "--exclude", "resource_type:unit_test",
            *dbt_command._common_arguments(target.folder, target.variables),
        ])  # fmt: skip
    assert result.success, result.exception
    return {run.node.unique_id: run.node.compiled_code for run in result.result}


@pytest.mark.slow
def test_nodes_are_those_of_a_parse_under_the_variables_and_all_that_differ_are_known(
    registered: Workspace,
) -> None:
    target = target_of(registered.warehouse, OTHERS)
    expected = parsed_under(target)
    found = {node.unique_id: node for node in compiled_nodes([], registered.warehouse, OTHERS)}
    assert {name: found[name].sql for name in expected} == expected
    usual = {node.unique_id: node for node in compiled_nodes([], registered.warehouse, {})}
    differ = {name for name in usual if usual[name].sql != found[name].sql}
    assert len(differ) > 30
    assert [name for name in differ if not found[name].variables] == []
    assert found["model.outlay.dim_models"].variables.keys() == {
        "small_model_max_usd_per_mtok", "mid_model_max_usd_per_mtok",
    }  # fmt: skip


def test_the_text_of_hooks_macros_and_ephemeral_models_counts(registered: Workspace) -> None:
    manifest = parse_project(target_of(registered.warehouse, {}))
    read = variables_read(manifest)
    assert read("model.outlay.dim_models").isdisjoint({"reporting_timezone"})
    inside = "model.outlay.int_calls_numbered"
    assert manifest.nodes[inside].config.materialized == "ephemeral"
    assert "same_call_edge_minutes" in read(inside) & read("model.outlay.int_calls_comparable")
    node: Any = manifest.nodes["model.outlay.dim_models"]
    node.config.pre_hook.append(Hook("select {{ reporting_date('at') }}"))
    assert "reporting_timezone" in variables_read(manifest)(node.unique_id)


def test_every_variable_is_read_by_a_name_that_the_project_states() -> None:
    files = [path for folder in ("models", "macros", "tests")
             for path in (PROJECT / folder).rglob("*.*")]  # fmt: skip
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    names = re.findall(r"\bvar\(\s*([^),]*)", text)
    assert {name.strip("\"'") for name in names} <= variables().keys() | {"is_preparing"}
    assert all(name[0] in "\"'" for name in names)


def test_a_value_as_it_is_stated_or_as_the_project_has_it() -> None:
    assert values_of({"cap_curve_days": 3650, "reporting_timezone": "UTC"}).items() >= {
        ("cap_curve_days", "3650"), ("reporting_timezone", '"UTC"'), ("cap_largest_loss", '"0.01"'),
    }  # fmt: skip


@pytest.mark.slow
def test_a_changed_variable_prepares_the_models_that_read_it_and_an_old_value_nothing(
    registered: Workspace, asked: list[list[str]], tmp_path: Path
) -> None:
    def prepared(most: int) -> str:
        shared = target_of(registered.warehouse, {"small_model_max_usd_per_mtok": most})
        own = DbtTarget(shared.warehouse, shared.folder, tmp_path, shared.variables, {})
        models = prepared_models.prepared_models(
            own, full_refresh=True, select=lambda all_: ancestors(all_, ["dim_models"])
        )
        (statement,) = models[-1].statements
        return statement

    assert "first_output_usd_per_mtok <= 3 then 'small'" in prepared(3)
    assert "first_output_usd_per_mtok <= 4 then 'small'" in prepared(4)
    assert "first_output_usd_per_mtok <= 3 then 'small'" in prepared(3)
    assert [command[-1] for command in asked] == ["dim_models", "dim_models"]
    assert len(asked[0]) > len(asked[1]) == 4


@pytest.mark.slow
def test_a_changed_variable_compiles_the_data_tests_that_may_read_it(
    registered: Workspace, asked: list[list[str]], tmp_path: Path
) -> None:
    def compiled(environment: str) -> dict[str, str]:
        shared = target_of(registered.warehouse, {"production_environments": [environment]})
        own = DbtTarget(shared.warehouse, shared.folder, tmp_path, shared.variables, {})
        return {test.name: test.sql for test in compiled_tests(own)}

    usual, other = compiled("prod"), compiled("blue")
    assert usual.keys() == other.keys()
    assert "hops_sum_to_their_calls" in asked[1]
    assert "allocations_sum_to_the_bill" not in asked[1]
    assert compiled("prod") == usual
    assert [command[0] for command in asked] == ["compile", "compile"]
