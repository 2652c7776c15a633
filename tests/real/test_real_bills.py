"""Published bills, from file to mart: rows and money exact, dollars and cents told apart."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.warehouse import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("bills"))
    bills = shared / "samples" / "billing"
    for source, files in {
        "openai": ["costs.json", "costs_observed_string_amount.json", "usage_completions.json"],
        "anthropic": ["cost_report.json", "usage_report_messages_2026-09.json"],
        "focus": ["focus_sample_1.0.csv"],
    }.items():
        workspace.configure(source, f'format = "{source}"\n')
        for name in files:
            workspace.drop(source, name, (bills / source / name).read_bytes())
    workspace.build()
    return workspace


def test_the_focus_sample_is_billed_to_the_last_digit(workspace: Workspace, shared: Path) -> None:
    sample = shared / "samples" / "billing" / "focus" / "focus_sample_1.0.csv"
    with sample.open(newline="", encoding="utf-8-sig") as stream:
        costs = [Decimal(row["BilledCost"]) for row in csv.DictReader(stream)]
    assert len(costs) == 1000
    assert workspace.query(
        "select count(*), sum(billed_cost) from marts.fct_charges where source_name = 'focus'"
    ) == [(1000, sum(costs))]


def test_its_dirt_is_handled(workspace: Workspace) -> None:
    assert workspace.value("select count(*) from raw.quarantine") == 0
    assert workspace.query(
        "select distinct charge_frequency from marts.fct_charges where source_name = 'focus'"
        " and charge_frequency ilike 'usage%'"
    ) == [("Usage-Based",)]
    assert workspace.value(
        "select count(*) from marts.fct_charges where source_name = 'focus' and tags = 'NULL'"
    ) == 0


def test_openai_states_dollars_as_numbers_and_as_text(workspace: Workspace) -> None:
    assert workspace.query(
        "select x_line_item, charge_usd from marts.fct_charges where source_name = 'openai'"
        " order by charge_period_start, x_line_item nulls first"
    ) == [
        ("Text tokens", Decimal("12.5")),
        ("Web search tool calls", Decimal("2.25")),
        ("Text tokens", Decimal("4")),
        (None, Decimal("0.06")),
    ]


def test_anthropic_states_fractional_cents(workspace: Workspace) -> None:
    # 123.78912 cents
    assert workspace.query(
        "select charge_usd, x_token_class, provider from marts.fct_charges"
        " where source_name = 'anthropic'"
    ) == [(Decimal("1.2378912"), "input_uncached", "anthropic")]


def test_what_no_call_explains_is_billed_to_nobody_and_still_sums_to_the_bill(
    workspace: Workspace,
) -> None:
    bill = workspace.value("select sum(charge_usd) from marts.fct_charges")
    assert workspace.query(
        "select dimension, sum(charge_usd), bool_and(member = 'unallocated')"
        " from reports.rpt_showback group by all order by all"
    ) == [("feature", bill, True), ("tenant", bill, True)]
