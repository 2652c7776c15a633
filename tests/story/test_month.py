"""One hand-worked month: every number of this room's README, computed from files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.story.month import fill
from tests.story.worked import value, values, worked
from tests.support.warehouse import Workspace


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("story"))
    fill(workspace)
    workspace.build()
    return workspace


def assert_same_rows(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """Compare rows in any order; 1 and 1.000 are the same amount."""
    assert sorted(found, key=repr_of) == sorted(expected, key=repr_of)


def repr_of(row: tuple[Any, ...]) -> str:
    plain = (
        cell.normalize() + 0
        if isinstance(cell, Decimal)
        else Decimal(cell)
        if isinstance(cell, int) and not isinstance(cell, bool)
        else cell
        for cell in row
    )
    return repr([str(cell) for cell in plain])


def test_every_call_costs_its_tokens_times_the_price(october: Workspace) -> None:
    found = october.query(
        "select case when source_name = 'batch-log' then call_id"
        " else replace(coalesce(provider_response_id, request_id), 'response-', '') end,"
        " day(utc_day), response_model, feature, tenant_id, task_id, status,"
        " input_uncached_tokens, cache_read_tokens, cache_write_5m_tokens, output_tokens,"
        " estimate_usd from marts.fct_calls"
    )
    expected = []
    for row in worked("Calls"):
        name = "request-c01" if row["call"] == "c01" else row["call"]
        tokens: list[Decimal | None] = [
            Decimal(row[column]) * 1000 for column in ("input", "read", "written", "output")
        ]
        if row["call"] in ("c11", "c12"):  # the batch log knows no cache classes
            tokens[1] = tokens[2] = None
        expected.append(
            (name, value(row["day"]), row["model"], value(row["feature"]), value(row["tenant"]),
             value(row["task"]), row["what happened"], *tokens, value(row["estimate"]))
        )  # fmt: skip
    assert_same_rows(found, expected)


def test_the_second_record_of_a_call_is_counted_and_adds_nothing(october: Workspace) -> None:
    assert october.query(
        "select request_id, duplicates_dropped from marts.fct_calls where duplicates_dropped > 0"
    ) == [("request-c06", 1)]


def test_every_model_has_the_tier_of_its_output_price(october: Workspace) -> None:
    found = october.query(
        "select distinct model_id, model_tier from marts.fct_calls where model_tier <> 'unknown'"
    )
    assert_same_rows(found, values("Prices", "model", "tier"))


def test_every_task_has_its_status_loop_depth_cost_and_waste(october: Workspace) -> None:
    found = october.query(
        "select task_id, status, day(closed_date), loop_depth, estimate_usd,"
        " case status when 'success' then failed_attempts_estimate_usd"
        " when 'failure' then estimate_usd end, unpriced_calls from marts.fct_tasks"
    )
    expected = [
        (row["task"], row["status"], *(value(row[c]) for c in list(row)[2:]))
        for row in worked("Tasks")
    ]
    assert_same_rows(found, expected)


def test_cost_per_success_of_every_feature_and_tenant(october: Workspace) -> None:
    measures = "tasks_closed, successes, cost_usd, cost_per_success_usd, waste_usd"
    monthly = (
        "from marts.fct_unit_cost_periods where period_grain = 'month'"
        " and period_start = date '2026-10-01' and cost_basis = 'estimate'"
    )
    cells = october.query(
        "select feature, tenant_id, sum(tasks_closed), sum(successes), sum(cost_usd),"
        " case when sum(successes) > 0"
        " then cast(sum(cost_usd) / sum(successes) as decimal(28, 9)) end, sum(waste_usd)"
        " from reports.rpt_unit_cost where cost_basis = 'estimate' group by all"
    )
    found = [
        *cells,
        *october.query(f"select member, 'all', {measures} {monthly} and dimension = 'feature'"),
        *october.query(f"select 'all', member, {measures} {monthly} and dimension = 'tenant'"),
        *october.query(f"select 'all', 'all', {measures} {monthly} and dimension = 'all'"),
    ]
    assert_same_rows(
        found,
        values("Unit cost", "feature", "tenant", "closed", "successes", "cost",
               "cost per success", "waste"),
    )  # fmt: skip


def test_cost_per_success_on_the_bill_and_what_nobody_bears(october: Workspace) -> None:
    expected = values("Cost per success on the bill", "dimension", "member", "bill", "owed",
                      "of closed tasks", "nobody's", "successes", "cost per success")  # fmt: skip
    found = october.query(
        "select dimension, member, round(bill_usd, 9), round(unbilled_usd, 9),"
        " round(coalesce(cost_usd, 0), 9), round(no_closed_task_usd, 9), successes,"
        " cost_per_success_usd from reports.rpt_billed_unit_cost"
        " where month = date '2026-10-01' and dimension <> 'task_type'"
    )
    assert_same_rows(found, expected)
    assert october.query(
        "select sum(bill_usd + unbilled_usd),"
        " sum(cost_usd + no_closed_task_usd) from reports.rpt_billed_unit_cost"
        " where dimension = 'all'"
    ) == [(Decimal("16.17"), Decimal("16.17"))]
    assert october.query(
        "select cost_usd, cost_per_success_usd, waste_usd from reports.rpt_unit_cost_summary"
        " where cost_basis = 'charge' and task_type = 'all'"
    ) == [(Decimal("7.84"), Decimal("2.613333333"), None)]


def test_an_unpriced_call_is_counted_beside_the_cost_per_success_it_is_missing_from(
    october: Workspace,
) -> None:
    assert october.query(
        "select feature, tenant_id, unpriced_calls from reports.rpt_unit_cost"
        " where cost_basis = 'estimate' and unpriced_calls > 0"
    ) == [("drafts", "bolt", 1)]


def test_closed_tasks_have_the_loop_depth_and_cache_rates_of_their_calls(
    october: Workspace,
) -> None:
    """Depths 3, 1, 2, 2, 2; one hit of 8 lookups; 150 of 1,780 thousand input tokens."""
    ((mean, gateway, prefix),) = october.query(
        "select avg_loop_depth, gateway_cache_hit_ratio, provider_cache_hit_ratio"
        " from marts.fct_unit_cost_periods where period_grain = 'month'"
        " and dimension = 'all' and cost_basis = 'estimate'"
    )
    assert (mean, gateway, prefix) == (2.0, 1 / 8, pytest.approx(150 / 1780))


def test_caches_hit_and_saved_what_the_page_says(october: Workspace) -> None:
    found = october.query(
        "select layer, sum(hits), sum(lookups), sum(saved_usd) from reports.rpt_cache_daily"
        " group by layer"
    )
    assert_same_rows(found, values("Caches", "layer", "hits", "lookups", "saved"))


def test_every_bill_line_counts_once_in_its_newest_version(october: Workspace) -> None:
    found = october.query(
        "select day(utc_day), provider, model_id, sum(charge_usd) from marts.fct_charges"
        " group by utc_day, provider, model_id, charge_category"
    )
    assert_same_rows(found, values("Bills", "day", "provider", "model", "billed"))


def test_every_cell_ties_out_as_the_page_says(october: Workspace) -> None:
    found = october.query(
        "select day(day), provider, model, estimate_usd, charge_usd, gap_usd, status,"
        " case when is_settled then 'yes' else 'no' end from reports.rpt_tie_out"
    )
    assert_same_rows(
        found,
        values("Tie-out", "day", "provider", "model", "estimate", "charge", "gap", "status",
               "settled"),
    )  # fmt: skip


def test_the_month_of_each_provider_is_summed_over_what_can_be_compared(
    october: Workspace,
) -> None:
    """OpenAI without the 28th and scribe-beta: 9.47 for 7.45; Anthropic 5.54 for 2.54."""
    assert_same_rows(
        october.query(
            "select provider, estimate_usd, charge_usd, gap_usd, status"
            " from reports.rpt_tie_out_summary"
        ),
        [
            ("openai", Decimal("7.45"), Decimal("9.47"), Decimal("2.02"), "over_billed"),
            ("anthropic", Decimal("2.54"), Decimal("5.54"), Decimal("3.00"), "over_billed"),
        ],
    )


def test_showback_gives_every_dollar_of_the_bill_to_somebody_or_to_its_reason(
    october: Workspace,
) -> None:
    found = october.query(
        "select dimension, member, line, sum(charge_usd) from reports.rpt_showback"
        " where month = date '2026-10-01' and dimension in ('feature', 'tenant') group by all"
    )
    assert_same_rows(found, values("Showback", "dimension", "member", "line", "charge"))


@pytest.mark.parametrize("dimension", ["feature", "tenant", "team", "cost_centre"])
def test_showback_sums_to_the_bill(october: Workspace, dimension: str) -> None:
    billed = sum(row[0] for row in values("Bills", "billed") if isinstance(row[0], Decimal))
    assert billed == Decimal("15.97")
    assert (
        october.value(
            f"select sum(charge_usd) from reports.rpt_showback where dimension = '{dimension}'"
        )
        == billed
    )
    assert october.query(
        "select charge_usd from reports.rpt_showback_summary"
        f" where dimension = '{dimension}' and row_kind = 'total'"
    ) == [(billed,)]


def test_the_overview_states_the_month_on_one_line(october: Workspace) -> None:
    expected = {row["figure"]: Decimal(row["value"]) for row in worked("The month on one line")}
    (row,) = october.query(
        f"select {', '.join(expected)} from reports.rpt_overview where month = date '2026-10-01'"
    )
    assert dict(zip(expected, row, strict=True)) == expected


def test_a_second_run_over_the_same_files_has_nothing_to_do(october: Workspace) -> None:
    assert october.build().nothing_new
