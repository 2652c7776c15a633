"""Worked cases from real bug reports, priced by SQL; amounts are the reports' own or by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.prices.overrides import Override
from tests.ingest.prices.warehouse import price, rate_cards

OwnPrices = Callable[..., tuple[Override, ...]]
REGIONAL_SONNET = {
    "provider": "aws.bedrock",
    "request_model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "started_at": datetime(2026, 9, 15),
}


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, Any]:
    text = (shared / "golden/token_accounting_cases.json").read_text()
    return {case["id"]: case for case in json.loads(text, parse_float=Decimal)}


@pytest.mark.parametrize("case_id", ["bedrock_cache_29145", "phoenix_10036"])
def test_regional_bedrock_cache_tokens_cost_the_regional_cache_prices(
    cases: dict[str, Any], case_id: str
) -> None:
    names = {"uncached_input": "input_uncached_tokens", "cache_write": "cache_write_5m_tokens"}
    tokens = {
        names.get(line["cls"], f"{line['cls']}_tokens"): line["tokens"]
        for line in cases[case_id]["lines"]
    }
    (row,) = price([REGIONAL_SONNET | tokens])
    assert row["estimate_usd"] == Decimal(cases[case_id]["expected_total"])


def test_completion_tokens_are_not_total_less_prompt(cases: dict[str, Any]) -> None:
    case = cases["phoenix_10783"]
    call = {"provider": "anthropic", "request_model": "claude-sonnet-4-5",
            "started_at": datetime(2025, 11, 1)}  # fmt: skip
    output = {"output_tokens": case["tokens"]["completion"]}
    prompt = {
        "input_uncached_tokens": case["tokens"]["uncached"],
        "cache_read_tokens": case["tokens"]["cache_read"],
        "cache_write_5m_tokens": case["tokens"]["cache_write"],
    }
    output_only, whole = price([call | output, call | prompt | output])
    assert output_only["estimate_usd"] == Decimal(case["expected_completion_cost"])
    # 3 x 3 + 7917 x 0.3 + 350 x 3.75, in millionths, on top of the completion
    assert whole["estimate_usd"] == Decimal("0.00663") + Decimal("0.0036966")
    assert whole["input_tokens"] + 442 == case["tokens"]["total"]


def test_cache_writes_outside_the_lifetime_breakdown_are_priced_too(cases: dict[str, Any]) -> None:
    tokens = cases["litellm_42663"]["tokens"]
    other = tokens["cache_creation"] - tokens["breakdown_5m"] - tokens["breakdown_1h"]
    assert other == cases["litellm_42663"]["unpriced_write_tokens"]
    call = {
        "provider": "anthropic", "request_model": "claude-opus-4-5",
        "started_at": datetime(2026, 1, 5),
        "input_uncached_tokens": cases["litellm_42663"]["uncached"],
        "cache_read_tokens": tokens["cache_read"],
        "cache_write_5m_tokens": tokens["breakdown_5m"],
        "cache_write_1h_tokens": tokens["breakdown_1h"],
        "cache_write_other_tokens": other,
    }  # fmt: skip
    (row,) = price([call])
    assert row["input_tokens"] == tokens["prompt"]
    # 123201 x 5 + 184457 x 6.25 + 426653 x 0.5, in millionths
    assert row["estimate_usd"] == Decimal("1.982187750")


def test_a_cached_prompt_costs_the_cached_price(
    cases: dict[str, Any], own_prices: OwnPrices
) -> None:
    case = cases["agenta_5711"]
    overrides = own_prices(
        f"acme,answers,,input_uncached,{case['implied_input_per_mtok']},,,,",
        "acme,answers,,cache_read,0.15,,,,one tenth of the input price",
        "acme,answers,,output,1,,,,",
    )
    call = {
        "provider": "acme", "request_model": "answers", "started_at": datetime(2026, 1, 1),
        "input_uncached_tokens": case["tokens"]["uncached"],
        "cache_read_tokens": case["tokens"]["cached"],
        "output_tokens": 117,  # both totals of the report hold the same 0.000117 of output
    }  # fmt: skip
    (row,) = price([call], overrides)
    assert row["estimate_usd"] == Decimal(case["expected_total"])
    assert row["estimate_usd"] + row["cache_saving_usd"] == Decimal(case["wrong_total"])


def test_one_hour_cache_writes_on_bedrock_cost_the_one_hour_price(cases: dict[str, Any]) -> None:
    tokens = cases["litellm_36762"]["write_1h_tokens"]
    call = {"provider": "bedrock", "started_at": datetime(2026, 2, 1),
            "request_model": "global.anthropic.claude-opus-4-5-20251101-v1:0"}  # fmt: skip
    one_hour, five_minutes = price(
        [call | {"cache_write_1h_tokens": tokens}, call | {"cache_write_5m_tokens": tokens}]
    )
    assert one_hour["estimate_usd"] == Decimal(cases["litellm_36762"]["right"])
    # DECIMAL(18,9) holds the wrong figure of the report to its last digit too
    assert five_minutes["estimate_usd"] == Decimal("0.0602125")


@pytest.mark.parametrize(
    ("at", "side"),
    [
        (datetime(2026, 7, 29, 23, 59, 59, 999999), "before"),
        (datetime(2026, 7, 30), "after"),
    ],
)
def test_a_price_cut_holds_from_its_first_moment(
    cases: dict[str, Any], at: datetime, side: str
) -> None:
    call = {"provider": "openai", "request_model": "gpt-5.6-luna", "started_at": at}
    columns = {"input": "input_uncached_tokens", "cache_write": "cache_write_other_tokens",
               "cache_read": "cache_read_tokens", "output": "output_tokens"}  # fmt: skip
    rows = price(call | {column: 100_000} for column in columns.values())
    expected = [Decimal(cases["luna_asof"][side][name]) / 10 for name in columns]
    assert [row["estimate_usd"] for row in rows] == expected


def test_the_long_context_step_is_paid_from_the_token_after_the_threshold() -> None:
    call = {"provider": "openai", "request_model": "gpt-5.6-luna",
            "started_at": datetime(2026, 8, 1), "output_tokens": 1000}  # fmt: skip
    at_the_edge, one_above = price(
        call | {"input_uncached_tokens": 100, "cache_read_tokens": tokens}
        for tokens in (271_900, 271_901)
    )
    # 100 x 0.2 + 271900 x 0.02 + 1000 x 1.2, in millionths
    assert at_the_edge["estimate_usd"] == Decimal("0.006658")
    # 100 x 0.4 + 271901 x 0.04 + 1000 x 1.8: the whole request at the long-context prices
    assert one_above["estimate_usd"] == Decimal("0.01271604")


TAKEN_BACK = {
    ("anthropic", "claude-sonnet-5"),
    ("aws", "global.anthropic.claude-sonnet-5-v1:0"),
    ("aws", "regional.anthropic.claude-sonnet-5-v1:0"),
    ("openrouter", "anthropic/claude-sonnet-5"),
}
"""The list announced a rise of these on 2026-09-01; genai-prices 0.2.3 no longer has it."""


def test_dated_and_hourly_prices_hold_from_their_own_start(shared: Path) -> None:
    con = rate_cards(())
    checked = 0
    with (shared / "real/prices/genai_prices_constrained.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["start_date"] == "2026-09-01" and (row["provider"], row["model"]) in TAKEN_BACK:
                continue
            day = row["start_date"] or "2020-01-01"
            hour = row["start_time"].removesuffix("Z") or "00:00:00"
            (*prices, threshold), *others = con.execute(
                "select input_uncached_usd_per_mtok, cache_write_other_usd_per_mtok,"
                " cache_read_usd_per_mtok, output_usd_per_mtok, max_input_tokens"
                " from int_rate_cards where price_key = ? and service_tier = 'standard'"
                " and region is null"
                " and ?::timestamp >= valid_from and ?::timestamp < valid_to"
                " and ?::time >= daily_from and ?::time < coalesce(daily_to, '24:00:00'::time)"
                " and min_input_tokens = 0",
                [f"{row['provider']}/{row['model']}", day, day, hour, hour],
            ).fetchall()
            assert not others
            names = ("input_mtok", "cache_write_mtok", "cache_read_mtok", "output_mtok")
            for found, text in zip(prices, (row[name] or row["input_mtok"] for name in names),
                                   strict=True):  # fmt: skip
                stated = json.loads(text, parse_float=Decimal)
                base = stated["base"] if isinstance(stated, dict) else stated
                assert found == base, row
                steps = stated["tiers"] if isinstance(stated, dict) else []
                assert threshold == (steps[0]["start"] + 1 if steps else None)
            checked += 1
    assert checked == 14
