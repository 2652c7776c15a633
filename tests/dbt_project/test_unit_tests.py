"""dbt's own unit tests of the models, run against a warehouse that holds no data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import PROJECT, Workspace, invoke

pytestmark = pytest.mark.slow

MODELS_WITH_LOGIC = {
    "int_calls_numbered", "int_calls_matched_by_id", "int_calls_matched_by_span",
    "int_calls_matched_by_content", "int_calls_repeated", "int_calls_deduplicated",
    "int_calls_cache_hits_inferred", "int_calls_attributed", "int_calls_priced",
    "int_rate_cards", "int_task_calls", "int_charge_versions", "int_usage_current", "int_blockers",
    "int_task_verdicts", "int_allocation_cells", "int_allocation_shares",
    "int_allocation_remainders", "int_allocation_pooled", "int_showback_direct", "dim_org",
    "fct_cache_transfers", "rpt_tenant_margin", "rpt_untagged_trend", "fct_untagged_monthly",
    "fct_tasks", "int_tie_out_sides", "int_tie_out_cells", "int_tie_out_parts",
    "int_tie_out_day_shifts", "fct_tie_out", "rpt_unit_cost", "rpt_price_drift",
    "rpt_showback_summary", "fct_provider_usage", "fct_charges", "dim_periods",
    "int_adjustments_new", "int_statement_costs", "int_internal_price_lines", "rpt_journal",
    "rpt_invoice_months", "rpt_invoice_statements", "int_charges_stated_twice", "rpt_reported_cost",
    "fct_reported_cost_daily", "fct_invoices", "fct_task_costs_daily", "rpt_cost_bridge",
    "fct_task_steps_daily", "rpt_cap_curve", "rpt_stated_payers", "int_task_superseded",
    "fct_unit_cost_periods",
    "rpt_waste", "fct_clearing_lines", "rpt_cache_value", "rpt_savings_ledger",
    "rpt_hops", "rpt_loop_steps", "fct_task_charges", "rpt_billed_unit_cost",
    "rpt_cost_scopes", "rpt_prompts", "fct_task_strategies_daily", "rpt_strategies",
    "fct_cached_answers_daily", "rpt_wrong_answers", "fct_prompt_prefixes_daily",
    "fct_offload_daily", "rpt_offload", "fct_routing_daily", "rpt_routing",
    "fct_fallbacks_daily", "rpt_fallbacks", "fct_repeated_prompts_daily", "rpt_missed_caches",
    "fct_cache_audit_daily", "rpt_cache_audit", "fct_semantic_hits_daily", "rpt_cache_thresholds",
    "fct_usage_hourly", "int_incidents", "int_new_member_hours",
    "int_queue_hours", "fct_operations_hourly",
    "rpt_operations", "fct_log_storage_monthly",
    "int_incident_drivers", "rpt_incidents", "rpt_budget_state", "fct_event_uplifts",
    "fct_forecasts", "fct_forecast_drivers", "rpt_forecast", "rpt_forecast_accuracy",
    "rpt_chargeback_readiness",
    "rpt_payback", "rpt_price_modifiers", "fct_peak_plan", "rpt_peak_plan", "rpt_charges",
    "rpt_task_costs", "rpt_tools", "rpt_fees",
}  # fmt: skip
"""Models whose rules people argue about: each has unit tests."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Results of every unit test; the relations they imitate are built first, empty."""
    workspace = Workspace(tmp_path_factory.mktemp("empty"))
    workspace.build(tests=False)
    assert workspace.value("select count(*) from marts.fct_calls") == 0
    run = invoke(["test", "--select", "test_type:unit"], workspace.warehouse, workspace.settings)
    assert run.exception is None
    return list(run.result.results)


def test_every_unit_test_of_a_model_passes(results: list[Any]) -> None:
    wrong = {r.node.name: r.message for r in results if r.status != "pass"}
    assert wrong == {}


def test_every_contested_model_has_unit_tests_and_none_is_forgotten(results: list[Any]) -> None:
    tested = {r.node.tested_node_unique_id.rpartition(".")[2] for r in results}
    assert tested >= MODELS_WITH_LOGIC
    assert len(results) == sum(_written(path) for path in (PROJECT / "models").rglob("*.yml"))


def _written(path: Path) -> int:
    """Unit tests that a file spells out: dbt passes over mis-keyed YAML in silence."""
    _, _, block = path.read_text().partition("\nunit_tests:\n")
    return block.count("\n    model: ")
