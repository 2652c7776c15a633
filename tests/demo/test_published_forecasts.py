"""The demo's forecasts: what is planned is in them, and they were right about what came."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from statistics import fmean

import pytest

from tests.demo.conftest import Published

ALL = "scope = 'company' and member = 'all'"


def test_the_newest_complete_day_is_forecast_from(published: Published) -> None:
    """A day without a call in its last hour may not be over: then it is the day before."""
    newest = published.workspace.value("select max(started_at) from marts.fct_calls")
    assert str(newest.date()) == published.truth["as_of_day"]
    ((made_on, days),) = published.workspace.query(
        "select made_on, count(*) from reports.rpt_forecast"
        f" where {ALL} and period_grain = 'day' group by made_on"
    )
    assert (made_on, days) == (newest.date() - timedelta(days=newest.hour < 23), 30)


def test_a_planned_event_multiplies_its_feature_and_adds_the_same_to_the_company(
    published: Published,
) -> None:
    (event,) = published.truth["planned_events"]
    found = {
        (scope, str(day)): (forecast, usual)
        for scope, day, forecast, usual in published.workspace.query(
            "select scope, period_start, forecast_usd, usual_usd from reports.rpt_forecast"
            " inner join intermediate.int_forecast_baselines as baselines"
            " using (made_on, scope, member)"
            " where period_grain = 'day' and period_start = utc_day"
            f" and ({ALL} or member = '{event['feature']}')"
        )
    }
    days = {day for _, day in found if event["start"] <= day < event["end"]}
    assert len(days) == 3
    for (scope, day), (forecast, usual) in found.items():
        share = Decimal(event["uplift"]) - 1 if day in days else 0
        added = share * found["feature", day][1]
        assert forecast == pytest.approx(usual + added, abs=Decimal("2e-6")), (scope, day)


def test_the_fair_asks_more_of_quotas_than_usual_days(published: Published) -> None:
    """Support's share of a model grows by half, and other features' as they do on such days."""
    (event,) = published.truth["planned_events"]
    rows = published.workspace.query(
        "select member, quota_per_minute, strftime(peak_hour, '%Y-%m-%dT%H:%M:%SZ'),"
        " usual_per_minute, event, expected_per_minute::double, missing_per_minute::double"
        " from reports.rpt_peak_plan"
    )
    for quota in published.truth["quotas"]:
        found = {row[4]: row[1:4] + row[5:] for row in rows if row[0] == quota["model"]}
        # support may have no part in the busiest hour of a model
        assert None in found
        for *known, expected, missing in found.values():
            assert tuple(known) == (
                quota["quota_per_minute"], quota["peak_hour"], quota["usual_per_minute"],
            )  # fmt: skip
            assert missing == pytest.approx(max(0, expected - quota["quota_per_minute"]))
        if event["event"] in found:
            # other features have a part in the busiest hour, and its days are others of the week
            ((share,),) = published.workspace.query(
                "select sum(requests) filter (where feature = 'support_assistant') / sum(requests)"
                " from (select feature, calls - tool_calls - cached_hits as requests"
                f" from marts.fct_usage_hourly where model_id = '{quota['model']}'"
                f" and utc_hour = '{quota['peak_hour']}'::timestamptz::timestamp)"
            )
            grown = found[event["event"]][3] / found[None][3]
            assert grown == pytest.approx(1 + share / 2, rel=0.3)
    assert any(row[4] for row in rows)


def test_days_were_forecast_as_they_came(published: Published) -> None:
    """Of the company, from two weeks of history on; a day itself moves by a tenth and more."""
    rows = published.workspace.query(
        "select error_ratio, is_in_interval from reports.rpt_forecast_accuracy"
        f" where {ALL} and period_grain = 'day' and made_on >= '2026-07-13'"
    )
    assert len(rows) > 300
    assert fmean(error for error, _ in rows) < 0.25
    judged = [held for _, held in rows if held is not None]
    assert fmean(judged) > 0.7
