"""What must hold of every allocation, whatever was billed: the models' own SQL on any month."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.compiled import Models

MODELS = (
    "int_tie_out_sides", "int_tie_out_cells", "int_tie_out_parts", "int_tie_out_day_shifts",
    "fct_tie_out_cells", "int_allocation_cells", "fct_allocations", "int_showback_direct",
    "int_showback_transfers", "int_allocation_drivers", "int_pools", "int_pool_members",
    "int_pool_receivers", "fct_showback",
)  # fmt: skip

DAYS = (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 20))
NAMES = (None, "a", "b", "c")
UNIT = Fraction(1, 10**12)

usd = st.one_of(st.decimals("-50", "50", places=12), st.integers(-(10**11), 10**11).map(Decimal))
name = st.sampled_from(NAMES)
charge = st.tuples(
    st.sampled_from(DAYS), st.sampled_from(("p", "q")), st.sampled_from(("m", "n", None)),
    st.sampled_from(("usage", "usage", "tax", "credit", "idle commitment")),
    st.sampled_from((None, None, 2, 3, 4)), usd,
)  # fmt: skip
usage = st.tuples(
    st.sampled_from(DAYS), st.sampled_from(("p", "q")), st.sampled_from(("m", "n")),
    name, name, name, st.integers(0, 9), st.integers(0, 10**6),
    st.one_of(st.none(), st.decimals(0, 50, places=9), st.integers(0, 10**11).map(Decimal)),
)  # fmt: skip
rule = st.one_of(
    st.tuples(st.just("proportional"), st.sampled_from(("charge", "provider_charge"))),
    st.tuples(st.sampled_from(("even", "fixed")),
              st.sampled_from(("feature", "tenant", "team", "cost_centre"))),
    st.tuples(st.just("driver"), st.sampled_from(("calls", "tokens"))),
    st.tuples(st.just("none"), st.just("")),
)  # fmt: skip
month = st.fixed_dictionaries(
    {
        "charges": st.lists(charge, min_size=1, max_size=10),
        "usage": st.lists(usage, max_size=10),
        "rules": st.tuples(rule, rule, rule),
        # list cost per dollar billed; 0 is what some exports write for unknown
        "list": st.sampled_from(("1", "1.142857142857", "0.333333333333", "0")).map(Decimal),
    }
)
Month = dict[str, Any]

CLASSES = (
    "input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other",
    "input_audio", "output", "output_audio",
)  # fmt: skip
USAGE_CLASSES = "".join(f", priced_{c}_tokens bigint, {c}_usd decimal(28, 9)" for c in CLASSES)

SHARES = [{"member": "a", "weight": 33_333_333}, {"member": "zed", "weight": 66_666_667}]
ORG = (
    ("feature", "a", date(1970, 1, 1), date(2026, 10, 15), "b", "x"),
    ("feature", "a", date(2026, 10, 15), date(9999, 12, 31), "c", "y"),
    ("team", "b", date(1970, 1, 1), date(9999, 12, 31), None, "x"),
    ("team", "c", date(1970, 1, 1), date(9999, 12, 31), None, "y"),
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(tmp_path_factory.mktemp("compiled"), MODELS)


def built(models: Models, month: Month) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of both marts, sorted."""
    con = models.build(tables(month))
    return {
        name: con.execute(f"from marts.{name} order by all").fetchall()
        for name in ("fct_allocations", "fct_showback")
    }


def tables(month: Month) -> dict[str, tuple[str, list[tuple[Any, ...]]]]:
    rules = [
        (line, f"pool {line}", method, basis, SHARES if method == "fixed" else [])
        for line, (method, basis) in zip((2, 3, 4), month["rules"], strict=True)
    ]
    return {
        "marts.fct_charges_daily": (
            "utc_day date, provider varchar, model_id varchar, line varchar,"
            " allocation_rule bigint, charge_usd decimal(28, 12), allocation_pool varchar,"
            " charge_category varchar, list_usd decimal(28, 12), charge_lines bigint,"
            " sub_account_id varchar, token_class varchar, tokens decimal(28, 9),"
            " is_model_known boolean",
            [(*row, f"pool {row[4]}" if row[4] else None, "x", row[5] * month.get("list", 1), 1,
              None, None, None, True) for row in month["charges"]],
        ),
        "marts.fct_usage_daily": (
            "utc_day date, provider varchar, model_id varchar, feature varchar, tenant_id varchar,"
            " team_tag varchar, calls bigint, billable_input_tokens bigint,"
            " estimate_usd decimal(28, 9), billable_output_tokens bigint, sub_account_id varchar,"
            " unpriced_calls bigint, unpriced_input_tokens bigint, unpriced_output_tokens bigint"
            + USAGE_CLASSES,
            [(*row, None, None, 0, 0, 0, *(5, row[8]), *(0, 0) * 7) for row in month["usage"]],
        ),
        "marts.fct_provider_usage": (
            "utc_day date, provider varchar, model_id varchar, is_breakdown boolean,"
            " sub_account_id varchar" + "".join(f", {c}_tokens bigint" for c in CLASSES), [],
        ),
        "marts.fct_cache_transfers": (
            "utc_day date, provider varchar, is_settled boolean, from_feature varchar,"
            " from_tenant_id varchar, from_team_tag varchar, to_feature varchar,"
            " to_tenant_id varchar, to_team_tag varchar, transfer_usd decimal(28, 12)", [],
        ),
        "marts.fct_tool_usage_daily": (
            "utc_day date, tool_name varchar, feature varchar, tenant_id varchar, team_tag varchar,"
            " answered_calls bigint", [],
        ),
        "marts.fct_tasks": (
            "closed_date date, status varchar, feature varchar, tenant_id varchar,"
            " team_tag varchar", []
        ),
        "marts.dim_org": (
            "kind varchar, name varchar, valid_from date, valid_to date, team varchar,"
            " cost_centre varchar", list(ORG),
        ),
        "staging.stg_workspace__allocation_rules": (
            "line bigint, pool varchar, method varchar, basis varchar,"
            " shares struct(member varchar, weight bigint)[]", rules,
        ),
    }  # fmt: skip


def summed(rows: list[tuple[Any, ...]], *keys: int, of: int = -1) -> dict[tuple[Any, ...], Decimal]:
    """Sums of a column by others; what sums to nothing is left out."""
    sums: dict[tuple[Any, ...], Decimal] = {}
    for row in rows:
        key = tuple(row[k] for k in keys)
        sums[key] = sums.get(key, Decimal(0)) + row[of]
    return {key: total for key, total in sums.items() if total}


@settings(max_examples=30, deadline=None)
@given(month=month)
def test_every_dollar_is_allocated_once_by_provider_model_and_day_and_again_by_month_and_line(
    models: Models, month: Month
) -> None:
    found = built(models, month)
    billed = summed(month["charges"], 0, 1, 2)
    # utc_day, month, provider, model_id ...
    assert summed(found["fct_allocations"], 0, 2, 3) == billed
    by_pool = summed(
        [(r[0].replace(day=1), r[1], f"pool {r[4]}" if r[4] else None, r[5])
         for r in month["charges"]], 0, 1, 2,
    )  # fmt: skip
    assert summed(found["fct_showback"], 0, 5, 7) == by_pool


def test_a_discounted_line_without_calls_stays_whole_to_its_last_decimal(models: Models) -> None:
    """List 0.0371283946 less 0.0046410493; and twelve decimals that no product of nine has."""
    for charge, listed in (("0.0324873453", "0.0371283946"), ("0.123456789012", "7")):
        con = models.build(tables({
            "charges": [(DAYS[1], "p", "m", "usage", None, Decimal(charge))],
            "usage": [], "rules": (("none", ""),) * 3,
            "list": Decimal(listed) / Decimal(charge),
        }))  # fmt: skip
        found = con.execute("select line, charge_usd from marts.fct_allocations").fetchall()
        assert found == [("no matching calls", Decimal(charge))]


@settings(max_examples=15, deadline=None)
@given(month=month, seed=st.integers())
def test_the_order_of_rows_changes_no_byte(models: Models, month: Month, seed: int) -> None:
    shuffled = {
        "charges": random.Random(seed).sample(month["charges"], len(month["charges"])),
        "usage": random.Random(seed).sample(month["usage"], len(month["usage"])),
        "rules": month["rules"],
        "list": month["list"],
    }
    assert built(models, shuffled) == built(models, month)


@settings(max_examples=15, deadline=None)
@given(month=month)
def test_a_share_of_a_pool_has_its_sign_and_goes_to_nobody_without_a_weight(
    models: Models, month: Month
) -> None:
    con = models.build(tables(month))
    pools = {
        row[:3]: row[3] for row in con.execute(
            "select month, provider, allocation_rule, charge_usd from intermediate.int_pools"
            " where line = 'shared cost'"
        ).fetchall()
    }  # fmt: skip
    rows = con.execute("from marts.fct_showback where line = 'shared cost'").fetchall()
    for row in rows:
        assert row[-1] * pools[row[0], row[5], int(row[7][-1])] >= 0
    charged = set(con.execute(
        "select month, cost_centre, team, feature, tenant_id from marts.fct_showback"
        " where line = 'usage' group by all having sum(charge_usd) > 0"
    ).fetchall())  # fmt: skip
    methods = dict(zip((2, 3, 4), month["rules"], strict=True))
    for row in rows:
        method, basis = methods[int(row[7][-1])]
        if method in ("proportional", "even") and any(row[1:5]):
            assert row[:5] in charged, basis


@settings(max_examples=15, deadline=None)
@given(pool=st.integers(-(10**13), 10**13), costs=st.lists(st.integers(0, 10**9), min_size=1,
       max_size=6))  # fmt: skip
def test_a_proportional_share_is_within_a_unit_of_its_exact_value(
    models: Models, pool: int, costs: list[int]
) -> None:
    day = DAYS[1]
    total = sum(costs)
    found = models.build(tables({
        "charges": [
            (day, "v", None, "usage", 2, Decimal(pool).scaleb(-12)),
            (day, "p", "m", "usage", None, Decimal(total).scaleb(-9)),
        ],
        "usage": [
            (day, "p", "m", f"f{n}", None, None, 1, 1, Decimal(cost).scaleb(-9))
            for n, cost in enumerate(costs)
        ],
        "rules": (("proportional", "charge"),) * 3,
    })).execute(
        "select feature, charge_usd from marts.fct_showback where pool is not null"
    ).fetchall()  # fmt: skip
    assert sum(share for _, share in found) == Decimal(pool).scaleb(-12)
    if not total:
        assert [feature for feature, _ in found] == [None]
        return
    for feature, share in found:
        exact = Fraction(pool, 10**12) * Fraction(costs[int(feature[1:])], total)
        assert abs(Fraction(share) - exact) < UNIT
    assert {feature for feature, share in found if share} <= {
        f"f{n}" for n, cost in enumerate(costs) if cost
    }


def month_of(*usage: tuple[str | None, str | None, str], pool: str, rule: tuple[str, str]) -> Month:
    """A month with one pool; usage is feature, tenant, dollars that were also billed."""
    day = DAYS[1]
    return {
        "charges": [(day, "v", None, "usage", 2, Decimal(pool)), *(
            (day, "p", f"m{n}", "usage", None, Decimal(cost)) for n, (_, _, cost) in
            enumerate(usage)
        )],
        "usage": [
            (day, "p", f"m{n}", feature, tenant, None, 1, 1, abs(Decimal(cost)))
            for n, (feature, tenant, cost) in enumerate(usage)
        ],
        "rules": (rule, ("none", ""), ("none", "")),
    }  # fmt: skip


def shared(models: Models, month: Month) -> list[tuple[Any, ...]]:
    return models.build(tables(month)).execute(
        "select feature, tenant_id, charge_usd from marts.fct_showback where pool is not null"
        " order by all"
    ).fetchall()  # fmt: skip


@pytest.mark.parametrize("backwards", [False, True])
def test_the_unit_that_is_left_goes_to_the_first_by_name_of_equals(
    models: Models, backwards: bool
) -> None:
    usage = [("f", tenant, "1") for tenant in ("x", "y", "z")]
    month = month_of(*usage[:: -1 if backwards else 1], pool="1", rule=("proportional", "charge"))
    third = Decimal("0.333333333333")
    assert shared(models, month) == [
        ("f", "x", third + Decimal("0.000000000001")), ("f", "y", third), ("f", "z", third),
    ]  # fmt: skip


@pytest.mark.parametrize("rule", [("proportional", "charge"), ("even", "tenant")])
def test_who_got_more_back_than_was_charged_bears_nothing(
    models: Models, rule: tuple[str, str]
) -> None:
    month = month_of(("f", "x", "-4"), ("f", "y", "5"), pool="2", rule=rule)
    assert shared(models, month) == [("f", "y", Decimal(2))]


def test_a_fixed_share_of_a_feature_without_a_charge_goes_to_its_team_at_the_end_of_the_month(
    models: Models,
) -> None:
    """Of the shares a 33.333333, zed 66.666667; a moves from team b to c on 15 October."""
    month = month_of(("other", "x", "5"), pool="3", rule=("fixed", "feature"))
    found = models.build(tables(month)).execute(
        "select feature, tenant_id, team, cost_centre, charge_usd from marts.fct_showback"
        " where pool is not null order by all"
    ).fetchall()  # fmt: skip
    assert found == [
        ("a", None, "c", "y", Decimal("0.99999999")),
        ("zed", None, None, None, Decimal("2.00000001")),
    ]
