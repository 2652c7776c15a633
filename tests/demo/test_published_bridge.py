"""What the demo planted moves the bar that it should, in the week in which it happened."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import log
from typing import Any

import pytest

from ingest.demo.company.incidents import PREFIX_BREAK, PRICE_CUT
from tests.demo.conftest import Published

WEEK_OF_BREAK, WEEK_AFTER_CUT = "2026-08-10", "2026-08-03"


def largest(published: Published, week: str, dimension: str, member: str) -> tuple[Any, ...]:
    """Driver, share of the change and owner of what moved the cost per success most."""
    return published.workspace.query(
        "select driver, share, owner from reports.rpt_cost_bridge where period_grain = 'week'"
        f" and period_start = '{week}' and dimension = '{dimension}' and member = '{member}'"
        " and measure = 'cost_per_success' order by abs(effect_usd) desc limit 1"
    )[0]


def test_a_broken_prefix_is_a_colder_prompt_cache_of_its_feature(published: Published) -> None:
    """Thirty-six hours without a cache read, in the last week of the data."""
    feature = PREFIX_BREAK.scope["feature"]
    driver, share, owner = largest(published, WEEK_OF_BREAK, "feature", feature)
    assert (driver, owner) == ("cache_mix", "Prompt Guild")
    assert share > 0.75


def test_a_price_cut_to_a_fifth_is_its_price_effect(published: Published) -> None:
    """The effect against what the week's tokens of the model would have cost at the old price.

    The cut came on a Thursday: of the week before, the days from then on have the new price
    already, so that the two weeks differ by what the other days cost more.
    """
    model = PRICE_CUT.scope["model"]
    ((effect, every),) = published.workspace.query(
        "select sum(effect_usd) filter (where driver = 'price'),"
        " sum(abs(effect_usd)) filter (where driver = 'price_coverage')"
        " from reports.rpt_cost_bridge where period_grain = 'week' and dimension = 'all'"
        f" and measure = 'total_cost' and period_start = '{WEEK_AFTER_CUT}'"
    )
    assert every is not None
    # by task: what luna's tokens cost in each week, and what they would at the price of the cut
    ((before, before_at_new, now),) = published.workspace.query(
        "select sum(c.estimate_usd) filter (where t.closed_date < '2026-08-03'),"
        " sum(c.estimate_usd / case when c.started_at < timestamp '2026-07-30' then 5 else 1 end)"
        "  filter (where t.closed_date < '2026-08-03'),"
        " sum(c.estimate_usd) filter (where t.closed_date >= '2026-08-03')"
        " from marts.fct_calls c join marts.fct_tasks t using (task_id)"
        " where t.closed_date >= '2026-07-27' and t.closed_date < '2026-08-10'"
        f" and c.model_id = '{model}'"
    )
    # the price fell to this part of what the week before paid; as much of the mean of both weeks
    # is between the old quantities at the change of price, and the new ones; features differ in how
    # much of their week before lay behind the cut, hence the room on both sides
    ratio = Decimal(str(before_at_new)) / before
    old_quantities, new_quantities = before * (ratio - 1), now * (1 - 1 / ratio)
    assert min(old_quantities, new_quantities) * Decimal("1.25") <= effect
    assert effect <= max(old_quantities, new_quantities) * Decimal("0.75")


def test_more_minutes_of_people_are_their_effect_in_the_week_of_the_change(
    published: Published,
) -> None:
    """LMDI by hand: 0.60 USD a minute, 1.5 minutes a ticket and then 2.4, of all that closed."""
    weeks = {}
    for monday in (date(2026, 7, 20), date(2026, 7, 27)):
        rows = [
            row for row in published.truth["unit_cost"]
            if row["task_type"] == "support_ticket"
            and 0 <= (date.fromisoformat(row["closed_day"]) - monday).days < 7
        ]  # fmt: skip
        weeks[monday] = sum(row["tasks_closed"] for row in rows) / sum(
            row["successes"] for row in rows
        )
    before, after = (
        tasks * minutes * 0.6 for tasks, minutes in zip(weeks.values(), (1.5, 2.4), strict=True)
    )
    expected = (after - before) / log(after / before) * log(2.4 / 1.5)
    ((effect, owner),) = published.workspace.query(
        "select effect_usd::double, owner from reports.rpt_cost_bridge"
        " where period_grain = 'week' and period_start = '2026-07-27'"
        " and dimension = 'task_type' and member = 'support_ticket'"
        " and measure = 'cost_per_success_with_people' and driver = 'human_minutes'"
    )
    # the minutes are those of the day in UTC
    assert effect == pytest.approx(expected, rel=0.02)
    assert owner == "Customer Support"


@pytest.mark.parametrize("measure", ["cost_per_success", "total_cost"])
def test_every_bridge_starts_and_ends_at_the_unit_cost_of_its_month(
    published: Published, measure: str
) -> None:
    """The bridge's values are those of the unit cost reports, by another way through the calls."""
    column = {"cost_per_success": "cost_per_success_usd", "total_cost": "cost_usd"}[measure]
    differing = published.workspace.query(
        "select b.member, b.previous_usd, p.before, b.current_usd, p.now from ("
        "  select distinct dimension, member, previous_usd, current_usd"
        "  from reports.rpt_cost_bridge where period_grain = 'month'"
        f"  and period_start = '2026-08-01' and measure = '{measure}') b"
        " left join (select dimension, member,"
        f"   max({column}) filter (where period_start = '2026-07-01') as before,"
        f"   max({column}) filter (where period_start = '2026-08-01') as now"
        "   from marts.fct_unit_cost_periods where period_grain = 'month'"
        "   and cost_basis = 'estimate' group by all) p using (dimension, member)"
        " where coalesce(p.before, 0) <> b.previous_usd or coalesce(p.now, 0) <> b.current_usd"
    )
    assert differing == []


def test_what_was_changed_is_named_and_no_release_is(published: Published) -> None:
    """Of the changes of 45 days, two moved a cost; the rest of the records are releases."""
    named = published.workspace.query(
        "select distinct change_kind, change_event, driver from reports.rpt_change_impact"
        " where is_cause order by all"
    )
    assert ("price", f"price {PRICE_CUT.scope['model']}", "price") in named
    assert {kind for kind, _, _ in named} <= {"price", "prompt_version"}
    assert published.workspace.value("select count(*) from marts.fct_change_events") > 10
