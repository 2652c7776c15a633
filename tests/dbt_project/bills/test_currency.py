"""Bills in other currencies: converted exactly, stopped without a rate, computed again by day."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import pytest

from tests.ingest.billing.gcp.rows import row as gcp_row
from tests.support.warehouse import Workspace

HEADER = "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"
AMOUNTS = {
    ("2026-10-02", "EUR"): "7.000000000001",
    ("2026-10-03", "EUR"): "-0.123456789012",
    ("2026-10-05", "JPY"): "12345.678901234567",
    ("2026-10-06", "USD"): "3",
}
MODELS = ("dim_periods", "int_blockers", "rpt_showback")
RATES = ("EUR,2026-10-02,1.084312345678,ECB", "JPY,2026-10-01,0.006712345678,ECB")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Bills of four days in three currencies, the 3rd a Saturday without a rate of its own."""
    workspace = Workspace(tmp_path, models=MODELS)
    workspace.configure("focus", 'format = "focus"\nrestates = "rows"\n')
    lines = [f"{cost},,{code},Usage,{day},Acme\n" for (day, code), cost in AMOUNTS.items()]
    lines.append("9,,Token,Usage,2026-10-06,Acme\n")
    workspace.drop("focus", "bill.csv", HEADER + "".join(lines))
    workspace.fx_rates(*RATES)
    return workspace


def converted(cost: str, rate: str) -> Decimal:
    """The same by Python's decimals."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(cost).quantize(Decimal("1e-12")) * Decimal(rate)
        return exact.quantize(Decimal("1e-12"), rounding=ROUND_HALF_UP)


CHARGES = (
    "select utc_day::varchar, billing_currency, charge_usd, fx_rate, fx_rate_day::varchar"
    " from marts.fct_charges order by utc_day, billing_currency"
)


def test_every_line_is_converted_at_the_rate_of_its_day_and_dollars_pass_as_they_are(
    workspace: Workspace,
) -> None:
    workspace.build()
    eur, jpy = Decimal("1.084312345678"), Decimal("0.006712345678")
    assert workspace.query(CHARGES) == [
        ("2026-10-02", "EUR", converted(AMOUNTS["2026-10-02", "EUR"], str(eur)), eur, "2026-10-02"),
        ("2026-10-03", "EUR", converted(AMOUNTS["2026-10-03", "EUR"], str(eur)), eur, "2026-10-02"),
        ("2026-10-05", "JPY", converted("12345.678901234567", str(jpy)), jpy, "2026-10-01"),
        ("2026-10-06", "Token", None, None, None),
        ("2026-10-06", "USD", 3, 1, None),
    ]
    assert workspace.value("select count(*) from intermediate.int_blockers") == 0
    # showback, and whatever else reads charges, has the converted dollars
    assert workspace.value(
        "select sum(charge_usd) from reports.rpt_showback where dimension = 'feature'"
    ) == workspace.value("select sum(charge_usd) from marts.fct_charges")


def test_a_day_without_a_rate_blocks_and_the_row_that_is_asked_for_cures_it(
    workspace: Workspace,
) -> None:
    workspace.fx_rates("EUR,2026-10-02,1.084312345678,ECB", "JPY,2026-09-27,0.0067,ECB")
    workspace.build()
    assert workspace.query(
        "select blocker, source_file, source_line, field, reason from intermediate.int_blockers"
    ) == [
        (
            "charge without an exchange rate", "bill.csv", 4, "billing_currency",
            "no rate of JPY holds on 2026-10-05: add to config/fx_rates.csv the row"
            " JPY,2026-10-05,<US dollars for one JPY>,<who says so>",
        )
    ]  # fmt: skip
    workspace.fx_rates(
        "EUR,2026-10-02,1.084312345678,ECB", "JPY,2026-09-27,0.0067,ECB", "JPY,2026-10-05,0.5,ECB"
    )
    assert [str(day) for day in workspace.build().days] == ["2026-10-05"]
    assert workspace.value("select count(*) from intermediate.int_blockers") == 0


@pytest.mark.slow
def test_a_changed_rate_computes_the_days_on_which_it_held_and_no_other(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace.models = None
    workspace.build()
    # the 3rd gets a rate of its own; later days have no euros, and the 2nd keeps its rate
    workspace.fx_rates(*RATES, "EUR,2026-10-03,1.1,ECB")
    assert [str(day) for day in workspace.build().days] == ["2026-10-03"]
    assert workspace.query("select distinct table_name from raw.changed_days") == [
        ("billing_charges",)
    ]
    assert workspace.query(CHARGES)[1:2] == [
        ("2026-10-03", "EUR", converted("-0.123456789012", "1.1"), Decimal("1.1"), "2026-10-03")
    ]
    fresh = workspace.fresh(tmp_path_factory.mktemp("fresh"))
    assert workspace.contents() == fresh.contents()
    assert workspace.query("from marts.dim_periods") == fresh.query("from marts.dim_periods")


@pytest.mark.slow
def test_a_rate_of_a_day_without_bills_still_reaches_the_closing_rate(tmp_path: Path) -> None:
    workspace = Workspace(
        tmp_path, {"reporting_timezone": "UTC", "reporting_currency": "EUR"}, MODELS
    )
    workspace.configure("focus", 'format = "focus"\nrestates = "rows"\n')
    workspace.drop("focus", "bill.csv", HEADER + "9,,USD,Usage,2026-10-06,Acme\n")
    workspace.fx_rates("EUR,2026-10-06,1.25,ECB")
    workspace.build()
    rate = "select reporting_rate, reporting_rate_day::varchar from marts.dim_periods"
    assert workspace.query(rate) == [(Decimal("0.8"), "2026-10-06")]
    workspace.fx_rates("EUR,2026-10-06,1.25,ECB", "EUR,2026-10-30,2,ECB")
    changes = workspace.build()
    assert (changes.days, changes.nothing_new) == ((), False)
    assert workspace.query(rate) == [(Decimal("0.5"), "2026-10-30")]
    assert workspace.build().nothing_new


@pytest.mark.parametrize("form", ["focus", "gcp", "azure"])
def test_a_rate_that_the_bill_states_goes_before_the_workspaces(tmp_path: Path, form: str) -> None:
    """46.00 and 0.46 EUR at 0.92 EUR a dollar are 50.00 and 0.50; config/fx_rates.csv has none."""
    workspace = Workspace(tmp_path, models=("fct_charges", "int_blockers", "fct_charges_daily"))
    workspace.configure("bill", f'format = "{form}"')
    costs = ("46.00", "0.46")
    if form == "focus":
        head = (
            "BilledCost,ListCost,BillingCurrency,PricingCurrency,x_BillingExchangeRate,"
            "ChargeCategory,ChargePeriodStart,ProviderName\n"
        )
        lines = [f"{c},{c},EUR,USD,0.92,Usage,2026-09-05T00:00:00Z,Acme\n" for c in costs]
        workspace.drop("bill", "a.csv", head + "".join(lines))
    elif form == "gcp":
        rows = [gcp_row(cost=float(c), currency="EUR", currency_conversion_rate=0.92,
                        cost_at_list=float(c)) for c in costs]  # fmt: skip
        workspace.drop("bill", "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    else:
        header = ("date,costInBillingCurrency,billingCurrency,pricingCurrency,meterName,chargeType,"
                  "exchangeRatePricingToBilling\n")  # fmt: skip
        lines = [f"2026-09-05,{c},EUR,USD,m,Usage,0.92\n" for c in costs]
        workspace.drop("bill", "a.csv", header + "".join(lines))
    workspace.build()
    assert workspace.query(
        "select charge_usd, fx_rate, fx_rate_source from marts.fct_charges order by 1"
    ) == [(Decimal(usd), Decimal("1.086956521739"), "bill") for usd in ("0.5", "50")]
    assert workspace.query("from intermediate.int_blockers") == []
    # what it would cost at list is converted alike: no discount of a millionth of a cent appears
    daily = "select sum(charge_usd) - sum(list_usd) from marts.fct_charges_daily"
    assert workspace.query(daily) == [(0,)]
