"""The check that says which decisions of experiments nobody carried out."""

from __future__ import annotations

import duckdb

from pipelines.checks.check import Check
from pipelines.checks.experiments import experiments


def checked(*alarms: str | None) -> Check:
    with duckdb.connect() as con:
        con.execute("create schema reports")
        con.execute(
            "create table reports.rpt_experiments (experiment varchar, candidate varchar,"
            " owner varchar, alarm varchar, decided_at timestamp, reason varchar, state varchar)"
        )
        for number, alarm in enumerate(alarms):
            con.execute(
                "insert into reports.rpt_experiments values"
                " ($1, 'new', 'Ann', $2, '2026-08-10', 'success_lost', 'rolled_back')",
                [f"e{number}", alarm],
            )
        return experiments(con)


def test_without_an_alarm_it_passes() -> None:
    assert checked().passed
    assert checked(None, None).passed


def test_what_goes_on_is_named_with_its_owner_and_only_warns() -> None:
    check = checked("still_on", None, "lingers")
    assert (check.passed, check.turns_red) == (False, False)
    assert check.detail == (
        "new of e0 was taken back on 2026-08-10 (success lost), and tasks still begin in it, of"
        " Ann; new of e2 was shipped on 2026-08-10, and tasks still begin in its control, of Ann"
    )
