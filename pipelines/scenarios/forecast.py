"""`outlay forecast`: the next 30 days as they are forecast, and under another course of things.

A forecast is tasks x calls of a task x tokens of a call x their price (`rpt_forecast_drivers`); a
scenario multiplies some of these. Calls of past days under other models or prices: `outlay whatif`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ingest.errors import OutlayError, nearest
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

DRIVERS = ("tasks", "loops", "tokens", "price")
"""What a scenario may multiply: tasks, calls of a task, tokens of a call, the price of a token."""

_NANO = Decimal("1e-9")
_WRITTEN = re.compile(r"([+-]\d+(?:\.\d+)?)\s?%|(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Scenario:
    """What is to be different.

    Attributes:
        factors: by driver, what multiplies it.
        feature: of one feature alone; None: of everybody.
        is_announced: prices that are announced count.
    """

    factors: Mapping[str, Decimal] = field(default_factory=dict)
    feature: str | None = None
    is_announced: bool = False

    @property
    def factor(self) -> Decimal:
        """What multiplies spend: the drivers are factors of it."""
        made = Decimal(1)
        for one in self.factors.values():
            made *= one
        return made


@dataclass(frozen=True)
class ForecastLine:
    """One member's next 30 days.

    Attributes:
        low_usd, high_usd: 80 % interval of the forecast; None before earlier ones can tell.
        announced_usd: what announced prices add; in the scenario only where it asks for them.
        scenario_usd: the forecast under the scenario, with its interval scaled alike.
        difference_usd: that less the forecast.
    """

    scope: str
    member: str
    first_day: date
    forecast_usd: Decimal
    low_usd: Decimal | None
    high_usd: Decimal | None
    announced_usd: Decimal | None
    next_price_on: date | None
    scenario_usd: Decimal
    scenario_low_usd: Decimal | None
    scenario_high_usd: Decimal | None
    difference_usd: Decimal


def parse_factor(option: str, written: str) -> Decimal:
    """Read `+20%`, `-10%`, or a factor as `1.2`.

    Raises:
        OutlayError: it is none, or nothing at all would be left.
    """
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        raise OutlayError(f"{option}: {written!r} is no change: write +20%, -10% or 1.2")
    percent, factor = found.groups()
    made = 1 + Decimal(percent) / 100 if percent else Decimal(factor)
    if not 0 < made <= 1000:
        raise OutlayError(f"{option}: {written!r} leaves nothing, or too much, to forecast")
    return made


def forecast_under(workspace: Workspace, scenario: Scenario) -> Sequence[ForecastLine]:
    """The next 30 days of the company, features and tenants, and under the scenario.

    Of a scenario of one feature, that feature and the company alone: nobody knows which tenants
    a change of a feature reaches.

    Raises:
        NothingPublishedError: no run has published yet.
        OutlayError: nothing is forecast yet, or not the feature.
    """
    with open_showback(workspace) as con:
        rows = con.execute(
            "select scope, member, period_start, forecasts.forecast_usd, low_usd, high_usd,"
            " announced_usd, next_price_on"
            " from reports.rpt_forecast as forecasts"
            " left join reports.rpt_forecast_drivers as drivers using (scope, member)"
            " where period_grain = '30_days'"
            " order by scope <> 'company', scope, forecasts.forecast_usd desc, member"
        ).fetchall()
    if not rows:
        raise OutlayError(
            "nothing is forecast yet: two weeks of calls are needed, and `outlay run`"
        )
    if scenario.feature is None:
        return [_line(row, *_moved(row, scenario)) for row in rows]
    features = {row[1]: row for row in rows if row[0] == "feature"}
    own = features.get(scenario.feature)
    if own is None:
        hint = nearest(scenario.feature, sorted(features))
        raise OutlayError(f"feature {scenario.feature!r} is not forecast{hint}")
    factor, added = _moved(own, scenario)
    difference = own[3] * (factor - 1) + added
    whole = [row for row in rows if row[0] == "company"]
    return [*(_line(row, Decimal(1), difference) for row in whole), _line(own, factor, added)]


def _moved(row: Sequence[Any], scenario: Scenario) -> tuple[Decimal, Decimal]:
    """What multiplies a member's forecast, and what announced prices add to that."""
    factor = scenario.factor
    announced = (row[6] or Decimal(0)) * factor if scenario.is_announced else Decimal(0)
    return factor, announced


def _line(row: Sequence[Any], factor: Decimal, added: Decimal) -> ForecastLine:
    scope, member, first, usd, low, high, announced, next_price_on = row
    made = (usd * factor + added).quantize(_NANO)
    # what moves the middle moves both ends alike
    scale = made / usd if usd else Decimal(1)
    ends = [None if end is None else (end * scale).quantize(_NANO) for end in (low, high)]
    return ForecastLine(
        scope, member, first, usd, low, high, announced, next_price_on, made, ends[0], ends[1],
        made - usd,
    )  # fmt: skip
