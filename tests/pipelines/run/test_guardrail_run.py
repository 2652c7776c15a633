"""A guardrail run says what a run of everything says, without waiting for one or changing it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from pipelines.orchestration.guardrail_job import JOB
from pipelines.orchestration.jobs import build_definitions
from pipelines.orchestration.keys import WRITES
from pipelines.run.guardrail_run import REPORTS, run_guardrails
from pipelines.workspace.locking import GUARDRAILS, LockedError, shared_lock, workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.progress import silent
from tests.pipelines.conftest import outlay
from tests.support.workspaces.small import CALLS, drop

NEXT_HOUR = "c5,t4,2025-10-07T13:00:00Z,house-1,9000,0\n"
"""A call more: 0.009 USD, in the hour after the newest."""


@pytest.fixture
def limited(own: Workspace) -> Workspace:
    """The small workspace with a limit of the bot's, which its next call passes."""
    with (own.config / "limits.csv").open("a") as limits:
        limits.write("feature,bot,month,0.015,hard,,bot team,,,\n")
    with own.settings_file.open("a") as settings:
        settings.write('[alerts.all]\nfile = "exports/alerts.jsonl"\n')
    return own


def contents(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(file), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return {name: con.execute(f"from reports.{name} order by all").fetchall()
                for name in REPORTS}  # fmt: skip


def told(workspace: Workspace) -> list[str]:
    file = workspace.exports / "alerts.jsonl"
    return [json.loads(line)["title"] for line in file.read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.usefixtures("run_models")
def test_it_says_what_a_run_says_and_tells_it_once(limited: Workspace) -> None:
    assert run_guardrails(limited, silent).changes.full_refresh
    assert contents(limited.guardrails)["rpt_budget_state"][0][:2] == ("feature", "bot")
    drop(limited, "bot/more.csv", CALLS.splitlines()[0] + "\n" + NEXT_HOUR)
    before = limited.showback.read_bytes()
    result = run_guardrails(limited, silent)
    assert (result.is_landed, result.changes.full_refresh) == (True, False)
    assert result.as_of == datetime(2025, 10, 7, 13)
    assert limited.showback.read_bytes() == before
    document = json.loads((limited.exports / "guardrails.json").read_text())
    ((spent, state),) = [(one["spent_usd"], one["state"]) for one in document["limits"]]
    assert (spent, state) == ("0.020000000", "over")  # 0.011 and 0.009
    limit = "hard limit of feature bot for the month"
    assert told(limited) == [f"{limit}: will be reached", f"{limit}: reached"]
    outlay("run", "--workspace", limited.root)
    assert contents(limited.showback) == contents(limited.guardrails)
    assert told(limited) == [f"{limit}: will be reached", f"{limit}: reached"]


def test_beside_a_run_it_takes_what_is_landed_and_the_rest_later(limited: Workspace) -> None:
    drop(limited, "bot/more.csv", CALLS.splitlines()[0] + "\n" + NEXT_HOUR)
    with workspace_lock(limited.state):
        result = outlay("guardrails", "--workspace", limited.root)
        assert result.exit_code == 0, result.output
    assert "guardrails up to 2025-10-07 12:59 UTC" in result.output
    assert "a run is under way: files that it has not landed are not in here" in result.output
    result = outlay("guardrails", "--workspace", limited.root)
    assert "guardrails up to 2025-10-07 13:59 UTC" in result.output
    assert "hard limit of feature bot for the month: reached" in result.output


def test_with_nothing_new_nothing_is_built(
    limited: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_guardrails(limited, silent)
    before = contents(limited.guardrails)

    def unexpected(*_: object, **__: object) -> None:
        raise AssertionError("built although nothing came")

    monkeypatch.setattr("pipelines.run.guardrail_run.build_models", unexpected)
    assert run_guardrails(limited, silent).changes.nothing_new
    assert contents(limited.guardrails) == before


def test_a_second_one_waits_and_says_for_whom(
    limited: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.workspace.locking._PATIENCE_SECONDS", 0)
    with (
        shared_lock(limited.state, GUARDRAILS),
        pytest.raises(LockedError, match="guardrails of this workspace has been busy"),
    ):
        run_guardrails(limited, silent)


def test_it_is_a_job_of_its_own_that_waits_for_no_run(limited: Workspace) -> None:
    definitions = build_definitions(limited)
    job = definitions.resolve_job_def(JOB)
    assert job.tags[WRITES] != definitions.resolve_job_def("outlay").tags[WRITES]
    with dg.DagsterInstance.ephemeral() as instance, workspace_lock(limited.state):
        result = job.execute_in_process(
            instance=instance,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    assert result.success
    assert contents(limited.guardrails)["rpt_budget_state"]
    schedule = definitions.resolve_schedule_def(JOB)
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    text = limited.settings_file.read_text()
    assert 'schedule = "daily"' in text
    limited.settings_file.write_text(text.replace('schedule = "daily"', 'schedule = "hourly"'))
    schedule = build_definitions(limited).resolve_schedule_def(JOB)
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
