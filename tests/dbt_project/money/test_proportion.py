"""A part's share of a sum of money, against exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import trunc

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from tests.support.warehouse import PROJECT

PROPORTION = str(
    Environment(autoescape=False)  # noqa: S701 - SQL, shown by no browser
    .from_string((PROJECT / "macros" / "money" / "proportion.sql").read_text())
    .module.proportion("total", "part", "whole")  # type: ignore[attr-defined]
)

TRILLION = 10**24
"""Units of 10^-12 dollars."""

totals = st.one_of(st.integers(-(10**6), 10**6), st.integers(-TRILLION + 1, TRILLION - 1))
wholes = st.one_of(st.integers(1, 9), st.integers(1, 8 * 10**25))


def proportion(total: int, part: int, whole: int | None) -> Decimal | None:
    """What the macro makes of them, `total` in units."""
    with duckdb.connect() as con:
        (row,) = con.execute(
            f"select {PROPORTION} from (select cast($total as decimal(28, 12)) as total,"
            " cast($part as hugeint) as part, cast($whole as hugeint) as whole)",
            {"total": Decimal(total).scaleb(-12), "part": part, "whole": whole},
        ).fetchall()
    share: Decimal | None = row[0]
    return share


@settings(max_examples=200, deadline=None)
@given(total=totals, shares=st.tuples(wholes, wholes), sign=st.sampled_from((-1, 1)))
@example(total=TRILLION - 1, shares=(8 * 10**25, 8 * 10**25), sign=-1)
def test_a_share_is_exact_and_cut_towards_zero(
    total: int, shares: Sequence[int], sign: int
) -> None:
    part, whole = sorted(shares)
    exact = Fraction(total * part * sign, whole)
    assert proportion(total, part * sign, whole) == Decimal(trunc(exact)).scaleb(-12)


@pytest.mark.parametrize("whole", [0, None])
def test_of_nothing_a_share_is_unknown(whole: int | None) -> None:
    assert proportion(5, 1, whole) is None


def test_a_third_of_a_dollar_has_twelve_digits() -> None:
    assert proportion(10**12, 1, 3) == Decimal("0.333333333333")
    assert proportion(-(10**12), 2, 3) == Decimal("-0.666666666666")
