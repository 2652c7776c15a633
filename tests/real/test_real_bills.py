"""Published bills, from file to mart: rows and money exact, dollars and cents told apart."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.warehouse import Workspace

MODELS = ("fct_tie_out", "rpt_focus_charges", "rpt_showback", "rpt_spend_daily")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("bills"), models=MODELS)
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
    assert (
        workspace.value(
            "select count(*) from marts.fct_charges where source_name = 'focus' and tags = 'NULL'"
        )
        == 0
    )


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
    ) == [(dimension, bill, True) for dimension in ("cost_centre", "feature", "team", "tenant")]


def focus_columns(shared: Path, feature_level: str) -> dict[str, bool]:
    """Columns of FOCUS 1.2 of one feature level, and whether each may be NULL."""
    path = shared / "samples/billing/focus/focus_cost_and_usage_columns_1.0_to_1.4.csv"
    with path.open(encoding="utf-8") as stream:
        return {
            row["column"]: row["allows_nulls"] == "True"
            for row in csv.DictReader(stream)
            if row["feature_v1.2"] == feature_level
        }


def test_every_bill_line_goes_out_as_focus_to_the_last_digit(workspace: Workspace) -> None:
    assert workspace.query(
        'select count(*), sum("BilledCost") from reports.rpt_focus_charges'
    ) == workspace.query("select count(*), sum(billed_cost) from marts.fct_charges")


def test_the_focus_export_has_every_mandatory_column_and_no_forbidden_null(
    workspace: Workspace, shared: Path
) -> None:
    ours = {row[0] for row in workspace.query("describe reports.rpt_focus_charges")}
    known = {
        column
        for level in ("Mandatory", "Recommended", "Conditional")
        for column in focus_columns(shared, level)
    }
    mandatory = focus_columns(shared, "Mandatory")
    assert set(mandatory) <= ours
    assert {column for column in ours if not column.startswith("x_")} <= known
    filled = ", ".join(
        f'count("{column}") = count(*)' for column, nullable in mandatory.items() if not nullable
    )
    assert set(workspace.query(f"select {filled} from reports.rpt_focus_charges")[0]) == {True}


def test_token_lines_go_out_with_model_direction_and_cache_action(workspace: Workspace) -> None:
    details = workspace.value(
        'select "SkuPriceDetails" from reports.rpt_focus_charges'
        " where \"ProviderName\" = 'Anthropic'"
    )
    assert json.loads(details) == {
        "x_ModelId": "claude-opus-5",
        "x_TokenDirection": "Input",
        "x_TokenCacheAction": "Uncached",
        "x_ContextWindow": "0-200k",
        "x_InferenceGeo": "global",
    }


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Workspace:
    """Every published report of the two vendors, each in the folder of its vendor."""
    workspace = Workspace(tmp_path_factory.mktemp("reports"), models=MODELS)
    for source in ("openai", "anthropic"):
        workspace.configure(source, f'format = "{source}"\n')
        for path in sorted((shared / "samples" / "billing" / source).iterdir()):
            workspace.drop(source, path.name, path.read_bytes())
    workspace.build()
    return workspace


def test_only_settings_and_a_header_without_rows_are_refused(reports: Workspace) -> None:
    assert [
        name for name, in reports.query(
            "select source_file from raw.files where status = 'failed' order by all"
        )
    ] == [
        "console_usage_export_header.csv", "organization_spend_alerts.json",
        "organization_spend_limit.json",
    ]  # fmt: skip
    assert reports.value("select count(*) from raw.quarantine") == 0


def test_what_is_estimated_for_claude_code_is_in_no_bill_and_found_by_person_and_day(
    reports: Workspace,
) -> None:
    assert reports.query(
        "select utc_day::varchar, length(x_user_id), is_breakdown, sum(x_estimated_cost_usd),"
        " sum(input_uncached_tokens)"
        " from marts.fct_provider_usage where usage_type = 'claude_code' group by all"
    ) == [("2025-08-08", 16, True, Decimal("2.28"), 45230 + 23100)]
    # 123.78912 cents of the API, 2799.187450 of seats, 0.47 dollars of the console's days
    assert reports.query(
        "select provider, sum(charge_usd) from marts.fct_charges where source_name = 'anthropic'"
        " group by all order by all"
    ) == [
        ("anthropic", Decimal("1.7078912")),
        ("anthropic.claude_enterprise", Decimal("27.9918745")),
    ]


def test_what_seats_spend_is_in_the_bill_and_in_showback_and_ties_to_no_call(
    reports: Workspace,
) -> None:
    assert (
        reports.value("select count(*) from marts.fct_tie_out where provider like '%enterprise'")
        == 0
    )
    assert reports.value(
        "select sum(charge_usd) from reports.rpt_showback where dimension = 'feature'"
    ) == reports.value("select sum(charge_usd) from marts.fct_charges")


def test_two_generations_of_one_usage_report_are_one_day(reports: Workspace) -> None:
    assert reports.query(
        "select count(*), sum(input_uncached_tokens), any_value(source_file)"
        " from marts.fct_provider_usage where usage_type = 'messages'"
    ) == [(1, 1500, "usage_report_messages_2026-09.json")]


def test_every_usage_endpoint_reaches_analysts(reports: Workspace) -> None:
    assert (
        reports.value(
            "select count(distinct usage_type) from marts.fct_provider_usage"
            " where provider = 'openai'"
        )
        == 10
    )


def test_cash_and_consumption_stand_apart_and_only_a_countrys_currency_has_dollars(
    tmp_path: Path, shared: Path
) -> None:
    """FOCUS' prepaid tokens: 200,000 bought, 490 + 20 + 720 drawn; other currencies are made up.

    7 euros at 1.08 of 28 March, the Friday before, are 7.56 dollars; `Credits` have no rate.
    """
    workspace = Workspace(tmp_path, models=MODELS)
    workspace.configure("focus", 'format = "focus"\n')
    examples = shared / "samples" / "billing" / "focus" / "spec_v1.2_examples"
    for name in ("virtual_currency_pricing_model_a1.csv", "virtual_currency_pricing_model_a2.csv"):
        workspace.drop("focus", name, (examples / name).read_bytes())
    workspace.drop(
        "focus",
        "mixed.csv",
        "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"
        "7,7,eur,Usage,2025-04-01,ACMECORP\n9,9,Credits,Usage,2025-04-01,ACMECORP\n"
        "3,,USD,Usage,2025-04-01,ACMECORP\n",
    )
    workspace.fx_rates("EUR,2025-03-28,1.08,ECB")
    workspace.build()
    assert workspace.query(
        "select billing_currency, sum(billed_cost), sum(charge_usd), sum(effective_usd), count(*),"
        " count(effective_usd) from marts.fct_charges group by 1 order by 1"
    ) == [("Credits", 9, None, None, 1, 0), ("EUR", 7, Decimal("7.56"), Decimal("7.56"), 1, 1),
          ("USD", 200_003, 200_003, 1_230, 5, 4)]  # fmt: skip
    assert workspace.query(
        "select pricing_currency, sum(pricing_currency_effective_cost) from marts.fct_charges"
        " group by 1 order by 1"
    ) == [("Token", 615), ("USD", 0), (None, None)]
    # the purchase is the month's money; what was drawn from it is no charge
    assert workspace.query(
        "select line, sum(charge_usd) from reports.rpt_showback where dimension = 'feature'"
        " group by 1 order by 1"
    ) == [("no matching calls", Decimal("10.56")), ("purchase", 200_000)]
    assert workspace.value("select sum(charge_usd) from reports.rpt_spend_daily") == Decimal(
        "200010.56"
    )


def test_a_record_that_states_two_costs_gives_two_charges_and_breaks_no_grain(
    tmp_path: Path,
) -> None:
    # with an own key the gateway's fee and the provider's inference stand in one record
    workspace = Workspace(tmp_path, models=MODELS)
    workspace.configure("openrouter", 'format = "openrouter"\n')
    workspace.drop(
        "openrouter",
        "activity.csv",
        "generation_id,created_at,cost_total,byok_usage_inference,tokens_prompt,"
        "tokens_completion,model_permaslug,variant\n"
        "g1,2026-09-01 10:00:00.000,0.05,1.25,100,10,openai/gpt-4.1,standard\n",
    )
    workspace.build()  # its data tests fail when a grain is broken
    assert workspace.query("select x_cost_type, charge_usd from marts.fct_charges order by 1") == [
        ("byok_fee", Decimal("0.05")),
        ("byok_inference", Decimal("1.25")),
    ]
    assert workspace.value('select sum("BilledCost") from reports.rpt_focus_charges') == Decimal(
        "1.3"
    )
