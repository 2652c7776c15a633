"""Days that come one by one, and late, give the incidents that one build of everything gives."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.incremental.arrivals import FIRST_DAY, LOG, OUTCOMES, lines
from tests.incremental.test_changes_arrive import CHANGES, change
from tests.support.warehouse import Workspace

DAYS = 44
RUNAWAY_DAY = 42
KEYED = LOG.replace("[tokens]", 'api_key_id = "key"\nregion = "region"\n[tokens]')
SETTINGS = {"reporting_timezone": "UTC", "incident_floor_usd": "0.01"}


def calls(day: int, seed: int = 0) -> list[dict[str, Any]]:
    """A task of chat and one of search every hour; on one day chat's makes forty calls at ten."""
    dice = random.Random(1000 * seed + day)
    start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
    made = []
    for hour in range(24):
        for feature in ("chat", "search"):
            task = f"t{seed}-{day}-{hour}-{feature}"
            runs_away = (day, hour, feature) == (RUNAWAY_DAY, 10, "chat")
            for n in range(40 if runs_away else 2):
                made.append({
                    "id": f"c{task}-{n}", "request": f"r{task}-{n}", "task": task,
                    "ts": (start + timedelta(hours=hour, minutes=n)).isoformat(),
                    "model": "gpt-4.1", "status": "ok", "hit": False, "op": "chat", "tool": None,
                    "tenant": dice.choice(["ada", "bob"]), "feature": feature,
                    "in": 900 + dice.randrange(200), "cached": 0, "out": 100, "usd": 0.003,
                })  # fmt: skip
    return made


def keyed(day: int, seed: int = 0) -> list[dict[str, Any]]:
    """The same with keys: late calls are made with k2, as are those of the last evening.

    Over the midnight before the last day somebody makes calls with k3, in a region of his own.
    """
    made = [{**call, "key": "k2" if seed else "k1", "region": "eu"} for call in calls(day, seed)]
    for call in made:
        hour = call["ts"][11:13]
        if (day, hour) in ((RUNAWAY_DAY, "23"), (RUNAWAY_DAY + 1, "00"), (RUNAWAY_DAY + 1, "01")):
            call |= {"key": "k3", "region": "us"}
        if (day, hour) in ((RUNAWAY_DAY + 1, "20"), (RUNAWAY_DAY + 1, "21")):
            call["key"] = "k2"
    return made


def state(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """What guardrails hold; sums of doubles differ in digits that nobody sees."""
    ratios = ", ".join(f"round(burn_{hours}h_ratio, 9)" for hours in (1, 3, 6, 24, 72, 168))
    return {
        "hours": workspace.query("from intermediate.int_guarded_hours order by all"),
        "burn": workspace.query(
            "select scope, member, measure, utc_hour, actual_usd, round(usual_usd, 6),"
            f" {ratios} from intermediate.int_burn_hourly order by all"
        ),
        "alerts": workspace.query(
            "select scope, member, measure, utc_hour, window_hours"
            " from intermediate.int_burn_alerts order by all"
        ),
        "incidents": workspace.query(
            "select * exclude (expected, excess_usd), round(expected, 6), round(excess_usd, 6)"
            " from reports.rpt_incidents order by all"
        ),
        "new members": workspace.query("from intermediate.int_new_member_hours order by all"),
    }


@pytest.mark.slow
def test_days_one_by_one_and_late_ones_give_the_incidents_of_a_fresh_build(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "grown", SETTINGS, models=("rpt_incidents",))
    for source, settings in (("log", KEYED), ("outcomes", OUTCOMES), ("changes", CHANGES)):
        workspace.configure(source, settings)
    for day in range(RUNAWAY_DAY):
        workspace.drop("log", f"{day:02}.jsonl", lines(keyed(day)))
    workspace.build()
    assert workspace.query("from reports.rpt_incidents") == []
    for day in range(RUNAWAY_DAY, DAYS):
        workspace.drop("log", f"{day:02}.jsonl", lines(keyed(day)))
        assert not workspace.build().full_refresh
    new = (
        "select scope, datediff('day', date '2026-07-01', started_at::date), hour(detected_at)"
        " from reports.rpt_incidents where measure = 'new_member' order by all"
    )
    assert workspace.query(new) == [
        ("api_key", RUNAWAY_DAY, 23), ("api_key", RUNAWAY_DAY + 1, 20),
    ]  # fmt: skip
    # a day of which more becomes known, weeks later, and a change that nobody had told of
    workspace.drop("log", "late.jsonl", lines(keyed(30, seed=1)))
    workspace.drop("changes", "late.jsonl",
                   lines([change("a", RUNAWAY_DAY, "deploy", "chat", "bot")]))  # fmt: skip
    assert not workspace.build().full_refresh
    (tmp_path / "fresh").mkdir()
    grown, fresh = state(workspace), state(workspace.fresh(tmp_path / "fresh"))
    for name, rows in fresh.items():
        assert rows, name
        assert grown[name] == rows, name
    # k2 was seen two weeks before, as is known now
    assert workspace.query(new) == [("api_key", 30, 0), ("api_key", RUNAWAY_DAY, 23)]
    assert workspace.query(
        "select scope, member, started_at::date, driver, change_event from reports.rpt_incidents"
        " where measure = 'unit_cost'"
    ) == [("feature", "chat", FIRST_DAY + timedelta(days=RUNAWAY_DAY), "loops", "deploy bot")]


def test_a_day_alone_reads_no_more_than_the_weeks_that_it_is_compared_with(tmp_path: Path) -> None:
    """Rows of guardrails that a run replaces are those of its days and after."""
    workspace = Workspace(tmp_path / "grown", SETTINGS, models=("rpt_incidents",))
    workspace.configure("log", LOG)
    workspace.configure("outcomes", OUTCOMES)
    for day in range(40):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
    workspace.build()
    marked = FIRST_DAY + timedelta(days=20)
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute("update intermediate.int_burn_hourly set usual_usd = 99"
                    f" where utc_day = date '{marked}'")  # fmt: skip
    workspace.drop("log", "40.jsonl", lines(calls(40)))
    workspace.build()
    assert workspace.query(
        "select distinct utc_day from intermediate.int_burn_hourly where usual_usd = 99"
    ) == [(marked,)]
    assert workspace.value("select max(utc_day) from intermediate.int_burn_hourly") == (
        FIRST_DAY + timedelta(days=40)
    )
