"""The breaker: worked by hand, then on simulated months of seeds that nothing was tuned on."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ingest.simulator.series import HOURS, Plan, simulate, usual_tasks
from pipelines.dbt_models.plain_macros import macros

FIRST = datetime(2026, 8, 17)
MONTH = 28 * 24

SEEDS = (51, 52, 53, 54, 55)
"""Looked at once, when the rule stood: its numbers come from seeds 1 to 6, 11 to 16, 21 to 24 and
31 to 35."""


@dataclass(frozen=True)
class Case:
    """One limit of one month.

    Attributes:
        name: of the limit.
        usd: spend by hour of the series, from its first hour on.
        start: first hour of the month; the 28 days before it have hours, too.
        limit_usd: of the month.
    """

    name: str
    usd: Sequence[float]
    start: int
    limit_usd: float


def rules(cases: Sequence[Case]) -> dict[str, dict[int, str]]:
    """By limit, the rule that keeps the breaker open, by hour of the month; closed hours not."""
    made = macros("money/measures", "limits/breaker")
    hours = np.concatenate([np.arange(c.start - MONTH, c.start + MONTH) for c in cases])
    usd = [np.asarray(c.usd) for c in cases]
    usual = [
        np.mean([u[np.arange(c.start - MONTH, c.start + MONTH) - 168 * k] for k in (1, 2, 3, 4)],
                axis=0)
        for u, c in zip(usd, cases, strict=True)
    ]  # fmt: skip
    each = np.repeat(np.arange(len(cases)), 2 * MONTH)
    starts = np.array([c.start for c in cases])[each]
    table = pa.table({
        "name": pa.array([cases[n].name for n in each]),
        "hour": hours, "month": starts,
        "limit_quantity": np.array([c.limit_usd for c in cases])[each],
        "actual_quantity": np.concatenate(
            [u[c.start - MONTH : c.start + MONTH] for u, c in zip(usd, cases, strict=True)]
        ),
        "usual_quantity": np.concatenate(usual),
    })  # fmt: skip
    with duckdb.connect() as con:
        con.register("made", table)
        con.execute(
            "create table hours as select name, hour >= month as in_period,"
            " timestamp '2026-08-17' + to_hours(hour) as utc_hour,"
            " timestamp '2026-08-17' + to_hours(month + 672) as period_end,"
            " limit_quantity::decimal(28, 9) as limit_quantity,"
            " actual_quantity::decimal(28, 9) as actual_quantity,"
            " usual_quantity::decimal(28, 9) as usual_quantity from made"
        )
        found: dict[str, dict[int, str]] = {case.name: {} for case in cases}
        start = {case.name: FIRST + timedelta(hours=case.start) for case in cases}
        for name, at, rule in con.execute(
            f"select name, utc_hour, rule from ({made.breaker_select('hours', ['name'])})"
            " where rule is not null order by all"
        ).fetchall():
            found[name][(at - start[name]) // timedelta(hours=1)] = rule
        return found


def flat(changed: Mapping[int, float], limit_usd: float) -> dict[int, str]:
    """The rule by hour in a month of a dollar an hour, but for some hours of it."""
    usd = [1.0] * (3 * MONTH)
    for at, amount in changed.items():
        usd[2 * MONTH + at] = amount
    return rules([Case("one", usd, 2 * MONTH, limit_usd)])["one"]


def test_a_month_as_usual_trips_nothing() -> None:
    assert flat({}, 673) == {}


def test_a_limit_that_is_reached_stays_so_until_the_month_is_over() -> None:
    assert flat({}, 600) == dict.fromkeys(range(599, 672), "cap")


def test_a_runaway_trips_in_its_second_hour_and_is_released_when_six_hours_are_calm() -> None:
    """Hours 100 to 103 cost 10. Two hours, padded by 0.71, burn (11 + .71) / (2 + .71) = 4.3 times
    what is usual in the first, above 4; six hours (15 + 1.22) / (6 + 1.22) = 2.2, above 2; of the
    limit of 900, 790 are left, half of the rest of the month is more than a week, and
    168 x 4.3 = 726 do not reach that. In the second hour two hours burn (20 + .71) / 2.71 = 7.6:
    168 x 7.6 do. Six hours are calm when all four have left them: 100 + 3 + 6 is hour 109.
    """
    found = flat(dict.fromkeys(range(100, 104), 10.0), 900)
    assert found == dict.fromkeys(range(101, 109), "burn")


def test_what_the_limit_can_bear_trips_nothing() -> None:
    """The same runaway under a limit of 5,000: a week at 7.6 dollars an hour are far from it."""
    assert flat(dict.fromkeys(range(100, 104), 10.0), 5000) == {}


def test_what_the_series_does_anyway_trips_nothing() -> None:
    """Every tenth day has two dear hours, so what is usual in them is little: they are no news."""
    usd = [10.0 if hour % 240 in (100, 101) else 1.0 for hour in range(3 * MONTH)]
    assert rules([Case("one", usd, 2 * MONTH, 900)])["one"] == {}


def test_nothing_that_comes_later_changes_the_rule_of_an_hour() -> None:
    dice = Random("later")
    usd = [dice.lognormvariate(0, 0.6) for _ in range(3 * MONTH)]
    usd[2 * MONTH + 200 : 2 * MONTH + 230] = [12.0] * 30
    limit_usd = 1.2 * sum(usd[:MONTH])
    whole = rules([Case("one", usd, 2 * MONTH, limit_usd)])["one"]
    assert "burn" in whole.values()
    for last in (200, 203, 240, 400):
        later = usd[: 2 * MONTH + last + 1]
        later += [50.0] * (3 * MONTH - len(later))
        cut = rules([Case("one", later, 2 * MONTH, limit_usd)])["one"]
        assert {h: r for h, r in cut.items() if h <= last} == {
            h: r for h, r in whole.items() if h <= last
        }


def simulated(runaway: bool) -> tuple[list[Case], dict[str, int]]:
    """Two months each of 24 series a seed under 1.25 times what is expected; when it runs away."""
    cases, starts = [], {}
    tiers = ((2.0, 0.05), (20.0, 0.1), (150.0, 0.13))
    for seed in SEEDS:
        dice = Random(f"breaker-{seed}")
        for number in range(24):
            tasks, usd = tiers[number % 3]
            plan = Plan(
                f"{seed}-{number}", tasks * dice.uniform(0.7, 1.4), usd * dice.uniform(0.7, 1.4),
                dice.choice((0, 0.01, 0.02, 0.03)), 0, HOURS, 1.0, (), [],
            )  # fmt: skip
            spent = [hour.usd for hour in simulate(plan, dice)]
            for month in (2, 3):
                start, end = MONTH * month, MONTH * (month + 1)
                expected = math.fsum(usual_tasks(plan, h) for h in range(start, end))
                at = start + dice.randrange(48, MONTH - 120)
                factor = [10 if runaway and at <= h < end else 1 for h in range(HOURS)]
                case = Case(
                    f"{plan.name}-{month}",
                    [x * y for x, y in zip(spent, factor, strict=True)],
                    start,
                    1.25 * expected * plan.usd_per_task,
                )
                cases.append(case)
                starts[case.name] = at - start
    return cases, starts


def test_clean_months_hardly_ever_trip() -> None:
    """240 months under 1.25 times what is expected: at most .02 of them."""
    cases, _ = simulated(runaway=False)
    tripped = sum(bool(found) for found in rules(cases).values())
    assert tripped / len(cases) <= 0.02


def test_a_lasting_runaway_trips_within_an_hour_as_a_median() -> None:
    """240 months in which everything costs ten times as much from some hour of them on."""
    cases, starts = simulated(runaway=True)
    delays = []
    for name, found in rules(cases).items():
        after = [hour for hour in found if hour >= starts[name]]
        assert after, name
        delays.append(after[0] - starts[name])
    assert statistics.median(delays) <= 1
    assert sorted(delays)[len(delays) * 95 // 100] <= 12


@pytest.mark.parametrize("history_days", [0, 13])
def test_a_short_history_asks_for_a_clearer_burn(history_days: int) -> None:
    """Without two weeks before it, six times what is usual is the limit, not four."""
    made = macros("money/measures", "limits/breaker")
    with duckdb.connect() as con:
        con.execute(
            "create table hours as select 'one' as name, timestamp '2026-08-01' + to_hours(h) as"
            " utc_hour, h >= $before as in_period, timestamp '2026-08-01' + to_hours($before + 672)"
            " as period_end, 700::decimal(28, 9) as limit_quantity, (case when h - $before"
            " in (60, 61) then 6.5 else 1 end)::decimal(28, 9) as actual_quantity,"
            " 1::decimal(28, 9) as usual_quantity"
            " from range(0, $before + 672) as made (h)",
            {"before": 24 * history_days},
        )
        query = (
            f"select count(*) from ({made.breaker_select('hours', ['name'])}) where rule = 'burn'"
        )
        # (13 + .71) / (2 + .71) = 5.06
        assert con.execute(query).fetchall() == [(0,)]
