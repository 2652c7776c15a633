"""Costs that sources state in other currencies: converted by the day's rate, else named."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.checks.calls import unconverted_costs
from pipelines.checks.check import Check
from pipelines.workspace.settings import Settings
from tests.ingest.gateways.otel.otlp_lines import CHAT, line, span
from tests.support.warehouse import Workspace

SETTINGS = Settings(company="x")


def costing(number: int, day: int, amount: str, currency: str | None, **others: Any) -> Any:
    """One call of a day of October whose span states a cost."""
    at = int(datetime(2026, 10, day, 12, tzinfo=UTC).timestamp()) * 10**9
    stated = {"gen_ai.usage.cost.amount": amount, "gen_ai.response.id": f"r{number}"} | others
    if currency:
        stated["gen_ai.usage.cost.currency"] = currency
    return span(number, a=CHAT | stated, traceId=f"{number:032x}",
                startTimeUnixNano=str(at), endTimeUnixNano=str(at + 10**9))  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path, models=("fct_usage_daily", "fct_left_out_daily"))
    workspace.configure("traces", 'format = "otel"\n')
    workspace.fx_rates("EUR,2026-10-02,1.084312345678,ECB")
    workspace.drop("traces", "a.jsonl", line(
        costing(1, 2, "0.0333", "eur"), costing(2, 2, "0.25", "USD"), costing(3, 2, "0.5", None),
        costing(4, 9, "0.0333", "EUR"), costing(5, 10, "0.0333", "EUR"),
        costing(6, 17, "2", "EUR"), costing(7, 18, "3", "EUR"), costing(8, 18, "7", "JPY"),
        # nobody priced it; and a gateway's cache answered for nothing
        costing(9, 18, "0", "CHF"),
        costing(10, 18, "4", "CHF", **{"gen_ai.response.id": "r0_cache_hit1"}),
    ))  # fmt: skip
    return workspace


COSTS = (
    "select utc_day::varchar, reported_cost, reported_currency, reported_cost_usd"
    " from marts.fct_calls order by call_id"
)


def check(workspace: Workspace) -> Check:
    with duckdb.connect(str(workspace.warehouse), read_only=True) as con:
        return unconverted_costs(con, SETTINGS)


def test_a_cost_is_worth_its_amount_at_the_rate_of_its_day(workspace: Workspace) -> None:
    """0.0333 x 1.084312345678 = 0.0361076011110774; a rate holds on its day and 7 more."""
    workspace.build()
    usd = Decimal("0.036107601")
    assert workspace.query(COSTS) == [
        ("2026-10-02", Decimal("0.0333"), "EUR", usd),
        ("2026-10-02", None, None, Decimal("0.25")),
        ("2026-10-02", None, None, Decimal("0.5")),
        ("2026-10-09", Decimal("0.0333"), "EUR", usd),
        ("2026-10-10", Decimal("0.0333"), "EUR", None),
        ("2026-10-17", Decimal(2), "EUR", None),
        ("2026-10-18", Decimal(3), "EUR", None),
        ("2026-10-18", Decimal(7), "JPY", None),
        ("2026-10-18", None, "CHF", None),
        ("2026-10-18", None, None, Decimal(0)),
    ]
    assert workspace.query(
        "select sum(unreported_calls), sum(unconverted_calls) from marts.fct_usage_daily"
    ) == [(5, 4)]


def test_following_the_cure_turns_the_check_green(workspace: Workspace) -> None:
    workspace.build()
    found = check(workspace)
    assert found.turns_red
    assert found.detail.endswith("without an exchange rate: traces: 3 in EUR, traces: 1 in JPY")
    rows = re.findall(r"[A-Z]{3},[\d-]+,", found.cure)
    assert rows == ["EUR,2026-10-10,", "EUR,2026-10-18,", "JPY,2026-10-18,"]
    workspace.fx_rates("EUR,2026-10-02,1.084312345678,ECB", *(f"{row}0.5,ECB" for row in rows))
    # the days with such calls alone are computed again
    assert [str(day) for day in workspace.build().days] == [
        "2026-10-10",
        "2026-10-17",
        "2026-10-18",
    ]
    assert check(workspace).passed
    assert workspace.query(
        "select reported_cost_usd from marts.fct_calls where utc_day >= '2026-10-10'"
        " and reported_cost is not null order by call_id"
    ) == [(Decimal("0.01665"),), (Decimal(1),), (Decimal("1.5"),), (Decimal("3.5"),)]


def test_a_virtual_currency_has_no_rate_and_warns(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models=("fct_usage_daily",))
    workspace.configure("traces", 'format = "otel"\n')
    workspace.drop("traces", "a.jsonl", line(costing(1, 2, "5", "credits")))
    workspace.build()
    found = check(workspace)
    assert (found.passed, found.turns_red) == (False, False)
    assert found.detail.endswith("traces: 1 in CREDITS")
    assert found.cure.startswith("a virtual currency has no rate")


MAPPING = """
format = "mapped"
file_type = "jsonl"
[records]
kind = "call"
[fields]
call_id = "id"
started_at = "at"
response_model = "model"
reported_cost = "cost"
reported_currency = "currency"
"""


def test_what_is_left_out_states_its_cost_in_dollars_too(tmp_path: Path) -> None:
    """3 and 4 EUR of a day at 1.25 are 8.75 dollars; 5 JPY have no rate before one is stated."""
    workspace = Workspace(tmp_path, models=("fct_usage_daily", "rpt_left_out"))
    workspace.configure("proxy", MAPPING)
    workspace.fx_rates("EUR,2026-10-02,1.25,ECB")
    costs = [(3, "EUR"), (4, "eur"), (2, "USD"), (5, "JPY"), (None, None)]
    polls = [
        {"id": f"p{n}", "at": "2026-10-02T12:00:00Z", "kind": "poll", "model": "m", "cost": cost,
         "currency": currency}
        for n, (cost, currency) in enumerate(costs)
    ]  # fmt: skip
    workspace.drop("proxy", "a.jsonl", "".join(json.dumps(poll) + "\n" for poll in polls))
    workspace.build()
    figures = "select records, reported_usd, unconverted_records from reports.rpt_left_out"
    assert workspace.query(figures) == [(5, Decimal("10.75"), 1)]

    workspace.fx_rates("EUR,2026-10-02,1.25,ECB", "JPY,2026-10-02,0.01,BOJ")
    assert [str(day) for day in workspace.build().days] == ["2026-10-02"]
    assert workspace.query(figures) == [(5, Decimal("10.8"), 0)]
