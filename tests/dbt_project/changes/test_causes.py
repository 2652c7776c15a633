"""Planted changes among releases that did nothing: who is named, on days that are noisy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.dbt_project.unit_economics.bridges import NOTHING
from tests.support.warehouse import Workspace

FIRST = date(2026, 6, 1)
DAYS = 120
FEATURES = ("chat", "mail")
COLDER, DEEPER, DEARER = 40, 65, 92
"""Days on which chat's prompt cache breaks, mail loops more, and the provider asks for more."""

PLANTED = {
    ("prompt_version", "chat", COLDER): {("chat", "cache_mix")},
    ("flag", "mail", DEEPER): {("mail", "loops")},
    ("price", None, DEARER): {("chat", "price"), ("mail", "price")},
}


def costs(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Rows of `fct_task_costs_daily`: some fifty tasks a day and feature, each day its own luck."""
    for number in range(DAYS):
        for feature in FEATURES:
            tasks = dice.randint(45, 60)
            day = {"closed_date": FIRST + timedelta(days=number), "task_type": "t",
                   "feature": feature, "tenant_id": "x"}  # fmt: skip
            successes = round(tasks * dice.uniform(0.84, 0.92))
            yield NOTHING | day | {"cost_kind": "task", "tasks": tasks, "successes": successes}
            deeper = 1.5 if feature == "mail" and number > DEEPER else 1
            calls = round(tasks * 4 * deeper * dice.uniform(0.97, 1.03))
            tokens = round(calls * 4000 * dice.uniform(0.97, 1.03))
            cached = dice.uniform(0.58, 0.62)
            if feature == "chat" and number > COLDER:
                cached -= 0.3
            dearer = Decimal("1.4") if number > DEARER else Decimal(1)
            read = round(tokens * cached)
            usd = {"input_uncached": (tokens - read) * Decimal("0.000002") * dearer,
                   "cache_read": read * Decimal("0.0000002") * dearer}  # fmt: skip
            yield NOTHING | day | {
                "cost_kind": "model", "model_id": "m", "calls": calls,
                "input_uncached_tokens": tokens - read, "cache_read_tokens": read,
                "input_uncached_usd": usd["input_uncached"].quantize(Decimal("1e-9")),
                "cache_read_usd": usd["cache_read"].quantize(Decimal("1e-9")),
                "estimate_usd": sum(usd.values()).quantize(Decimal("1e-9")),
            }  # fmt: skip


def events(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Rows of `fct_change_events`: three that did something, and 37 releases that did not."""
    days = {day for _, _, day in PLANTED}
    free = [n for n in range(7, DAYS - 7) if not days & set(range(n - 4, n + 5))]
    made = [*PLANTED, *(("deploy", dice.choice([*FEATURES, None]), dice.choice(free))
                        for _ in range(37))]  # fmt: skip
    for number, (kind, feature, day) in enumerate(made):
        when = FIRST + timedelta(days=day)
        yield {
            "utc_day": when, "source_name": "s", "event_id": f"e{number}", "change_kind": kind,
            "change_event": f"{kind} {day}", "changed_date": when, "feature": feature,
        }  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The models as dbt compiles them, by name."""
    folder: Path = tmp_path_factory.mktemp("changes")
    workspace = Workspace(folder, models=("fct_change_impacts",))
    workspace.land()
    workspace.register()
    return {node.name: node for node in workspace.nodes().values()}


@contextmanager
def built(
    models: dict[str, Any], costs: list[dict[str, Any]], events: list[dict[str, Any]]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The impacts that these costs and changes give."""
    with duckdb.connect() as con:
        con.execute("create schema marts")
        for name, rows in (("fct_task_costs_daily", costs), ("fct_change_events", events)):
            columns = ", ".join(f"{c} {kind}" for c, kind in models[name].contract.items())
            con.execute(f"create table marts.{name} ({columns})")
            con.register("made", pa.Table.from_pylist(rows))
            con.execute(f"insert into marts.{name} by name from made")
        for name in ("fct_driver_shifts", "fct_change_impacts"):
            con.execute(f"create table marts.{name} as {models[name].sql}")
        yield con


@pytest.mark.parametrize("seed", range(6))
def test_three_planted_changes_among_forty_are_named_and_no_release_is(
    models: dict[str, Any], seed: int
) -> None:
    dice = random.Random(seed)
    with built(models, list(costs(dice)), list(events(dice))) as con:
        named = con.execute(
            "select change_kind, changed_date, feature, driver from marts.fct_change_impacts"
            " where is_cause"
        ).fetchall()
    expected = {
        (kind, FIRST + timedelta(days=day), *cell)
        for (kind, _, day), cells in PLANTED.items()
        for cell in cells
    }
    assert set(named) == expected


def test_what_a_success_takes_before_and_after_a_change_stands_beside_it(
    models: dict[str, Any],
) -> None:
    """Of chat every fourth call is a hit and every tenth writes; of mail nobody states bytes."""
    rows = list(costs(random.Random(1)))
    for row in rows:
        calls = row.get("calls") or 0
        row |= {"cached_calls": calls // 4, "cache_writes": calls // 10,
                "logged_bytes": 2000 * calls * (row["feature"] == "chat"),
                "unlogged_calls": calls * (row["feature"] == "mail")}  # fmt: skip
    when = FIRST + timedelta(days=DEEPER)
    change = {"utc_day": when, "source_name": "s", "event_id": "e", "change_kind": "deploy",
              "change_event": "deploy", "changed_date": when, "feature": None}  # fmt: skip
    with built(models, rows, [change]) as con:
        found = con.execute(
            "select distinct feature, previous_hops_ratio, current_hops_ratio,"
            " previous_writes_ratio, current_writes_ratio, previous_logged_ratio,"
            " current_logged_ratio from marts.fct_change_impacts order by feature"
        ).fetchall()

    def per_success(feature: str, side: int, measure: str) -> float:
        days = [when + timedelta(days=side * number) for number in range(1, 8)]
        own = [row for row in rows if row["feature"] == feature and row["closed_date"] in days]
        total = sum(row[measure] - (row["cached_calls"] if measure == "calls" else 0)
                    for row in own if row["cost_kind"] == "model")  # fmt: skip
        return total / sum(row["successes"] for row in own if row["cost_kind"] == "task")

    assert found == [
        (
            feature,
            *(per_success(feature, side, "calls") for side in (-1, 1)),
            *(per_success(feature, side, "cache_writes") for side in (-1, 1)),
            *(per_success(feature, side, "logged_bytes") if feature == "chat" else None
              for side in (-1, 1)),
        )
        for feature in FEATURES
    ]  # fmt: skip
    ((_, before, after, *_),) = found[1:]
    assert after > 1.4 * before
