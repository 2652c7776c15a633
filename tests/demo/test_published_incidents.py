"""What the demo planted is found as an incident, with its day, size, driver and owner."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from ingest.records.pseudonyms import pseudonym_of
from tests.demo.conftest import Published
from tests.support.warehouse import SALT


@pytest.mark.parametrize(
    ("name", "member", "measure", "change"),
    [
        ("gateway_cache_outage", "all", "cache_saving", None),
        ("price_cut", "gpt-5.6-luna", "reported_cost", "price gpt-5.6-luna"),
        (
            "prefix_cache_break", "support_assistant", "unit_cost",
            "prompt_version support_assistant sup-12",
        ),
    ],
)  # fmt: skip
def test_a_planted_incident_is_found_with_day_driver_and_owner(
    published: Published, name: str, member: str, measure: str, change: str | None
) -> None:
    (planted,) = [item for item in published.truth["incidents"] if item["name"] == name]
    start, end = (datetime.fromisoformat(planted[key][:19]) for key in ("start", "end"))
    rows = published.workspace.query(
        "select started_at, last_at, detected_at, driver, owner, change_event"
        f" from reports.rpt_incidents where member = '{member}' and measure = '{measure}'"
        f" and detected_at between timestamp '{start}' and timestamp '{end}'"
    )
    ((started, last, detected, *said),) = rows
    assert said == [planted["driver"], planted["owner"], change]
    # to the day: one hour of a quarter of the demo is a handful of calls
    assert abs((started - start).total_seconds()) <= 8 * 3600
    assert abs((last - end).total_seconds()) <= 8 * 3600
    assert (detected - start).total_seconds() <= 15 * 3600


def test_a_key_that_nobody_knew_is_told_in_its_hour(published: Published) -> None:
    """Its calls alone: nobody used it before, or after."""
    (planted,) = [item for item in published.truth["incidents"] if item["name"] == "new_key"]
    start = datetime.fromisoformat(planted["start"][:19])
    key = pseudonym_of(hashlib.sha256(b"export-once/prod").hexdigest(), SALT)
    rows = published.workspace.query(
        "select started_at, detected_at, member, driver, owner, expected, excess_usd"
        " from reports.rpt_incidents where measure = 'new_member'"
    )
    ((spent,),) = published.workspace.query(
        f"select sum(estimate_usd) from marts.fct_calls where api_key_id = '{key}'"
    )
    assert rows == [(start, start, key, planted["driver"], planted["owner"], 0, spent)]


def test_a_month_that_is_eaten_in_a_day_is_an_incident_of_its_first_hour(
    published: Published,
) -> None:
    (planted,) = [i for i in published.truth["incidents"] if i["name"] == "month_in_a_day"]
    start, end = (datetime.fromisoformat(planted[key][:19]) for key in ("start", "end"))
    ((started, last, detected, *said),) = published.workspace.query(
        "select started_at, last_at, detected_at, driver, owner from reports.rpt_incidents"
        f" where member = '{planted['scope']['feature']}'"
    )
    assert detected == start
    # to the day: a quarter of the feature has a handful of calls a day
    assert 0 <= (start - started).total_seconds() <= 24 * 3600
    assert -2 * 3600 <= (last - end).total_seconds() <= 24 * 3600
    assert said == [planted["driver"], planted["owner"]]


def test_what_an_incident_cost_is_what_was_planted(published: Published) -> None:
    """Of the price that the gateway kept: reported less estimate of the model in those days."""
    ((excess,),) = published.workspace.query(
        "select excess_usd from reports.rpt_incidents where measure = 'reported_cost'"
    )
    ((planted,),) = published.workspace.query(
        "select sum(reported_usd - estimate_usd) from marts.fct_usage_daily"
        " where model_id = 'gpt-5.6-luna' and utc_day between '2026-07-30' and '2026-08-02'"
    )
    assert excess == pytest.approx(planted, rel=Decimal("0.02"))


def test_little_else_is_found(published: Published) -> None:
    """Forty-five days of twenty-some members, at a hundredth of what is spent."""
    found: list[tuple[Any, ...]] = published.workspace.query(
        "select incident_id, excess_usd from reports.rpt_incidents"
    )
    assert len(found) <= 9
    assert sum(usd for _, usd in found) < Decimal(800)
