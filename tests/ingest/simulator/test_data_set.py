"""The simulator: what it plants is in its series, and nothing else is."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random
from statistics import fmean

import pytest

from ingest.simulator.data_set import DataSet, data_set
from ingest.simulator.incidents import BURST, CACHE, DRIFT, ORDINARY, PRICE, RUNAWAY, TOOL, Kind
from ingest.simulator.series import HOURS, Plan, Planted, simulate, usual_tasks


@pytest.fixture(scope="module")
def made() -> DataSet:
    return data_set(7)


def plan(*incidents: Planted, uplift: float = 1.0, first_hour: int = 0) -> Plan:
    return Plan("s", 100.0, 0.1, 0.0, first_hour, HOURS, uplift, [(500, 6)], incidents)


def test_a_seed_gives_the_same_files_for_ever(made: DataSet, tmp_path: Path) -> None:
    made.write(tmp_path / "a")
    data_set(7).write(tmp_path / "b")
    data_set(8).write(tmp_path / "c")
    for name in ("hours.csv", "events.csv", "labels.csv", "owners.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a" / "hours.csv").read_bytes() != (
        tmp_path / "c" / "hours.csv"
    ).read_bytes()
    assert (tmp_path / "a" / "events.csv").read_text().splitlines() == [
        "series,start,end,uplift",
        ",2026-11-27T00:00:00,2026-12-01T00:00:00,2.0",
    ]


def test_nothing_is_planted_in_the_first_four_weeks_and_every_kind_is_later(made: DataSet) -> None:
    assert min(label.start for label in made.labels).date().isoformat() >= "2026-09-14"
    kinds = {label.kind for seed in (7, 8, 9) for label in data_set(seed).labels}
    assert kinds == {kind.name for kind in ORDINARY} | {"event_runaway", "new_runaway"}


@pytest.mark.parametrize(
    ("kind", "cost", "tasks"),
    [(RUNAWAY, 10, 1), (PRICE, 1.35, 1), (CACHE, 1.8, 1), (BURST, 6, 6)],
    ids=lambda value: getattr(value, "name", None),
)
def test_an_incident_multiplies_what_it_says(kind: Kind, cost: float, tasks: float) -> None:
    """Its factor over the same hours of other dice, as means of forty series."""
    start, hours = 24 * 40 + 10, min(kind.hours, 30)
    sums = {planted: [0.0, 0.0] for planted in (False, True)}
    for seed in range(40):
        for planted in (False, True):
            incidents = [Planted(kind, start)] if planted else []
            inside = [
                hour
                for hour in simulate(plan(*incidents), Random(seed + 100 * planted))
                if start <= hour.hour < start + hours
            ]
            sums[planted][0] += sum(hour.usd for hour in inside)
            sums[planted][1] += sum(hour.tasks for hour in inside)
    assert sums[True][0] / sums[False][0] == pytest.approx(cost, rel=0.12)
    assert sums[True][1] / sums[False][1] == pytest.approx(tasks, rel=0.12)


def test_a_label_costs_what_its_incident_added() -> None:
    """Ten times the cost is nine tenths of excess; a tool adds three usual hours to each of six."""
    start = 24 * 40
    for kind, share in ((RUNAWAY, 0.9), (CACHE, 1 - 1 / 1.8)):
        hours = [h for h in simulate(plan(Planted(kind, start)), Random(1)) if h.excess_usd[0]]
        assert {h.hour for h in hours} <= set(range(start, start + kind.hours))
        assert all(math.isclose(h.excess_usd[0], h.usd * share) for h in hours)
    added = [h.excess_usd[0] for h in simulate(plan(Planted(TOOL, start)), Random(1))]
    assert sum(added) == pytest.approx(6 * 3 * 100 * 0.1)


def test_a_drift_grows_by_three_percent_a_day_and_a_gap_is_no_hour() -> None:
    assert DRIFT.unit_factor(24 * 10) == pytest.approx(1.03**10)
    assert DRIFT.unit_factor(DRIFT.hours) == 1
    hours = simulate(plan(), Random(1))
    assert {hour.hour for hour in hours} == set(range(HOURS)) - set(range(500, 506))


def test_events_and_launches_bring_tasks_at_the_same_cost() -> None:
    event = 24 * 102 + 12
    assert usual_tasks(plan(uplift=2.5), event) == pytest.approx(2.5 * usual_tasks(plan(), event))
    quiet = [h for h in simulate(plan(uplift=2.5), Random(2)) if h.tasks and h.hour > 24 * 100]
    assert fmean(h.usd / h.tasks for h in quiet) == pytest.approx(0.1, rel=0.05)
