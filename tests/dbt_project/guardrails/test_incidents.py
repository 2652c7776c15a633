"""From hours to incidents: a company whose every hour is alike, and what is planted in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.support.warehouse import Workspace

FIRST = datetime(2026, 8, 3)
DAYS = 40
PLANTED = FIRST + timedelta(days=36, hours=10)
CHAIN = (
    "int_guarded_hours", "int_burn_hourly", "int_burn_alerts", "int_incident_episodes",
    "int_new_member_hours", "int_incidents", "int_incident_sides", "int_incident_drivers",
    "fct_incidents", "rpt_incidents",
)  # fmt: skip
EMPTY = {
    "stg_workspace__planned_events": "event varchar, feature varchar, uplift decimal(9, 4),"
    " valid_from timestamp, valid_to timestamp",
}

Hour = dict[str, Any]
Changed = Mapping[datetime, Mapping[str, Any]]


def hours(changed: Changed, left_out: Iterable[datetime] = ()) -> list[Hour]:
    """Rows of `fct_usage_hourly`: chat and mail spend a dollar an hour each, for two tasks.

    Args:
        changed: by hour, what chat does instead.
        left_out: hours that were not delivered.
    """
    rows = []
    for number in range(DAYS * 24):
        hour = FIRST + timedelta(hours=number)
        if hour in left_out:
            continue
        for feature, key in (("chat", "k1"), ("mail", "k2")):
            row = {
                "utc_day": hour.date(), "utc_hour": hour, "source_name": "s", "feature": feature,
                "tenant_id": "acme", "api_key_id": key, "model_id": "m", "calls": 8,
                "cost_scope": "product", "failed_calls": 0, "cached_hits": 0, "cache_lookups": 8,
                "tasks": 2, "tool_calls": 0, "billable_input_tokens": 8000,
                "billable_cache_read_tokens": 4000, "billable_output_tokens": 800,
                "unpriced_calls": 0, "estimate_usd": Decimal(1),
                "tool_usd": Decimal(0), "avoided_usd": Decimal(0), "both_known_usd": Decimal(1),
                "reported_usd": Decimal(1),
            }  # fmt: skip
            rows.append(row | (changed.get(hour, {}) if feature == "chat" else {}))
    return rows


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The models as dbt compiles them, by name."""
    folder: Path = tmp_path_factory.mktemp("guardrails")
    workspace = Workspace(folder, models=("rpt_incidents",))
    workspace.land()
    workspace.register()
    return {node.name: node for node in workspace.nodes().values()}


def incidents(
    models: dict[str, Any],
    rows: list[Hour],
    *,
    events: str = "",
    marks: str = "",
    changes: str = "",
    columns: str = "scope, member, measure, started_at, detected_at, expected, actual, driver",
) -> list[tuple[Any, ...]]:
    """Incidents of some hours; `events`, `marks` and `changes` are rows of SQL values."""
    with duckdb.connect() as con:
        con.execute("create schema marts; create schema intermediate; create schema reports")
        con.execute("create schema staging")
        for name in ("fct_usage_hourly", "fct_unit_cost_periods", "fct_change_events",
                     "dim_driver_owners", "dim_incident_marks"):  # fmt: skip
            described = ", ".join(f"{c} {kind}" for c, kind in models[name].contract.items())
            con.execute(f"create table marts.{name} ({described})")
        for name, described in EMPTY.items():
            con.execute(f"create table staging.{name} ({described})")
        con.register("made", pa.Table.from_pylist(rows))
        con.execute("insert into marts.fct_usage_hourly by name from made")
        con.execute("insert into marts.dim_driver_owners values ('loops', 'chat', 'Chat Team'),"
                    " ('any', null, 'FinOps')")  # fmt: skip
        for table, values in (
            ("staging.stg_workspace__planned_events", events),
            ("marts.dim_incident_marks", marks),
        ):
            if values:
                con.execute(f"insert into {table} values {values}")
        if changes:
            con.execute("insert into marts.fct_change_events (event_id, change_kind, change_event,"
                        f" occurred_at, feature) values {changes}")  # fmt: skip
        for name in CHAIN:
            node = models[name]
            con.execute(f"create table {node.schema}.{name} as {node.sql}")
        return con.execute(f"select {columns} from reports.rpt_incidents order by all").fetchall()


RUNAWAY = {
    PLANTED: {
        "estimate_usd": Decimal(10),
        "calls": 80,
        "billable_input_tokens": 80000,
        "billable_cache_read_tokens": 40000,
        "billable_output_tokens": 8000,
    }
}


def test_hours_that_are_all_alike_alert_nobody(models: dict[str, Any]) -> None:
    assert incidents(models, hours({})) == []


def test_a_runaway_is_one_incident_of_its_feature_within_the_hour(models: dict[str, Any]) -> None:
    """Key, tenant, model and company see the same nine dollars; its tasks make ten times calls."""
    found = incidents(models, hours(RUNAWAY))
    assert found == [
        ("feature", "chat", "unit_cost", PLANTED, PLANTED, Decimal(1), Decimal(10), "loops")
    ]
    ((owner, episodes),) = incidents(
        models, hours(RUNAWAY), columns="owner, (select episodes from marts.fct_incidents)"
    )
    assert owner == "Chat Team"
    assert episodes > 3


def test_more_tasks_at_the_same_cost_are_spend_and_no_unit_cost(models: dict[str, Any]) -> None:
    burst = {PLANTED: {"estimate_usd": Decimal(10), "calls": 80, "tasks": 20,
                       "billable_input_tokens": 80000, "billable_cache_read_tokens": 40000,
                       "billable_output_tokens": 8000}}  # fmt: skip
    assert incidents(models, hours(burst)) == [
        ("feature", "chat", "spend", PLANTED, PLANTED, Decimal(1), Decimal(10), "volume")
    ]


def test_a_planned_event_scales_what_is_usual_and_mutes_no_runaway(models: dict[str, Any]) -> None:
    """Eight times the tasks on a day of which eight was planned; ten dollars more are none."""
    event = [PLANTED + timedelta(hours=n) for n in range(-4, 5)]
    busy = {hour: {"estimate_usd": Decimal(8), "tasks": 16, "calls": 64} for hour in event}
    planned = (
        f"('sale', 'chat', 8, timestamp '{event[0]}', timestamp '{event[-1]}' + interval 1 hour)"
    )
    assert incidents(models, hours(busy))
    assert [row for row in incidents(models, hours(busy), events=planned) if row[1] == "chat"] == []
    runaway = busy | {PLANTED: {"estimate_usd": Decimal(80), "tasks": 16, "calls": 640}}
    found = incidents(models, hours(runaway), events=planned)
    assert ("feature", "chat", "unit_cost", PLANTED) in {row[:4] for row in found}


def test_hours_that_nobody_delivered_are_unknown_and_no_alarm(models: dict[str, Any]) -> None:
    gap = [PLANTED + timedelta(hours=n) for n in range(6)]
    assert incidents(models, hours({}, gap)) == []
    # and what is usual a week later is not what a gap would make of it
    later = PLANTED + timedelta(days=2)
    assert incidents(models, hours(RUNAWAY | {later: {}}, [later])) == incidents(
        models, hours(RUNAWAY)
    )


def test_an_incident_is_the_same_whatever_comes_after_it(models: dict[str, Any]) -> None:
    """Its first alert rests on nothing later than its own hour."""
    rows = hours(RUNAWAY)
    until = [row for row in rows if row["utc_hour"] <= PLANTED]
    columns = "scope, member, measure, started_at, detected_at, expected, actual"
    assert incidents(models, until, columns=columns) == incidents(models, rows, columns=columns)


def test_the_nearest_change_that_it_did_not_come_before_is_named(models: dict[str, Any]) -> None:
    changes = ", ".join(
        f"('{name}', '{kind}', '{name}', timestamp '{PLANTED + timedelta(hours=after)}', {feature})"
        for name, kind, after, feature in (
            ("long before", "deploy", -80, "'chat'"), ("before", "deploy", -5, "'chat'"),
            ("just before", "flag", -1, "null"), ("of mail", "deploy", 0, "'mail'"),
            ("a price", "price", 0, "null"), ("after", "deploy", 1, "'chat'"),
        )
    )  # fmt: skip
    assert incidents(models, hours(RUNAWAY), changes=changes, columns="change_event") == [
        ("just before",)
    ]


def test_what_alerts_as_of_the_newest_hour_is_open_until_somebody_marks_it(
    models: dict[str, Any],
) -> None:
    rows = [row for row in hours(RUNAWAY) if row["utc_hour"] <= PLANTED]
    ((incident_id, status),) = incidents(models, rows, columns="incident_id, status")
    assert (incident_id, status) == ("2026-09-08T10/unit_cost/feature/chat", "open")
    for marked in ("acknowledged", "planned", "false_alarm"):
        mark = f"('{incident_id}', '{marked}', 'ada', null, 'config/incident_marks.csv:2')"
        assert incidents(models, rows, marks=mark, columns="status, marked_by") == [(marked, "ada")]
    assert incidents(models, hours(RUNAWAY), columns="status") == [("closed",)]


def test_calls_of_a_key_that_nobody_knew_are_of_the_key_in_their_hour(
    models: dict[str, Any],
) -> None:
    """Chat's two hours, at 20 USD each, are made with k9: an incident of the key, not of chat."""
    changed = {
        PLANTED + timedelta(hours=n): {"api_key_id": "k9", "estimate_usd": Decimal(20)}
        for n in (0, 1)
    }
    assert incidents(models, hours(changed)) == [
        ("api_key", "k9", "new_member", PLANTED, PLANTED, 0, 40, "entry_exit"),
    ]
