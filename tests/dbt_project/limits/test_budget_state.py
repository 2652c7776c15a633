"""Where limits stand: a company that spends a dollar an hour, worked by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project.limits.conftest import States, every_hour, hour, limit

NOON = datetime(2026, 10, 11)
"""Ten whole days of October are over: 240 hours; 504 are to come."""

STEADY = [hour(at) for at in every_hour(NOON)]


def test_a_dollar_an_hour_is_spent_and_will_be(states: States) -> None:
    """Spent 240; 504 hours to come make 744; 500 are reached in hour 500: on the 21st, at 19:00."""
    assert states(
        "limit_usd, spent_usd, remaining_usd, expected_usd, projected_usd, projected_low_usd,"
        " projected_high_usd, exhausted_on, state, owner, interval_basis, pace_ratio",
        STEADY,
        [limit("feature", "chat", 500)],
    ) == [
        (500, 240, 260, 240, 744, 744, 744, date(2026, 10, 21), "projected_over", "Chat Team",
         "backtest", pytest.approx(240 / (500 * 240 / 744), abs=1e-6)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("usd", "state", "recommendation", "exhausted_on"),
    [
        (240, "over", "block", date(2026, 10, 10)),
        (744, "projected_over", "none", date(2026, 10, 31)),
        (745, "ok", "none", None),
    ],
)
def test_a_limit_is_over_when_it_is_reached_and_projected_over_when_it_will_be(
    states: States, usd: float, state: str, recommendation: str, exhausted_on: date | None
) -> None:
    found = states("state, recommendation, exhausted_on", STEADY, [limit("tenant", "acme", usd)])
    assert found == [(state, recommendation, exhausted_on)]


def test_a_passed_mark_warns_and_the_reason_can_be_read_out(states: States) -> None:
    ((state, reason),) = states(
        "state, reason",
        STEADY,
        [limit("company", "all", 750, kind="soft", warn_at=[Decimal("0.3"), Decimal("0.5")])],
    )
    assert state == "warn"
    assert reason == (
        "the company has spent $240.00 of its soft limit of $750.00 in the month from 1 October"
        " 2026. That is above 30 % of the limit; as usual it will end at $744.00 (four times in"
        " five between $744.00 and $744.00). It starts from 0 again on 1 November 2026."
    )


def test_each_period_counts_from_its_own_start(states: States) -> None:
    """As of Sunday 11 October, 00:00: Saturday is a day, Monday to Saturday six, 5 h are 5."""
    assert states(
        "period, spent_usd, projected_usd, period_start, period_end",
        STEADY,
        [limit("company", "all", 1000, period, source=period)
         for period in ("month", "week", "day", "5h")],
    ) == [
        ("5h", 5, 5, NOON - timedelta(hours=5), NOON),
        ("day", 24, 24, datetime(2026, 10, 10), NOON),
        ("month", 240, 744, datetime(2026, 10, 1), datetime(2026, 11, 1)),
        ("week", 144, 168, datetime(2026, 10, 5), datetime(2026, 10, 12)),
    ]  # fmt: skip


def test_a_planned_event_is_spent_twice_and_is_not_in_what_is_usual_after_it(
    states: States,
) -> None:
    """It doubles 20 October (24 more); that of 5 October was doubled (24 more) and is forgotten."""
    events = [
        {"feature": feature, "uplift": Decimal(2), "valid_from": datetime(2026, 10, day),
         "valid_to": datetime(2026, 10, day + 1)}
        for feature, day in (("chat", 20), (None, 5))
    ]  # fmt: skip
    doubled = [
        {**row, "estimate_usd": Decimal(2 if row["utc_day"] == date(2026, 10, 5) else 1)}
        for row in STEADY
    ]
    assert states(
        "spent_usd, projected_usd", doubled, [limit("feature", "chat", 5000)],
        planned_events=events,
    ) == [(264, 264 + 504 + 24)]  # fmt: skip


def test_calls_without_a_price_are_unknown_and_not_nothing(states: States) -> None:
    free = [hour(at, None, unpriced_calls=2, feature="mail") for at in every_hour(NOON)]
    few = [hour(at, Decimal(1), unpriced_calls=1, calls=20) for at in every_hour(NOON)]
    found = states(
        "member, state, spent_usd, remaining_usd, projected_usd, unpriced_calls",
        [*free, *few],
        [limit("feature", "mail", 500), limit("feature", "chat", 1000)],
    )
    assert found == [
        ("chat", "ok", 240, 760, 744, 240),
        ("mail", "unknown", None, None, None, 480),
    ]


def test_a_reached_limit_stays_reached_in_an_hour_without_a_price(states: States) -> None:
    *before, last = STEADY
    calls = [*before, {**last, "estimate_usd": None, "unpriced_calls": 2}]
    assert states(
        "spent_usd, state, recommendation, unknown_hours", calls, [limit("feature", "chat", 239)]
    ) == [(239, "over", "block", 1)]


def test_what_names_a_member_goes_before_each_of_them_and_budgets_are_soft_limits(
    states: States,
) -> None:
    """`*` is 900 for each tenant but acme; the budget of chat gives way to its soft limit."""
    other = [hour(at, tenant_id="beta", feature="mail", team_tag=None) for at in every_hour(NOON)]
    always = {"valid_from": datetime(1970, 1, 1), "valid_to": datetime(9999, 12, 31)}

    def budget(kind: str, name: str, usd: int) -> dict[str, Any]:
        return {"kind": kind, "name": name, "monthly_usd": Decimal(usd), "source": name, **always}

    assert states(
        "scope, member, kind, limit_usd, owner",
        [*STEADY, *other],
        [limit("tenant", "*", 900), limit("tenant", "acme", 800),
         limit("feature", "chat", 300, kind="soft")],
        budgets=[budget("feature", "chat", 400), budget("team", "Chat Team", 500),
                 budget("cost_centre", "Service", 600)],
        org_units=[{"kind": "team", "name": "Chat Team", "owner": "Ada", **always}],
    ) == [
        ("feature", "chat", "soft", 300, "Chat Team"),
        ("team", "Chat Team", "soft", 500, "Ada"),
        ("tenant", "acme", "hard", 800, "Chat Team"),
        ("tenant", "beta", "hard", 900, "Chat Team"),
    ]  # fmt: skip


def plan(unit: str, quantity: int, period: str = "month", **more: Any) -> dict[str, Any]:
    """A limit of chat in another unit than money."""
    stated = {"limit_usd": None, "unit": unit, "limit_quantity": Decimal(quantity), "source": unit}
    return limit("feature", "chat", 0, period, **stated | more)


def test_a_plan_is_used_in_its_own_unit(states: States) -> None:
    """Two calls an hour, one of them a tool's: 900 tokens in, 600 of them from a cache, 100 out.

    Of 240 hours, and of 744 by the end of the month; 250,000 tokens are reached in hour 250.
    """
    hours = [{**row, "tool_calls": 1} for row in STEADY]
    assert states(
        "unit, limit_quantity, used_quantity, projected_quantity, used_ratio, exhausted_on,"
        " state, limit_usd, spent_usd, remaining_usd, projected_usd",
        hours,
        [plan("tokens", 250_000), plan("uncached_tokens", 384_000), plan("input_tokens", 10**6),
         plan("output_tokens", 24_000), plan("requests", 480)],
    ) == [
        ("input_tokens", 10**6, 216_000, 669_600, 0.216, None, "ok", *[None] * 4),
        ("output_tokens", 24_000, 24_000, 74_400, 1, date(2026, 10, 10), "over", *[None] * 4),
        ("requests", 480, 240, 744, 0.5, date(2026, 10, 20), "projected_over", *[None] * 4),
        ("tokens", 250_000, 240_000, 744_000, 0.96, date(2026, 10, 11), "projected_over",
         *[None] * 4),
        ("uncached_tokens", 384_000, 96_000, 297_600, 0.25, None, "ok", *[None] * 4),
    ]  # fmt: skip


def test_five_hours_are_used_up_at_the_pace_of_the_newest_two(states: States) -> None:
    """1,000 tokens an hour, 4,000 in each of the newest two: 11,000 of five hours.

    An hour later the window holds 2,000 + 8,000 + 4,000 = 14,000, two hours later 17,000: a limit
    of 16,000 is reached in the hour from 01:00, one of 21,000 never, as 20,000 are the most.
    """
    *before, one, two = STEADY
    fast = {"billable_input_tokens": 3_700, "billable_output_tokens": 300}
    (found,) = states(
        "used_quantity, exhausted_at_burn, rule, reason",
        [*before, {**one, **fast}, {**two, **fast}], [plan("tokens", 16_000, "5h")],
    )  # fmt: skip
    assert found == (
        11_000, NOON + timedelta(hours=1), None,
        "feature chat has used 11,000 of its hard limit of 16,000 tokens in the last five hours."
        " At the pace of the newest two hours it is used up by 11 October, 01:00 UTC. Room comes"
        " back hour by hour.",
    )  # fmt: skip
    assert states(
        "used_quantity, exhausted_at_burn",
        [*before, {**one, **fast}, {**two, **fast}], [plan("tokens", 21_000, "5h")],
    ) == [(11_000, None)]  # fmt: skip


def test_calls_without_tokens_are_unknown_to_a_limit_of_tokens_alone(states: States) -> None:
    silent = [
        {**row, "billable_input_tokens": 0, "billable_output_tokens": 0, "unmetered_calls": 2}
        for row in STEADY
    ]
    assert states(
        "unit, used_quantity, state, uncounted_calls", silent,
        [plan("tokens", 10**6), plan("requests", 1000), limit("feature", "chat", 1000)],
    ) == [
        ("requests", 480, "projected_over", 0), ("tokens", None, "unknown", 480),
        ("usd", 240, "ok", 0),
    ]  # fmt: skip


def test_a_key_is_found_under_whichever_pseudonym_its_calls_bear(states: States) -> None:
    key = limit("api_key", "k1", 500, names=["older", "k1", "newer"])
    assert states("member, spent_usd", STEADY, [key]) == [("k1", 240)]


def test_nothing_before_today_is_known_of_a_new_feature_but_its_mean(states: States) -> None:
    """Two days of chat at a dollar: 48 spent, a dollar an hour to come; the interval is assumed."""
    new = [hour(at) for at in every_hour(NOON) if at >= NOON - timedelta(days=2)]
    old = [hour(at, feature="mail") for at in every_hour(NOON)]
    ((spent, projected, low, high, basis),) = states(
        "spent_usd, projected_usd, projected_low_usd, projected_high_usd, interval_basis",
        [*new, *old], [limit("feature", "chat", 5000)],
    )  # fmt: skip
    assert (spent, projected, basis) == (48, 48 + 504, "assumed")
    assert float(low) == pytest.approx(48 + 504 / 1.25)
    assert float(high) == pytest.approx(48 + 504 * 1.25)


def test_the_order_of_hours_does_not_matter(states: States) -> None:
    once = states("*", STEADY, [limit("feature", "chat", 500)])
    assert once == states("*", STEADY[::-1], [limit("feature", "chat", 500)])
