"""The one split of money, against exact fractions: the invariants of an allocation."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from tests.support.warehouse import PROJECT

SPLIT = str(
    Environment(autoescape=False)  # noqa: S701 - SQL, shown by no browser
    .from_string((PROJECT / "macros" / "money" / "largest_remainder.sql").read_text())
    .module.largest_remainder("parts", ["whole"], ["key"])  # type: ignore[attr-defined]
)

Weights = dict[str | None, int]

units = st.one_of(
    st.integers(-(10**6), 10**6),
    st.integers(-(10**14), 10**14),
    st.integers(-(10**24) + 1, 10**24 - 1),  # a trillion dollars
)
weights = st.dictionaries(
    st.one_of(st.none(), st.text("abc", max_size=3)),
    st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 10**24)),
    min_size=1, max_size=8,
).filter(lambda found: sum(found.values()) > 0)  # fmt: skip


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def money(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-12)


def split(
    con: duckdb.DuckDBPyConnection,
    wholes: dict[str, tuple[int, Weights]],
    *,
    backwards: bool = False,
) -> dict[str, dict[str | None, int]]:
    """Units that every part of some wholes gets."""
    rows: list[tuple[Any, ...]] = [
        (name, key, money(amount), weight)
        for name, (amount, parts) in wholes.items()
        for key, weight in parts.items()
    ]
    con.execute("create or replace temp table parts (whole varchar, key varchar,"
                " amount_usd decimal(28, 12), weight hugeint)")  # fmt: skip
    con.executemany("insert into parts values (?, ?, ?, ?)", rows[:: -1 if backwards else 1])
    found: dict[str, dict[str | None, int]] = {}
    for name, key, share in con.execute(f"select whole, key, share_usd from {SPLIT}").fetchall():
        found.setdefault(name, {})[key] = int(share.scaleb(12))
    return found


@settings(max_examples=150, deadline=None)
@given(amount=units, parts=weights)
def test_parts_sum_to_the_whole_within_a_unit_of_their_exact_share_and_with_its_sign(
    con: duckdb.DuckDBPyConnection, amount: int, parts: Weights
) -> None:
    shares = split(con, {"w": (amount, parts)})["w"]
    assert sum(shares.values()) == amount
    total = sum(parts.values())
    for key, weight in parts.items():
        assert abs(shares[key] - Fraction(amount * weight, total)) < 1
        assert shares[key] * amount >= 0
        assert weight > 0 or shares[key] == 0
    missed = {key: abs(amount) * weight % total for key, weight in parts.items()}
    rounded_up = {key for key in parts if abs(shares[key]) * total > abs(amount) * parts[key]}
    assert (
        min((missed[key] for key in rounded_up), default=0)
        >= max((missed[key] for key in parts if key not in rounded_up and missed[key]), default=0)
        or not rounded_up
    )


@settings(max_examples=60, deadline=None)
@given(one=st.tuples(units, weights), other=st.tuples(units, weights))
def test_the_order_of_rows_and_other_wholes_change_no_unit(
    con: duckdb.DuckDBPyConnection, one: tuple[int, Weights], other: tuple[int, Weights]
) -> None:
    together = split(con, {"one": one, "other": other})
    assert split(con, {"other": other, "one": one}, backwards=True) == together
    assert split(con, {"one": one})["one"] == together["one"]


@settings(max_examples=60, deadline=None)
@given(amount=units, parts=weights)
def test_a_negative_whole_is_the_mirror_of_the_positive_one(
    con: duckdb.DuckDBPyConnection, amount: int, parts: Weights
) -> None:
    found = split(con, {"w": (amount, parts), "-w": (-amount, parts)})
    assert found["-w"] == {key: -share for key, share in found["w"].items()}


@settings(max_examples=100, deadline=None)
@given(parts=weights, newcomer=st.integers(1, 10**6), rate=st.integers(0, 10**30))
def test_a_newcomer_who_brings_his_own_share_moves_nobody_else_by_more_than_a_unit(
    con: duckdb.DuckDBPyConnection, parts: Weights, newcomer: int, rate: int
) -> None:
    """The pool grows by what the newcomer costs, so the others' exact shares stay."""
    total = sum(parts.values())
    common = gcd(total, newcomer)
    times = 1 + rate % (10**24 * common // (total + newcomer) or 1)
    before, after = times * total // common, times * (total + newcomer) // common
    found = split(con, {"b": (before, parts), "a": (after, {**parts, "new": newcomer})})
    assert all(abs(found["a"][key] - found["b"][key]) <= 1 for key in parts)


@pytest.mark.parametrize(
    ("amount", "parts", "shares"),
    [
        ("100", [1] * 7, ["14.285714285715"] * 2 + ["14.285714285714"] * 5),
        ("0.000000000010", [1, 3, 5], ["0.000000000001", "0.000000000003", "0.000000000006"]),
        # 1.4 and 0.6 units: the smaller part has the larger remainder
        ("0.000000000002", [7, 3], ["0.000000000001", "0.000000000001"]),
        ("-1", [7, 7, 7], ["-0.333333333334", "-0.333333333333", "-0.333333333333"]),
        ("397.00", [94_580, 300_000], ["95.160068934056", "301.839931065944"]),
        ("999999999999.999999999999", [1, 2],
         ["333333333333.333333333333", "666666666666.666666666666"]),
    ],
)  # fmt: skip
def test_worked_by_hand(
    con: duckdb.DuckDBPyConnection, amount: str, parts: list[int], shares: list[str]
) -> None:
    named: Weights = {f"k{number}": weight for number, weight in enumerate(parts)}
    found = split(con, {"w": (int(Decimal(amount).scaleb(12)), named)})["w"]
    assert [money(found[key]) for key in named] == [Decimal(share) for share in shares]
