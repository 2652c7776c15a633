"""The accounting identities of `dbt_project/tests`: they hold, and notice when they do not."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pipelines.dbt_models.data_tests import run_data_tests
from pipelines.workspace.paths import Workspace as Root
from pipelines.workspace.progress import silent
from pipelines.workspace.settings import Settings
from tests.story.month import fill
from tests.support.plain_sql import failed_tests
from tests.support.warehouse import PROJECT, Workspace, invoke

pytestmark = pytest.mark.slow

TAMPERING = {
    "allocations_sum_to_the_bill":
        "update marts.fct_allocations set charge_usd = charge_usd + 0.000000000001"
        " where feature = 'drafts' and tenant_id = 'bolt'",
    "every_split_of_showback_sums_to_the_bill":
        "delete from reports.rpt_showback where dimension = 'tenant' and member = 'bolt'",
    "showback_keeps_every_line_of_the_bill":
        "update marts.fct_showback set line = 'tax' where line = 'credit'",
    "whoever_carries_others_is_matched_by_who_is_carried":
        "update marts.fct_cross_subsidy set cross_subsidy_usd = 0.000000000001"
        " where feature = 'drafts' and tenant_id = 'bolt'",
    "closed_months_and_their_adjustments_sum_to_showback":
        "update marts.fct_chargeback set team = 'drafters' where feature = 'drafts'",
    "every_statement_sums_to_the_bill_in_cents":
        "update marts.fct_statement_lines set amount_usd = amount_usd + 0.01"
        " where member = 'bolt'",
    "causes_sum_to_the_gap":
        "update marts.fct_tie_out_cells set off_gateway_usd = off_gateway_usd + 0.000000000001"
        " where model_id = 'sonata'",
    "usage_roll_up_equals_its_calls":
        "update marts.fct_usage_daily set estimate_usd = estimate_usd + 0.000000001"
        " where model_id = 'sonata'",
    "hours_sum_to_their_day":
        "update marts.fct_usage_hourly set estimate_usd = estimate_usd + 0.000000002"
        " where model_id = 'sonata'",
    "hops_sum_to_their_calls":
        "update marts.fct_operations_hourly set unpriced_calls = unpriced_calls + 1"
        " where hop = 'sonata'",
    "every_lake_record_is_a_call_or_a_counted_duplicate":
        "insert into marts.fct_duplicate_calls from marts.fct_duplicate_calls",
    "no_usage_that_a_record_states_is_lost":
        "update marts.fct_calls set input_tokens = null, output_tokens = null,"
        " unclassified_tokens = null",
    "usage_of_a_day_has_one_bucket_width":
        "insert into raw.changed_days values ('billing_usage', date '2026-10-01');"
        " insert into marts.fct_provider_usage by name select date '2026-10-01' as utc_day,"
        " 's' as source_name, 'p' as provider, 'completions' as usage_type,"
        " timestamp '2026-10-01' as bucket_start,"
        " timestamp '2026-10-01' + interval (hours) hour as bucket_end"
        " from (values (1), (24)) t (hours)",
    "a_bucket_of_a_bill_has_one_account":
        "create table raw.bills as from raw.billing_charges; drop view raw.billing_charges;"
        " create table raw.billing_charges as from raw.bills union all by name"
        " select * replace ('other' as billing_account_id) from raw.bills;"
        " update raw.billing_charges set billing_account_id = 'own'"
        " where billing_account_id is null",
    "costs_of_closed_tasks_equal_their_tasks":
        "update marts.fct_task_costs_daily set estimate_usd = estimate_usd + 0.000000001"
        " where model_id = 'sonata'",
    "charges_of_tasks_sum_to_the_bill":
        "update marts.fct_task_charges set charge_usd = charge_usd + 0.000000000001"
        " where feature = 'drafts' and tenant_id = 'acme' and closed_month is not null",
    "steps_of_closed_tasks_equal_their_tasks":
        "update marts.fct_task_steps_daily set tasks_ended = tasks_ended + 1 where step = 1",
    "strategies_of_closed_tasks_equal_their_tasks":
        "update marts.fct_task_strategies_daily set estimate_usd = estimate_usd + 0.000000001",
    "drivers_sum_to_the_change":
        "update marts.fct_cost_bridge set effect_usd = effect_usd + 0.000000001"
        " where driver = 'price' and dimension = 'all'",
    "parts_of_waste_sum_to_it":
        "update marts.fct_unit_cost_periods set failed_usd = failed_usd + 0.000000001"
        " where period_grain = 'month' and dimension = 'tenant'",
    "unit_cost_of_all_is_the_sum_of_its_members":
        "update marts.fct_unit_cost_periods set successes = 0 where member = 'drafts'",
    "what_passed_a_cap_is_what_was_spent_beyond_it":
        "insert into marts.fct_cap_audit by name select 'feature' as scope, 'drafts' as member,"
        " 'month' as period, timestamp '2026-10-01' as period_start, 'passed' as direction,"
        " 'lag' as cause, 0.000000001 as usd",
}  # fmt: skip
"""For each test, the smallest fraud it must notice."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("identities"))
    fill(workspace)
    workspace.build()
    return workspace


def failing(workspace: Workspace) -> set[str]:
    run = invoke(["test", "--select", "test_type:singular"], workspace.warehouse,
                 workspace.settings)  # fmt: skip
    results: list[Any] = run.result.results
    assert {r.node.name for r in results} == set(TAMPERING)
    assert {r.status for r in results} <= {"pass", "fail"}
    found = {(r.node.name, r.message) for r in results if r.status == "fail"}
    # and what a run says of them
    failed = run_data_tests(Root(workspace.root), Settings(company="Acme"), silent)
    assert {(t.name, t.message) for t in failed if t.name in TAMPERING} == found
    return {name for name, _ in found}


def test_every_identity_has_a_fraud_that_it_must_notice() -> None:
    assert {
        path.stem for path in (PROJECT / "tests").glob("*/*.sql") if path.parent.name != "generic"
    } == set(TAMPERING)


def test_identities_hold_on_the_worked_month_and_notice_each_fraud(workspace: Workspace) -> None:
    assert failing(workspace) == set()
    with duckdb.connect(str(workspace.warehouse)) as con:
        for statement in TAMPERING.values():
            con.execute(statement)
    assert failing(workspace) == set(TAMPERING)
    # and the plain SQL of the same tests, which the tests of models run
    assert set(failed_tests(workspace.warehouse, workspace.data_tests())) >= set(TAMPERING)


def test_identities_look_only_at_the_days_of_the_run(workspace: Workspace) -> None:
    """The frauds of the test before lie in the past of a run that changed nothing."""
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute("delete from raw.changed_days")
        con.execute("delete from intermediate.int_close_dates_to_rebuild")
        con.execute("delete from intermediate.int_showback_months")
    assert failing(workspace) == {
        "every_split_of_showback_sums_to_the_bill",
        "closed_months_and_their_adjustments_sum_to_showback",
        "every_statement_sums_to_the_bill_in_cents",
        "what_passed_a_cap_is_what_was_spent_beyond_it",
    }
