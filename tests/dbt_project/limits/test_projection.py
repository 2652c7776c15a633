"""The interval of a projection: against an independent computation, then how often it holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest

from pipelines.dbt_models.plain_macros import macros
from tests.support.series import daily_spend

FIRST = date(2026, 5, 4)


def errors(series: Sequence[Sequence[float]], days_ahead: int) -> list[float]:
    """`error` of each series, by the models' own SQL."""
    made = macros("money/measures", "money/logarithms", "limits/projection")
    rows = [
        {"scope": "feature", "member": f"{number:03d}", "utc_day": FIRST + timedelta(days=day),
         "unit": "usd", "plain_quantity": usd}
        for number, one in enumerate(series) for day, usd in enumerate(one)
    ]  # fmt: skip
    with duckdb.connect() as con:
        con.register("made", pa.Table.from_pylist(rows))
        con.execute("create table days as select * replace (plain_quantity::decimal(28, 9)"
                    " as plain_quantity) from made")  # fmt: skip
        con.execute(f"create table asked as select distinct scope, member, unit,"
                    f" {days_ahead}::bigint as days_ahead from days")  # fmt: skip
        query = made.projection_errors_select("days", "asked")
        return [
            row[0] for row in con.execute(f"select error from ({query}) order by member").fetchall()
        ]


def projected(spent: Sequence[float], days_ahead: int) -> float:
    """The mean of each weekday of the last four weeks, summed over the days to come."""
    last = spent[-28:]
    return sum(sum(last[day % 7 :: 7]) / 4 for day in range(days_ahead))


@pytest.mark.parametrize("days_ahead", [1, 5, 7, 20])
def test_the_error_equals_an_independent_computation(days_ahead: int) -> None:
    spent = [round(usd, 6) for usd in daily_spend(Random(7), 120)]
    off = sorted(
        abs(math.log(sum(spent[n : n + days_ahead]) / projected(spent[:n], days_ahead)))
        for n in range(28, 120 - days_ahead + 1)
    )
    level = min(1, 0.8 * (1 + days_ahead / len(off)))
    (found,) = errors([spent], days_ahead)
    assert found == pytest.approx(off[math.ceil(level * len(off)) - 1], rel=1e-6)


def test_a_history_without_any_origin_has_no_error() -> None:
    assert errors([[1.0] * 40], 20) == []


@pytest.mark.parametrize("days_ahead", [3, 10, 20])
def test_four_in_five_intervals_hold_what_comes(days_ahead: int) -> None:
    """240 seeded series with 168 days of history: .80 is promised, few origins are careful."""
    dice = Random(f"projection {days_ahead}")
    series = [daily_spend(dice, 168 + days_ahead) for _ in range(240)]
    found = errors([one[:168] for one in series], days_ahead)
    held = sum(
        abs(math.log(sum(one[168:]) / projected(one[:168], days_ahead))) <= error
        for one, error in zip(series, found, strict=True)
    )
    assert 0.75 <= held / len(series) <= 0.93
