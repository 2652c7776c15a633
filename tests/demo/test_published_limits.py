"""Limits of the demo: spent, passed and refused to the last digit, as its generator knows them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.demo.conftest import Published

Key = tuple[str, str, str, str]


def planted(published: Published, kind: str | None = None) -> dict[Key, dict[str, Any]]:
    """Periods of the truth by scope, member, period and first local day."""
    return {
        (row["scope"], row["member"], row["period"], row["period_start"]): row
        for row in published.truth["limits"]
        if kind in (None, row["kind"])
    }


def test_every_limit_stands_where_its_calls_have_brought_it(published: Published) -> None:
    rows = published.workspace.query(
        "select scope, member, period, cast(cast(period_start as timestamptz)"
        " at time zone 'Europe/Berlin' as date)::varchar, limit_usd, spent_usd, state"
        " from reports.rpt_budget_state where source like 'config/limits.csv%' and unit = 'usd'"
    )
    known = planted(published)
    assert len(rows) == 6
    for *key, limit, spent, state in rows:
        truth = known.get(tuple(key))
        # the week of a model may have no call yet
        assert spent == (Decimal(truth["spent_usd"]) if truth else 0), key
        assert truth is None or limit == Decimal(truth["limit_usd"])
        assert (state == "over") == (spent >= limit), key


def test_a_feature_eats_its_month_in_a_day(published: Published) -> None:
    """State and reason name the day on which one day alone spent the limit, and who decides."""
    truth = published.truth["month_in_a_day"]
    assert Decimal(truth["spent_on_day_usd"]) > Decimal(truth["limit_usd"])
    day = date.fromisoformat(truth["day"])
    ((limit, state, exhausted_on, owner, reason),) = published.workspace.query(
        "select limit_usd, state, exhausted_on, owner, reason from reports.rpt_budget_state"
        f" where member = '{truth['feature']}' and unit = 'usd' and kind = 'hard'"
    )
    assert (limit, state, exhausted_on, owner) == (
        Decimal(truth["limit_usd"]), "over", day, "Finance Automation",
    )  # fmt: skip
    assert f"The limit was reached on {day.day} {day:%B %Y}." in reason
    ((spent,),) = published.workspace.query(
        "select sum(estimate_usd) from marts.fct_usage_daily"
        f" where feature = '{truth['feature']}' and utc_day = '{day}'"
    )
    assert spent == Decimal(truth["spent_on_day_usd"])


def test_every_plan_is_used_as_its_calls_have_used_it(published: Published) -> None:
    rows = published.workspace.query(
        "select member, period, unit, kind, limit_quantity, used_quantity, limit_usd"
        " from reports.rpt_budget_state where unit <> 'usd' order by all"
    )
    assert rows == sorted(
        (plan["member"], plan["period"], plan["unit"], plan["kind"], plan["limit_quantity"],
         plan["used_quantity"], None)
        for plan in published.truth["plans"]
    )  # fmt: skip
    assert all(row[5] > 0 for row in rows)


def test_what_passed_a_cap_is_what_was_spent_beyond_it(published: Published) -> None:
    """Of July and August: the demo ends on 12 August."""
    found = {
        row[:4]: row[4]
        for row in published.workspace.query(
            "select scope, member, period, cast(cast(period_start as timestamptz)"
            " at time zone 'Europe/Berlin' as date)::varchar, sum(usd)"
            " from reports.rpt_cap_audit where direction = 'passed' group by all"
        )
    }
    expected = {
        key: Decimal(row["passed_usd"])
        for key, row in planted(published, "hard").items()
        if Decimal(row["passed_usd"]) > 0
    }
    assert ("feature", "code_review_bot", "month", "2026-07-01") in expected
    assert found == expected


def test_calls_that_were_refused_below_a_limit_are_found_with_their_dollars(
    published: Published,
) -> None:
    (truth,) = published.truth["refusals"]
    first = date.fromisoformat(truth["first_at"][:10])
    assert first == date(2026, 8, 12) - timedelta(days=6)
    assert published.workspace.query(
        "select scope, member, cause, usd, calls, minutes, requests, answered_requests,"
        " server_error_requests"
        " from reports.rpt_cap_audit where direction = 'refused'"
    ) == [
        (truth["scope"], truth["member"], "counter_drift", Decimal(truth["usd"]), truth["calls"],
         truth["minutes"], truth["requests"], truth["answered_requests"],
         truth["server_error_requests"]),
    ]  # fmt: skip
