"""The check that says what burns more than it should as of the newest hour."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.checks.burn_rate import burn_rate


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema reports")
        con.execute(
            "create table reports.rpt_incidents (incident_id varchar, scope varchar,"
            " member varchar, measure varchar, started_at timestamp, actual decimal(28, 9),"
            " expected decimal(28, 9), excess_usd decimal(28, 9), driver varchar, owner varchar,"
            " change_event varchar, status varchar)"
        )
        yield con


def incident(
    con: duckdb.DuckDBPyConnection, name: str, usd: int, status: str, owner: str | None = "Agents"
) -> None:
    con.execute(
        "insert into reports.rpt_incidents values ($name, 'feature', $name, 'spend',"
        " timestamp '2026-10-26 15:00:00', 1200 + $usd::decimal(28, 9), 1200, $usd, 'loops',"
        " $owner, 'deploy bot 1.4', $status)",
        {"name": name, "usd": usd, "status": status, "owner": owner},
    )


def test_without_an_open_incident_it_passes(con: duckdb.DuckDBPyConnection) -> None:
    assert burn_rate(con).passed
    for status in ("closed", "acknowledged", "planned", "false_alarm"):
        incident(con, status, 50, status)
    assert burn_rate(con).passed


def test_an_open_one_warns_with_numbers_driver_owner_and_change(
    con: duckdb.DuckDBPyConnection,
) -> None:
    incident(con, "chat", 300, "open")
    check = burn_rate(con)
    assert not check.passed
    assert not check.turns_red
    assert check.detail == (
        "spend of feature chat since 2026-10-26 15:00 UTC: $1,500.00, usual $1,200.00, mostly"
        " loops, of Agents, after deploy bot 1.4"
    )
    assert "add chat,acknowledged,<you>,, to config/incident_marks.csv" in check.cure


def test_the_dearest_come_first_and_the_others_are_counted(
    con: duckdb.DuckDBPyConnection,
) -> None:
    for number in range(5):
        incident(con, f"f{number}", number, "open", owner=None)
    detail = burn_rate(con).detail
    assert [detail.count(name) for name in ("f4", "f3", "f2", "f1", "of nobody")] == [1, 1, 1, 0, 3]
    assert detail.endswith("; and 2 more")
