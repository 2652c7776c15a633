"""The reporting calendar over days of 23 and 25 hours, against Python's own calendar.

Two bug reports are behind it: single days summed to more than their range (litellm#29568), and a
local day showed another day's stored total (litellm#27780).
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.golden.records import PLAIN, hourly, plain
from tests.support.warehouse import Workspace

BERLIN = "Europe/Berlin"
SPRING = hourly(datetime(2026, 3, 27, 22), 96, 1_000)
AUTUMN = hourly(datetime(2026, 10, 23, 21), 96, 501_000)
"""Four UTC days around each change of the clocks, hour by hour; UTC without saying so."""

PRICE = Decimal("1")
"""USD for a million tokens."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("calendar"), {"reporting_timezone": BERLIN},
                          ("fct_usage_daily",))  # fmt: skip
    workspace.configure("hours", PLAIN)
    workspace.prices("openai,golden,standard,input_uncached,1,2026-01-01,,,")
    rows = [
        (f"h{at:%m%d%H}", f"{at:%Y-%m-%dT%H:%M:%SZ}", "", "hours", tokens)
        for at, tokens in SPRING + AUTUMN
    ]
    workspace.drop("hours", "calls.csv", plain(rows))
    workspace.build()
    return workspace


def local_days(calls: list[tuple[datetime, int]]) -> dict[date, Decimal]:
    """Cost by local date, by Python's own calendar."""
    total: Counter[date] = Counter()
    for at, tokens in calls:
        total[at.replace(tzinfo=UTC).astimezone(ZoneInfo(BERLIN)).date()] += tokens
    return {day: PRICE * tokens / 1_000_000 for day, tokens in total.items()}


@pytest.mark.parametrize(
    ("calls", "change", "hours"),
    [(SPRING, date(2026, 3, 29), 23), (AUTUMN, date(2026, 10, 25), 25)],
    ids=["spring", "autumn"],
)
def test_single_local_days_are_the_sums_of_their_calls_and_add_up_to_the_range(
    workspace: Workspace, calls: list[tuple[datetime, int]], change: date, hours: int
) -> None:
    source = "from marts.fct_usage_daily where source_name = 'hours' and call_date"
    expected = local_days(calls)
    days = sorted(expected)
    single = {day: workspace.value(f"select sum(estimate_usd) {source} = '{day}'") for day in days}
    assert single == expected
    whole = workspace.value(
        f"select sum(estimate_usd) {source} between '{days[0]}' and '{days[-1]}'"
    )
    assert sum(single.values()) == whole == PRICE * sum(t for _, t in calls) / 1_000_000
    assert workspace.value(f"select sum(calls) {source} = '{change}'") == hours


def test_a_local_day_differs_from_the_stored_day_and_both_calendars_have_one_total(
    workspace: Workspace,
) -> None:
    by_day = "from marts.fct_usage_daily where source_name = 'hours' group by all"
    local = dict(workspace.query(f"select call_date, sum(estimate_usd) {by_day}"))
    stored = dict(workspace.query(f"select utc_day, sum(estimate_usd) {by_day}"))
    assert local != stored
    assert sum(local.values()) == sum(stored.values())
