"""Rules about the models, asked of dbt's manifest: dbt itself is silent about mis-keyed YAML."""

from __future__ import annotations

import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, SingularTestNode

from ingest.contracts.tables import TABLES
from tests.conftest import REPOSITORY
from tests.house.project import domain, layer, models, own_files

PREFIXES = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z_]+",
    "marts": r"(fct|dim)_[a-z_]+",
    "reports": r"rpt_[a-z_]+",
}

READABLE = {
    "staging": set(),
    "intermediate": {"staging", "intermediate", "marts"},
    "marts": {"staging", "intermediate", "marts"},
    "reports": {"marts"},
}
"""Layers that a layer may read; only staging reads sources."""

DOMAINS = {
    "prices": set(),
    "bills": set(),
    "operations": {"calls"},
    "calls": {"prices"},
    "unit_economics": {"calls"},
    "changes": {"unit_economics"},
    "guardrails": {"calls", "unit_economics", "changes"},
    "experiments": {"unit_economics"},
    "limits": {"calls", "guardrails"},
    "forecasts": {"calls", "prices"},
    "tie_out": {"calls", "bills"},
    "caches": {"calls", "changes"},
    "savings": {"calls", "prices"},
    "commitments": {"calls", "bills"},
    "showback": {"calls", "bills", "tie_out", "unit_economics", "caches"},
    "months": {"calls", "bills", "tie_out", "showback"},
    "statements": {"calls", "bills", "unit_economics", "showback", "months"},
}
"""Domains that an intermediate model or mart of a domain may read, beside its own."""

BUILD_ORDER = {("fct_calls", "int_tasks_to_rebuild")}
"""Arrows that say what is built first; no column goes along them."""

DAYS_TO_COMPUTE = "int_close_dates_to_rebuild"
"""Says which days an incremental report computes again; no number of a report comes from it."""

KNOWN_KEYS = {
    "file": {"version", "models", "sources", "unit_tests", "exposures"},
    "model": {"name", "description", "config", "data_tests", "columns"},
    "column": {"name", "data_type", "description", "data_tests"},
    "exposure": {"name", "label", "type", "maturity", "description", "owner", "depends_on"},
    "unit test": {"name", "description", "model", "overrides", "given", "expect"},
}


def yaml_files() -> list[Path]:
    found = [p for p in own_files(".yml") if p.parts[:2] == ("dbt_project", "models")]
    assert found
    return found


def test_every_model_is_named_after_its_layer(manifest: Manifest) -> None:
    wrong = [n.name for n in models(manifest) if not re.fullmatch(PREFIXES[layer(n)], n.name)]
    assert wrong == []


def test_only_staging_reads_sources_and_it_reads_nothing_else(manifest: Manifest) -> None:
    for node in models(manifest):
        kinds = {parent.split(".")[0] for parent in node.depends_on.nodes}
        assert kinds <= ({"source"} if layer(node) == "staging" else {"model"}), node.name


def test_every_layer_reads_only_the_layers_below_it(manifest: Manifest) -> None:
    wrong = [
        (node.name, parent.name)
        for node in models(manifest, "intermediate", "marts", "reports")
        for parent in (manifest.nodes[key] for key in node.depends_on.nodes)
        if layer(parent) not in READABLE[layer(node)] and parent.name != DAYS_TO_COMPUTE
    ]
    assert wrong == []


def test_every_domain_reads_only_the_domains_that_it_may(manifest: Manifest) -> None:
    wrong = [
        (node.name, parent.name)
        for node in models(manifest, "intermediate", "marts")
        for parent in (manifest.nodes[key] for key in node.depends_on.nodes)
        if layer(parent) in ("intermediate", "marts")
        and domain(parent) not in {domain(node), *DOMAINS[domain(node)]}
        and (node.name, parent.name) not in BUILD_ORDER
    ]
    assert wrong == []


def test_domains_read_each_other_in_no_circle() -> None:
    order = tuple(TopologicalSorter(DOMAINS).static_order())
    assert sorted(order) == sorted(DOMAINS)


def test_an_arrow_of_build_order_carries_no_column(manifest: Manifest) -> None:
    by_name = {node.name: node for node in models(manifest)}
    for reader, read in BUILD_ORDER:
        code = re.sub(r"--.*", "", by_name[reader].raw_code)
        assert f'ref("{read}")' not in code, f"{reader} selects from {read}"


def test_reports_take_no_column_from_the_list_of_days_to_compute(manifest: Manifest) -> None:
    """It may stand in their comments for dbt and in their macros, not in a `from` of their own."""
    for node in models(manifest, "reports"):
        code = re.sub(r"--.*", "", node.raw_code)
        assert DAYS_TO_COMPUTE not in code, node.name


def test_every_model_has_a_file_of_its_own_that_states_its_grain(manifest: Manifest) -> None:
    for node in models(manifest):
        expected = Path(node.original_file_path).with_suffix(".yml").as_posix()
        assert (node.patch_path or "").endswith(expected), f"{node.name} has no {expected}"
        last_sentence = re.search(r"(?:^|\s)Grain: [^.]+\.$", node.description.strip())
        assert last_sentence, f"{node.name}: end the description with 'Grain: ...'"


def test_every_mart_and_report_has_an_owner_and_an_enforced_contract(manifest: Manifest) -> None:
    for node in models(manifest, "marts", "reports"):
        assert node.config.contract.enforced, node.name
        assert node.config.meta.get("owner"), node.name
        assert node.config.persist_docs == {"relation": True, "columns": True}, node.name


def test_every_mart_and_report_is_tested_for_its_grain(manifest: Manifest) -> None:
    grains = {
        node.attached_node: node.test_metadata.kwargs["columns"]
        for node in manifest.nodes.values()
        if isinstance(node, GenericTestNode) and node.test_metadata.name == "unique_grain"
    }
    for node in models(manifest, "marts", "reports"):
        assert node.unique_id in grains, f"{node.name} has no unique_grain test"
        assert set(grains[node.unique_id]) <= set(node.columns), node.name


def test_a_data_test_configures_nothing_that_a_run_would_pass_over(manifest: Manifest) -> None:
    """A run takes a test's rows and its severity: `pipelines/dbt_models/data_tests.py`."""
    for node in manifest.nodes.values():
        if isinstance(node, GenericTestNode | SingularTestNode):
            config = node.config
            conditions = (config.fail_calc, config.warn_if, config.error_if, config.limit)
            assert conditions == ("count(*)", "!= 0", "!= 0", None), node.name
            assert not config.store_failures, node.name


def test_every_column_of_a_mart_or_report_is_typed_and_described(manifest: Manifest) -> None:
    wrong = [
        f"{node.name}.{column.name}"
        for node in models(manifest, "marts", "reports")
        for column in node.columns.values()
        if not (column.data_type and column.description.strip().endswith("."))
    ]
    assert wrong == []


def test_money_is_decimal_and_only_ratios_and_loop_depths_are_doubles(manifest: Manifest) -> None:
    money = re.compile(r"(_usd|_cost|_usd_per_mtok)$")
    double = re.compile(r"(_ratio|_loop_depth|^share)$")
    for node in models(manifest):
        for column in node.columns.values():
            where, data_type = f"{node.name}.{column.name}", (column.data_type or "").lower()
            if money.search(column.name) and data_type:
                assert data_type.startswith("decimal("), where
            assert (data_type == "double") == bool(double.search(column.name)) or (
                not data_type or data_type == "bigint"
            ), where


def test_a_text_that_many_columns_have_is_said_once() -> None:
    """A canonical column's in its contract, another's in `models/docs.md` from three models on."""
    canonical = {(c.name, c.doc) for table in TABLES.values() for c in table.columns}
    stated = Counter(
        (column["name"], " ".join(column["description"].split()))
        for path in yaml_files()
        for model in yaml.safe_load((REPOSITORY / path).read_text()).get("models", ())
        for column in model.get("columns", ())
        if "description" in column and not column["description"].startswith("{{ doc(")
    )
    repeated = [text for text, times in stated.items() if times > 2 or text in canonical]
    assert repeated == []


@pytest.mark.parametrize("path", yaml_files(), ids=lambda path: path.stem)
def test_no_yaml_key_is_one_that_dbt_would_pass_over(path: Path) -> None:
    content = yaml.safe_load((REPOSITORY / path).read_text())
    assert set(content) <= KNOWN_KEYS["file"]
    for model in content.get("models", []):
        assert set(model) <= KNOWN_KEYS["model"], model["name"]
        assert set(model.get("config", {})) <= {"meta", "contract"}, model["name"]
        for column in model.get("columns", []):
            assert set(column) <= KNOWN_KEYS["column"], (model["name"], column["name"])
    for exposure in content.get("exposures", []):
        assert set(exposure) <= KNOWN_KEYS["exposure"], exposure["name"]
    for unit_test in content.get("unit_tests", []):
        assert set(unit_test) <= KNOWN_KEYS["unit test"], unit_test["name"]
        assert set(unit_test.get("overrides", {})) <= {"macros", "vars"}, unit_test["name"]
