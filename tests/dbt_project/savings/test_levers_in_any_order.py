"""Levers on the same calls: whichever is pulled first, parts and interaction are what was saved.

The cost of every combination of levers is worked out from the price list alone, with fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from tests.support.warehouse import Workspace

MAPPING = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
task_id = "id"
started_at = "at"
ended_at = "at"
provider = { constant = "openai" }
request_model = "model"
response_model = "model"
service_tier = "tier"
route_decision = "route"
baseline_model = "baseline"
uncompressed_input_tokens = "long"
[tokens]
input = "in"
input_includes_cache = false
cache_read = "read"
output = "out"
"""

PRICES = {
    ("gpt-4.1", "standard"): ("7.13", "0.713", "29.9"),
    ("gpt-4.1-mini", "standard"): ("1.37", "0.41", "5.51"),
    ("gpt-4.1-mini", "batch"): ("0.689", "0.389", "2.77"),
    ("gpt-4.1-mini", "priority"): ("2.41", "0.71", "9.37"),
}
"""USD a million tokens in, read from the cache, and out: prices of this workspace."""

LEVERS = ("service_tier", "prefix_cache")
CALLS = 60


def cost(call: dict[str, str], model: str, *, tier: bool, cache: bool) -> Fraction:
    """What a call costs at a model, with its own tier or the standard one, a cache or none."""
    plain, cached, out = map(Fraction, PRICES[model, call["tier"] if tier else "standard"])
    read, uncached = int(call["read"]), int(call["in"])
    return (
        (uncached * plain + read * (cached if cache else plain) + int(call["out"]) * out)
        / 10**6
    )  # fmt: skip


def shortened(call: dict[str, str]) -> Fraction:
    """What the tokens that a compressor left out would have cost as the others did."""
    plain, cached, _ = map(Fraction, PRICES[call["model"], call["tier"]])
    uncached, read = int(call["in"]), int(call["read"])
    fewer = int(call["long"]) - uncached - read if call["long"] else 0
    return fewer * (uncached * plain + read * cached) / (uncached + read) / 10**6


def calls(seed: int) -> Iterator[dict[str, str]]:
    """Calls of every combination: routed or not, of three tiers, with cached tokens or none."""
    rng, at = Random(seed), datetime(2026, 9, 3, 8, tzinfo=UTC)
    for number in range(CALLS):
        at += timedelta(minutes=7)
        routed = number % 2 == 0
        plain = rng.randrange(1, 400_000)
        read = rng.randrange(1, 300_000) if number % 5 else 0
        yield {
            "id": f"c{number}", "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "model": "gpt-4.1-mini",
            "tier": ("standard", "batch", "priority")[number % 3],
            "route": "cheap" if routed else "", "baseline": "gpt-4.1" if routed else "",
            "in": str(plain), "out": str(rng.randrange(1, 30_000)), "read": str(read),
            "long": str(plain + read + rng.randrange(90_000)) if number % 4 == 1 else "",
        }  # fmt: skip


def ledger(root: Path, made: list[dict[str, str]]) -> dict[str, Fraction]:
    """Dollars saved by lever, as the report has them; the actual cost as `actual`."""
    workspace = Workspace(root, models=("rpt_savings_ledger",))
    workspace.configure("log", MAPPING)
    workspace.prices(*(
        f"openai,{model},{tier},{token_class},{usd},2026-01-01,,,"
        for (model, tier), prices in PRICES.items()
        for token_class, usd in zip(("input_uncached", "cache_read", "output"), prices, strict=True)
    ))  # fmt: skip
    lines = [",".join(made[0]), *(",".join(call.values()) for call in made)]
    workspace.drop("log", "calls.csv", "\n".join(lines) + "\n")
    workspace.build()
    rows = workspace.query("select lever, saved_usd, estimate_usd from reports.rpt_savings_ledger")
    assert {Fraction(row[2]) for row in rows} == {Fraction(rows[0][2])}
    return {row[0]: Fraction(row[1] or 0) for row in rows} | {"actual": Fraction(rows[0][2])}


@pytest.mark.parametrize("seed", [3, 11])
def test_parts_and_interaction_are_counterfactual_less_actual_in_any_order(
    tmp_path: Path, seed: int
) -> None:
    made = list(calls(seed))
    found = ledger(tmp_path, made)
    near = Fraction(1, 10**9) * CALLS  # each call is in whole nano-dollars

    def total(*pulled: str) -> Fraction:
        """Cost of all calls at the models that served them, with these levers pulled."""
        return sum(
            (cost(c, c["model"], tier="service_tier" in pulled, cache="prefix_cache" in pulled)
             for c in made), Fraction(0),
        )  # fmt: skip

    counterfactual = sum(
        (cost(c, c["baseline"] or c["model"], tier=False, cache=False) for c in made), Fraction(0)
    )
    assert abs(found["actual"] - total(*LEVERS)) <= near
    assert abs(found["routing"] - (counterfactual - total())) <= near
    assert found["interaction"] != 0
    assert found["response_cache"] == 0
    # tokens that were never sent: whatever is pulled, they cost what the others cost in the end
    compressed = sum((shortened(c) for c in made), Fraction(0))
    assert compressed > 0
    assert abs(found["compression"] - compressed) <= near
    assert found["prompt_slimming"] == 0  # nobody says which version a prompt is of
    for order in permutations(LEVERS):
        saved = [total(*order[:i]) - total(*order[: i + 1]) for i in range(len(order))]
        # the lever that is pulled first saves its part, the one after it its part and interaction
        assert abs(saved[0] - found[order[0]]) <= near
        assert abs(saved[1] - found[order[1]] - found["interaction"]) <= near
        assert abs(found["routing"] + compressed + sum(saved) - found["total"]) <= near
    parts = sum(found[lever] for lever in (*LEVERS, "routing", "compression", "interaction"))
    assert parts == found["total"]
    # each nano-dollar once
    assert found["total"] == pytest.approx(
        float(counterfactual + compressed - found["actual"]), abs=1e-9 * CALLS
    )


def test_a_lever_that_costs_money_is_shown_as_a_loss(tmp_path: Path) -> None:
    """Priority is dearer than standard: alone, the tier saves less than nothing."""
    made = [call for call in calls(5) if call["tier"] == "priority"]
    found = ledger(tmp_path, made)
    assert found["service_tier"] < 0 < found["prefix_cache"]
