"""A month with an event in it, of simulated spend on seeds that nothing was tuned on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from statistics import fmean
from typing import Any

import pytest

from ingest.simulator.series import DAYS, HOURS, Plan, simulate
from tests.dbt_project.forecasts.conftest import computed

FIRST = date(2026, 8, 17)
KNOWN_DAYS = 82
BEFORE, COMING = (40, 45), (95, 100)
"""Days of the same event: five of them before, and five within the next 30 days."""

SEEDS = range(201, 241)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def daily(seed: int, events: tuple[tuple[int, int], ...]) -> list[float]:
    """Spend by day; the event multiplies it by 1.8 to 3, of which no plan knows."""
    dice = Random(f"event-{seed}")
    plan = Plan(
        name=f"s{seed}",
        tasks_per_hour=dice.uniform(5, 150),
        usd_per_task=dice.uniform(0.05, 0.2),
        weekly_growth=dice.choice((0, 0.01, 0.02, 0.03)),
        first_hour=0,
        ramp_hour=HOURS,
        uplift=dice.uniform(1.8, 3),
        gaps=(),
        incidents=(),
        events=events,
    )
    spent = [0.0] * DAYS
    for hour in simulate(plan, dice):
        spent[hour.hour // 24] += hour.usd
    return spent


@pytest.mark.parametrize(("is_seen", "most"), [(True, 0.06), (False, 0.09)])
def test_a_month_with_an_event_is_forecast_within_a_few_percent(
    models: dict[str, Any], is_seen: bool, most: float
) -> None:
    """Planned to double spend: seen once before, or never (without the plan it errs by a fifth)."""
    held = (BEFORE, COMING) if is_seen else (COMING,)
    spent = {f"s{seed}": daily(seed, held) for seed in SEEDS}
    rows = [
        {"utc_day": day(n), "feature": name, "tenant_id": "acme",
         "estimate_usd": Decimal(f"{days[n]:.6f}")}
        for name, days in spent.items()
        for n in range(KNOWN_DAYS)
    ]  # fmt: skip
    planned = ", ".join(
        f"('sale', null, 2, timestamp '{day(first)}', timestamp '{day(end)}')"
        for first, end in held
    )
    query = (
        "select member, forecast_usd, low_usd, high_usd from reports.rpt_forecast"
        " where scope = 'feature' and period_grain = '30_days'"
    )
    last_hour = datetime.combine(day(KNOWN_DAYS - 1), time(23))
    found = computed(models, rows, last_hour, planned, query)
    assert len(found) == len(SEEDS)
    actual = {name: sum(days[KNOWN_DAYS : KNOWN_DAYS + 30]) for name, days in spent.items()}
    errors = [abs(float(usd) / actual[name] - 1) for name, usd, _, _ in found]
    assert fmean(errors) <= most
    assert fmean(float(low) <= actual[name] <= float(high) for name, _, low, high in found) >= 0.75
