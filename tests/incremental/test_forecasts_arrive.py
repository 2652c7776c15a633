"""Days that come one by one, and late, give the forecasts that one build of everything gives."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.incremental.arrivals import FIRST_DAY, LOG, lines
from tests.support.warehouse import Workspace

DAYS = 60
MODELS = ("rpt_forecast", "rpt_forecast_accuracy")
NOT_OVER = FIRST_DAY + timedelta(days=DAYS - 4)
SALE = FIRST_DAY + timedelta(days=38)
CALENDAR = "event,feature,uplift,owner,valid_from,valid_to,note\n"


def calls(day: int, seed: int = 0, until: int = 24) -> list[dict[str, Any]]:
    """Some tasks of three features an hour, more on a working day."""
    dice = random.Random(1000 * seed + day)
    start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
    return [
        {
            "id": f"c{seed}-{day}-{n}", "request": f"r{seed}-{day}-{n}", "task": f"t{day}-{n}",
            "ts": (start + timedelta(hours=n % until)).isoformat(),
            "model": "gpt-4.1", "status": "ok", "hit": False, "op": "chat", "tool": None,
            "tenant": dice.choice(["ada", "bob"]), "feature": dice.choice(["chat", "mail", "lab"]),
            "in": 900 + dice.randrange(4000), "cached": 0, "out": 100, "usd": 0.003,
        }
        for n in range(until * (3 if start.weekday() < 5 else 2))
    ]  # fmt: skip


def state(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """What forecasts hold, to the fourth decimal: sums of doubles differ far behind it."""
    return {
        "baselines": workspace.query(
            "select * replace (round(usual_usd, 4) as usual_usd, round(distance_usd, 4) as"
            " distance_usd, round(sum_distance_usd, 4) as sum_distance_usd)"
            " from intermediate.int_forecast_baselines order by all"
        ),
        "uplifts": workspace.query("from marts.fct_event_uplifts order by all"),
        "forecasts": workspace.query(
            "select * replace (round(forecast_usd, 4) as forecast_usd, round(low_usd, 4) as"
            " low_usd, round(high_usd, 4) as high_usd) from marts.fct_forecasts order by all"
        ),
        "accuracy": workspace.query(
            "select made_on, scope, member, period_grain, period_start, actual_usd,"
            " round(error_usd, 4) from reports.rpt_forecast_accuracy order by all"
        ),
    }


@pytest.mark.slow
def test_days_one_by_one_and_late_ones_give_the_forecasts_of_a_fresh_build(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "grown", models=MODELS)
    workspace.configure("log", LOG)
    calendar = workspace.root / "config" / "calendar.csv"
    calendar.write_text(CALENDAR + f"sale,,2,Sales,{SALE},{SALE + timedelta(days=3)},\n")
    for day in range(DAYS - 4):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
    workspace.build()
    # a day that is not over, and then its end with the next two days
    workspace.drop("log", "half.jsonl", lines(calls(DAYS - 4, until=20)))
    assert not workspace.build().full_refresh
    early = f"from marts.fct_forecasts where made_on <= '{NOT_OVER - timedelta(days=2)}'"
    kept = workspace.query(f"{early} order by all")
    assert workspace.value("select max(made_on) from reports.rpt_forecast") == (
        NOT_OVER - timedelta(days=1)
    )
    for day in range(DAYS - 3, DAYS - 1):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
    assert not workspace.build().full_refresh
    assert kept == workspace.query(f"{early} order by all")
    # a day of which more becomes known weeks later, and a sale that nobody had told of
    workspace.drop("log", "late.jsonl", lines(calls(50, seed=1)))
    again = SALE + timedelta(days=40)
    with calendar.open("a") as file:
        file.write(f"sale,,3,Sales,{again},{again + timedelta(days=1)},\n")
    assert not workspace.build().full_refresh
    (tmp_path / "fresh").mkdir()
    grown, fresh = state(workspace), state(workspace.fresh(tmp_path / "fresh"))
    for name, rows in fresh.items():
        assert rows, name
        assert grown[name] == rows, name


def test_a_day_alone_makes_its_own_forecasts_and_no_earlier_ones(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models=MODELS)
    workspace.configure("log", LOG)
    for day in range(30):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
    workspace.build()
    before = workspace.query("select distinct made_on from marts.fct_forecasts order by 1")
    workspace.drop("log", "30.jsonl", lines(calls(30, until=5)))
    workspace.build()
    assert workspace.query("select distinct made_on from marts.fct_forecasts order by 1") == before
    assert before[-1][0] == FIRST_DAY + timedelta(days=29)
