"""The cost bridge against independent arithmetic: Python's LMDI, Shapley values, planted moves."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from ingest.reference.guardrails.owners import DRIVERS
from tests.dbt_project.unit_economics.bridges import (
    NOTHING,
    Calls,
    Cohort,
    Period,
    Work,
    lmdi,
    rows,
    shapley,
    total,
)
from tests.support.warehouse import Workspace

PRICES = {"input_uncached": 2.0, "cache_read": 0.5, "cache_write_5m": 2.5, "output": 8.0}

BEFORE, AFTER = date(2026, 9, 14), date(2026, 10, 14)
Effects = dict[tuple[str, str], dict[str, Decimal]]
"""By member and measure, the effect of each driver."""


@pytest.fixture(scope="module")
def bridge_sql(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The model as dbt compiles it, and the definition of the table that it reads."""
    workspace = Workspace(tmp_path_factory.mktemp("bridge"), models=("fct_cost_bridge",))
    workspace.land()
    workspace.register()
    nodes = {node.name: node for node in workspace.nodes().values()}
    contract = nodes["fct_task_costs_daily"].contract
    columns = ", ".join(f"{name} {kind}" for name, kind in contract.items())
    return nodes["fct_cost_bridge"].sql, columns


def bridge(
    compiled: tuple[str, str],
    members: Mapping[str, tuple[Period, Period]],
    where: str = "dimension = 'tenant' and period_grain = 'month'",
) -> Effects:
    """The effects that the model gives for each member."""
    sql, columns = compiled
    table = pa.Table.from_pylist([
        NOTHING | row
        for member, periods in members.items()
        for day, period in zip((BEFORE, AFTER), periods, strict=True)
        for row in rows(member, day, period)
    ])  # fmt: skip
    with duckdb.connect() as con:
        con.execute(f"create schema marts; create table marts.fct_task_costs_daily ({columns})")
        con.register("made", table)
        con.execute("insert into marts.fct_task_costs_daily by name from made")
        found: Effects = defaultdict(dict)
        for member, measure, driver, effect in con.execute(
            f"select member, measure, driver, effect_usd from ({sql}) where {where}"
        ).fetchall():
            found[member, measure][driver] = effect
        return found


def dice_calls(dice: random.Random) -> Calls:
    calls = dice.choice([dice.randint(1, 9), dice.randint(10, 10**5)])
    cached = dice.choice([0, dice.randint(0, calls)])
    unpriced = dice.choice([0, 0, dice.randint(0, calls - cached)])
    some = calls - cached - unpriced > 0
    names = [name for name in PRICES if some and dice.random() < 0.8]
    return Calls(
        calls,
        {name: dice.randint(1, 10**9) / 10**6 for name in names},
        {name: PRICES[name] * dice.choice([1, 1, 0.5, 1.7]) for name in PRICES},
        cached,
        unpriced,
    )


def dice_work(dice: random.Random, tasks: int) -> Work:
    """Known of no task, of some or of all; at one of two rates."""
    known = dice.choice([0, tasks, dice.randint(1, tasks)])
    minutes = Decimal(dice.randint(1, 900) * known) / 60
    return Work(known, minutes.quantize(Decimal("1e-9")), dice.choice([Decimal("0.6"), Decimal(1)]))


def dice_period(dice: random.Random) -> Period:
    """Features, models and tools that may be absent; successes may be none."""
    period = {}
    for feature in ("a", "b", "c"):
        if dice.random() < 0.2:
            continue
        tasks = dice.randint(1, 10**4)
        period[feature] = Cohort(
            tasks,
            dice.choice([0, tasks, dice.randint(0, tasks), dice.randint(0, tasks)]),
            {m: dice_calls(dice) for m in ("small", "large") if dice.random() < 0.8},
            {
                t: replace(dice_calls(dice), tokens={}, price=dice.choice([0.004, 0.25]))
                for t in ("search", "crm") if dice.random() < 0.5
            },
            dice_work(dice, tasks),
        )  # fmt: skip
    return period or dice_period(dice)


@pytest.mark.slow
def test_two_thousand_random_bridges_equal_the_formula_and_sum_to_the_change(
    bridge_sql: tuple[str, str],
) -> None:
    """Entries, exits, features without a success, models without a price: 1e-9 relative."""
    dice = random.Random(20261129)
    cases = {f"m{n}": (dice_period(dice), dice_period(dice)) for n in range(2000)}
    found = bridge(bridge_sql, cases)
    explained = 0
    for member, (before, after) in cases.items():
        for measure in ("cost_per_success", "total_cost", "cost_per_success_with_people"):
            counts = [sum(c.successes for c in period.values()) for period in (before, after)]
            if measure != "total_cost" and not all(counts):
                assert (member, measure) not in found
                continue
            effects = found[member, measure]
            assert effects.keys() == {*DRIVERS, "residual"}
            assert effects["residual"] == 0
            costs = [total(period, measure) for period in (before, after)]
            if measure != "total_cost":
                costs = [
                    round(Decimal(float(cost) / count), 9)
                    for cost, count in zip(costs, counts, strict=True)
                ]
            # a quotient whose tenth digit is a five may be rounded the other way
            assert abs(sum(effects.values()) - (costs[1] - costs[0])) <= Decimal("1e-9")
            scale = float(max(costs)) or 1.0
            for driver, effect in lmdi(before, after, measure).items():
                assert abs(float(effects[driver]) - effect) <= 1e-9 * scale + 3e-9, (
                    member, measure, driver,
                )  # fmt: skip
            explained += 1
    assert explained > 5000


# ---- worked by hand ----

OCR = {"invoices": Cohort(1000, 900, tools={"ocr": Calls(1500, price=0.004)})}
DEARER = {"invoices": Cohort(1200, 960, tools={"ocr": Calls(2400, price=0.005)})}


def test_the_worked_example_to_six_decimals(bridge_sql: tuple[str, str]) -> None:
    """6.00 USD for 900 successes, then 12.00 USD for 960: 0.006667 and 0.012500 a success.

    Their logarithmic mean is 0.005833 / ln 1.875 = 0.009280; tasks a success grow from 1.1111 to
    1.25 (ln 1.125), calls a task from 1.5 to 2, the price from 0.004 to 0.005.
    """
    found = bridge(bridge_sql, {"acme": (OCR, DEARER)})
    moved = {d: round(e, 6) for d, e in found["acme", "cost_per_success"].items() if e}
    assert moved == {
        "success_rate": Decimal("0.001093"),
        "tool_calls": Decimal("0.002670"),
        "tool_price": Decimal("0.002071"),
    }
    # 6.00 more: L = 6 / ln 2 = 8.656170; volume ln 1.2, calls a task ln 4/3, price ln 1.25
    moved = {d: round(e, 6) for d, e in found["acme", "total_cost"].items() if e}
    assert moved == {
        "volume": Decimal("1.578206"),
        "tool_calls": Decimal("2.490225"),
        "tool_price": Decimal("1.931569"),
    }


def test_peoples_minutes_and_their_rate_to_six_decimals(bridge_sql: tuple[str, str]) -> None:
    """1,500 minutes at 0.50 for 900 successes, then 2,400 at 0.60 for 960; the tool as above.

    Of 1,000 tasks all are known, of 1,200 too: 0.833333 becomes 1.5 a success, the mean
    0.666667 / ln 1.8 = 1.134197. Tasks a success grow by ln 1.125, minutes a task from 1.5 to 2,
    the rate by ln 1.2; with the tool's 0.001093 `success_rate` is 0.133589 + 0.001093.
    """
    before = replace(OCR["invoices"], work=Work(1000, Decimal(1500), Decimal("0.5")))
    after = replace(DEARER["invoices"], work=Work(1200, Decimal(2400), Decimal("0.6")))
    found = bridge(bridge_sql, {"acme": ({"invoices": before}, {"invoices": after})})
    moved = found["acme", "cost_per_success_with_people"]
    assert {d: round(e, 6) for d, e in moved.items() if e} == {
        "success_rate": Decimal("0.134682"),
        "tool_calls": Decimal("0.002670"),
        "tool_price": Decimal("0.002071"),
        "human_minutes": Decimal("0.326289"),
        "human_rate": Decimal("0.206789"),
    }
    # what the bridge said without people it says with them standing beside
    without = bridge(bridge_sql, {"acme": (OCR, DEARER)})
    assert found["acme", "cost_per_success"] == without["acme", "cost_per_success"]
    assert found["acme", "total_cost"] == without["acme", "total_cost"]


def test_work_that_begins_to_be_known_is_no_longer_work(bridge_sql: tuple[str, str]) -> None:
    """Ten minutes of the same rate, known of half the tasks, then of all."""
    before = replace(OCR["invoices"], work=Work(500, Decimal(5000), Decimal(1)))
    after = replace(OCR["invoices"], work=Work(1000, Decimal(10000), Decimal(1)))
    found = bridge(bridge_sql, {"acme": ({"invoices": before}, {"invoices": after})})
    moved = {d: e for d, e in found["acme", "cost_per_success_with_people"].items() if e}
    assert moved == {"price_coverage": round(Decimal(5000) / 900, 9)}


def scaled(cohort: Cohort, by: int) -> Cohort:
    """The same work so many times over."""
    return Cohort(
        cohort.tasks * by, cohort.successes * by,
        {name: replace(made, calls=made.calls * by, cached=made.cached * by,
                       tokens={c: count * by for c, count in made.tokens.items()})
         for name, made in cohort.models.items()},
        {name: replace(made, calls=made.calls * by) for name, made in cohort.tools.items()},
    )  # fmt: skip


SMALL = Calls(3000, {"input_uncached": 6, "cache_read": 6, "output": 1.5},
              {"input_uncached": 0.4, "cache_read": 0.1, "output": 1.6}, cached=500)  # fmt: skip
LARGE = Calls(1000, {"input_uncached": 2, "cache_read": 2, "output": 0.5},
              {"input_uncached": 2.0, "cache_read": 0.5, "output": 8.0})  # fmt: skip
CHAT = Cohort(1000, 900, {"small": SMALL, "large": LARGE}, {"search": Calls(500, price=0.01)})
MAIL = Cohort(400, 300, {"small": SMALL})

MOVES: dict[str, tuple[Cohort, set[str], set[str]]] = {
    # what changed of CHAT; what moves its cost per success; what moves its total cost
    "nothing": (CHAT, set(), set()),
    "volume": (scaled(CHAT, 3), set(), {"volume"}),
    "success": (replace(CHAT, successes=600), {"success_rate"}, set()),
    "price": (
        replace(CHAT, models={"small": SMALL, "large": replace(LARGE, price={
            "input_uncached": 3.0, "cache_read": 0.75, "output": 12.0})}),
        {"price"}, {"price"},
    ),
    "tool price": (
        replace(CHAT, tools={"search": Calls(500, price=0.02)}), {"tool_price"}, {"tool_price"},
    ),
    "searches": (
        replace(CHAT, tools={"search": Calls(900, price=0.01)}), {"tool_calls"}, {"tool_calls"},
    ),
    "colder cache": (
        replace(CHAT, models={"small": SMALL, "large": replace(LARGE, tokens={
            "input_uncached": 3.5, "cache_read": 0.5, "output": 0.5})}),
        {"cache_mix"}, {"cache_mix"},
    ),
    "longer prompts": (
        replace(CHAT, models={"small": SMALL, "large": replace(LARGE, tokens={
            "input_uncached": 4, "cache_read": 4, "output": 1})}),
        {"tokens_per_call"}, {"tokens_per_call"},
    ),
    "another tool": (
        replace(CHAT, tools={"search": Calls(500, price=0.01), "crm": Calls(1, price=0.5)}),
        {"entry_exit"}, {"entry_exit"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_one_thing_that_changes_moves_its_own_bar_and_no_other(
    bridge_sql: tuple[str, str], move: str
) -> None:
    changed, per_success, of_total = MOVES[move]
    found = bridge(bridge_sql, {"acme": ({"chat": CHAT}, {"chat": changed})})
    for measure, expected in (("cost_per_success", per_success), ("total_cost", of_total)):
        assert {d for d, e in found["acme", measure].items() if e} == expected, measure


def test_a_deeper_loop_and_a_warmer_response_cache_are_told_apart(
    bridge_sql: tuple[str, str],
) -> None:
    """Twice the calls, half of which the gateway answers: what reaches the provider is the same."""
    base = replace(CHAT, models={"small": replace(SMALL, calls=2500, cached=0)})
    looped = replace(CHAT, models={"small": replace(SMALL, calls=5000, cached=2500)})
    found = bridge(bridge_sql, {"acme": ({"chat": base}, {"chat": looped})})
    effects = found["acme", "total_cost"]
    assert {d for d, e in effects.items() if e} == {"loops", "response_cache"}
    assert effects["loops"] == -effects["response_cache"] > 0


def test_more_of_the_dearer_feature_is_task_mix_and_a_switch_of_model_is_model_mix(
    bridge_sql: tuple[str, str],
) -> None:
    before = {"chat": CHAT, "mail": MAIL}
    found = bridge(bridge_sql, {"acme": (before, before | {"mail": scaled(MAIL, 4)})})
    effects = found["acme", "cost_per_success"]
    assert {d for d, e in effects.items() if e} == {"task_mix"}
    swapped = replace(CHAT, models={
        "small": replace(SMALL, calls=1500, cached=500,
                         tokens={c: n * 0.4 for c, n in SMALL.tokens.items()}),
        "large": replace(LARGE, calls=2500, tokens={c: n * 2.5 for c, n in LARGE.tokens.items()}),
    })  # fmt: skip
    found = bridge(bridge_sql, {"acme": ({"chat": CHAT}, {"chat": swapped})})
    assert {d for d, e in found["acme", "total_cost"].items() if e} == {"model_mix"}


def test_a_bridge_read_backwards_has_the_other_sign(bridge_sql: tuple[str, str]) -> None:
    there = bridge(bridge_sql, {"acme": ({"chat": CHAT}, DEARER | {"chat": MAIL})})
    back = bridge(bridge_sql, {"acme": (DEARER | {"chat": MAIL}, {"chat": CHAT})})
    for key, effects in there.items():
        for driver, effect in effects.items():
            assert abs(effect + back[key][driver]) <= Decimal("2e-9")


def test_shapley_values_agree_within_two_percent_of_the_change(
    bridge_sql: tuple[str, str],
) -> None:
    """Every order of the factors, averaged: another fair split of the same change."""
    after = replace(
        CHAT, tasks=1200, successes=960, tools={"search": Calls(800, price=0.012)},
        models={
            "small": replace(SMALL, calls=3600, tokens={
                "input_uncached": 9, "cache_read": 6, "output": 2.2}),
            "large": replace(LARGE, calls=1500, tokens={
                "input_uncached": 4, "cache_read": 2.5, "output": 0.9}),
        },
    )  # fmt: skip
    effects = bridge(bridge_sql, {"acme": ({"chat": CHAT}, {"chat": after})})
    values = shapley(CHAT, after)
    change = sum(values.values())
    found = effects["acme", "cost_per_success"]
    assert abs(float(sum(found.values())) - change) < 2e-9
    for driver, value in values.items():
        assert abs(float(found[driver]) - value) < 0.02 * abs(change), driver
