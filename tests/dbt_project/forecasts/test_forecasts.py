"""From days to forecasts: a company whose weeks are alike, and what is planned or missing in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project.forecasts.conftest import computed

FIRST = date(2026, 8, 3)
"""A Monday."""

DAYS = 40
MOST_MADE = FIRST + timedelta(days=DAYS - 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def usual(number: int, feature: str = "chat") -> Decimal:
    """Chat spends ten dollars a working day and four on others, mail a tenth of that."""
    return Decimal(10 if number % 7 < 5 else 4) * (1 if feature == "chat" else Decimal("0.1"))


def built(
    models: dict[str, Any],
    changed: Mapping[tuple[int, str], Decimal | None],
    query: str,
    events: str = "",
    last_hour: datetime | None = None,
) -> list[tuple[Any, ...]]:
    """A query after forecasts of days that are usual but for some.

    Args:
        changed: spend by (day, feature); None: no row, nobody was seen.
        events: planned events as rows of SQL values.
        last_hour: of which there are calls; the last of the last day.
    """
    rows = [
        {"utc_day": day(n), "feature": feature, "tenant_id": "acme", "estimate_usd": usd}
        for n in range(DAYS)
        for feature in ("chat", "mail")
        if (usd := changed.get((n, feature), usual(n, feature))) is not None
    ]
    last_hour = last_hour or datetime.combine(MOST_MADE, datetime.min.time()) + timedelta(hours=23)
    return computed(models, rows, last_hour, events, query)


BY_DAY = (
    "select period_start, forecast_usd, low_usd, high_usd from reports.rpt_forecast"
    " where scope = 'feature' and member = 'chat' and period_grain = 'day' order by 1"
)


def test_weeks_that_are_alike_go_on_as_they_were(models: dict[str, Any]) -> None:
    """No forecast is old enough yet to tell how far off one of more than four weeks is."""
    found = built(models, {}, BY_DAY)
    expected = [usual(n) for n in range(DAYS, DAYS + 30)]
    assert found[:28] == [(day(DAYS + i), usd, usd, usd) for i, usd in enumerate(expected[:28])]
    assert [row[1:] for row in found[28:]] == [(usd, None, None) for usd in expected[28:]]


def test_the_month_holds_what_was_spent_of_it_and_features_sum_to_the_company(
    models: dict[str, Any],
) -> None:
    """Made on Friday the 11th of September: 12 days of it, and 18 to come."""
    assert date(2026, 9, 11) == MOST_MADE
    month = sum(usual(n) for n in range(29, 59))
    next_30 = sum(usual(n) for n in range(DAYS, DAYS + 30))
    assert built(
        models, {}, "select scope, member, period_grain, forecast_usd, method, backtest_error"
        " from reports.rpt_forecast where period_grain <> 'day' order by all",
    ) == [
        (scope, member, grain, usd * part, "naive", 0)
        for scope, member, part in (
            ("company", "all", Decimal("1.1")), ("feature", "chat", 1),
            ("feature", "mail", Decimal("0.1")), ("tenant", "acme", Decimal("1.1")),
        )
        for grain, usd in (("30_days", next_30), ("month", month))
    ]  # fmt: skip


def test_a_day_that_is_not_over_is_not_forecast_from(models: dict[str, Any]) -> None:
    noon = datetime.combine(MOST_MADE, datetime.min.time()) + timedelta(hours=12)
    found = built(models, {(DAYS - 1, "chat"): Decimal(1)}, BY_DAY, last_hour=noon)
    assert found[0][:2] == (MOST_MADE, usual(DAYS - 1))


def test_a_day_without_calls_of_one_is_nothing_and_of_everybody_unknown(
    models: dict[str, Any],
) -> None:
    query = (
        "select forecast_usd from reports.rpt_forecast where scope = 'feature' and member = 'chat'"
        f" and period_grain = 'day' and period_start = date '{day(DAYS + 6)}'"
    )
    monthless = {(DAYS - 1, "chat"): None}
    nobody = monthless | {(DAYS - 1, "mail"): None}
    ((of_one,),) = built(models, monthless, query)
    ((of_all,),) = built(models, nobody, query)
    assert of_one < of_all == usual(DAYS - 1)


def test_what_an_event_added_before_is_learned_and_is_no_part_of_what_is_usual(
    models: dict[str, Any],
) -> None:
    """Planned to double spend, five days of it tripled it: next time 2 + (5 / 7) x 1."""
    first, again = day(21), day(DAYS + 3)
    events = (
        f"('sale', null, 2, timestamp '{first}', timestamp '{day(26)}'),"
        f"('sale', null, 2, timestamp '{again}', timestamp '{day(DAYS + 4)}')"
    )
    tripled = {(n, f): 3 * usual(n, f) for n in range(21, 26) for f in ("chat", "mail")}
    found = built(models, tripled, BY_DAY, events)
    usd = usual(DAYS + 3)
    assert found[3][1] == pytest.approx(usd * (1 + Decimal(12) / 7), abs=Decimal("1e-6"))
    assert [row[1] for row in found[4:]] == [usual(n) for n in range(DAYS + 4, DAYS + 30)]
    # a seventh of what was planned to come on top may be missed
    assert found[3][1] - found[3][2] == pytest.approx(usd / 7, abs=Decimal("1e-5"))


def test_an_event_that_never_was_is_forecast_as_planned(models: dict[str, Any]) -> None:
    """Half of what the plan adds may be missed, or come on top."""
    events = f"('fair', null, 3, timestamp '{day(DAYS)}', timestamp '{day(DAYS + 1)}')"
    usd = usual(DAYS)
    assert built(models, {}, BY_DAY, events)[0] == (day(DAYS), 3 * usd, 2 * usd, 4 * usd)


def test_what_one_feature_plans_the_company_gets_and_its_past_is_not_usual(
    models: dict[str, Any],
) -> None:
    """Chat launches abroad: nine dollars a day more are forecast of both, none of mail."""
    events = (
        f"('abroad', 'chat', 1.9, timestamp '{day(30)}', timestamp '{day(32)}'),"
        f"('abroad', 'chat', 1.9, timestamp '{day(DAYS + 2)}', timestamp '{day(DAYS + 3)}')"
    )
    planned = {(n, "chat"): usual(n) * Decimal("1.9") for n in (30, 31)}
    found = built(
        models, planned, "select scope, member, forecast_usd from reports.rpt_forecast"
        f" where period_grain = 'day' and period_start = date '{day(DAYS + 2)}' order by all",
        events,
    )  # fmt: skip
    more = usual(DAYS + 2) * Decimal("0.9")
    assert found == [
        ("company", "all", usual(DAYS + 2) * Decimal("1.1") + more),
        ("feature", "chat", usual(DAYS + 2) + more),
        ("feature", "mail", usual(DAYS + 2, "mail")),
        ("tenant", "acme", usual(DAYS + 2) * Decimal("1.1")),
    ]


def test_a_forecast_does_not_change_when_later_days_do(models: dict[str, Any]) -> None:
    query = f"from marts.fct_forecasts where made_on < date '{day(30)}' order by all"
    noisy = {(n, "chat"): usual(n) + Decimal(n * 37 % 11) / 7 for n in range(DAYS)}
    later = noisy | {(n, "chat"): Decimal(99) for n in range(30, DAYS)}
    before = built(models, noisy, query)
    assert before
    assert before == built(models, later, query)
