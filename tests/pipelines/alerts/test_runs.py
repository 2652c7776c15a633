"""Red checks and failed runs reach whoever hears all others, once; guardrails say nothing of it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.errors import OutlayError
from pipelines.alerts.delivery import deliver_alerts
from pipelines.run.session import open_run
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.alerts.published import incident, publish, workspace_of

FIND = "unit cost of feature find: $10.00, usual $1.00"
RED = "check tie_out__openai is red"
STOPPED = "config/prices.csv:3: usd_per_mtok: is negative; write a price"
NOW = datetime(2026, 10, 27, 5, 15, tzinfo=UTC)
FAILED = "the run of 2026-10-27 05:15 UTC published nothing"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr("pipelines.run.session.now", lambda: NOW)
    made = workspace_of(tmp_path / "acme", incident("b", owner=None, member="find"))
    text = made.settings_file.read_text()
    made.settings_file.write_text(
        text.replace("[alerts]\n", '[alerts.all]\nfile = "exports/alerts.jsonl"\n')
    )
    return made


def checked(workspace: Workspace, *, passed: bool) -> None:
    """What a run publishes, with one check of each severity that may fail."""
    publish(workspace, incident("b", owner=None, member="find"))
    with duckdb.connect(str(workspace.showback)) as con:
        con.execute("create schema ops")
        con.execute(
            "create table ops.checks as from (values"
            f" ('tie_out__openai', {passed}, 'error', 'the gap is 4.1 %', 'look for its cause'),"
            " ('burn_rate', false, 'warning', 'spend of chat', ''),"
            " ('freshness', true, 'error', 'all is there', ''))"
            " as t (name, passed, severity, detail, cure)"
        )


def told(workspace: Workspace) -> list[tuple[str, str]]:
    file = workspace.exports / "alerts.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(found["title"], found["text"]) for found in map(json.loads, lines)]


def deliver(workspace: Workspace) -> list[str]:
    """Titles told by this delivery alone."""
    before = len(told(workspace))
    settings, _ = load_workspace(workspace)
    deliver_alerts(workspace, settings, workspace.showback)
    return [title for title, _ in told(workspace)[before:]]


def fail(workspace: Workspace, error: BaseException) -> list[str]:
    before = len(told(workspace))
    with pytest.raises(type(error)), open_run(workspace):
        raise error
    return [title for title, _ in told(workspace)[before:]]


def test_a_red_check_is_told_once_with_its_cure_until_it_is_green(workspace: Workspace) -> None:
    checked(workspace, passed=False)
    assert deliver(workspace) == [FIND, RED]
    assert told(workspace)[1][1] == (
        "the gap is 4.1 %\nCure: look for its cause\nOwner: nobody is named\ndata-quality.html"
    )
    assert deliver(workspace) == []
    checked(workspace, passed=True)
    assert deliver(workspace) == []
    checked(workspace, passed=False)
    assert deliver(workspace) == [RED]


def test_what_a_guardrail_run_publishes_says_nothing_of_checks(workspace: Workspace) -> None:
    checked(workspace, passed=False)
    deliver(workspace)
    publish(workspace, incident("b", owner=None, member="find"))
    assert deliver(workspace) == []
    checked(workspace, passed=False)
    assert deliver(workspace) == []


def test_a_run_that_publishes_nothing_is_told_once_until_one_publishes(
    workspace: Workspace,
) -> None:
    checked(workspace, passed=True)
    deliver(workspace)
    assert fail(workspace, OutlayError(STOPPED)) == [FAILED]
    assert told(workspace)[-1][1] == (
        f"{STOPPED}\nPages and published figures are those of the run before.\n"
        "Owner: nobody is named\ndata-quality.html"
    )
    assert fail(workspace, OutlayError(STOPPED)) == []
    assert deliver(workspace) == []  # neither is the incident told again
    assert fail(workspace, OutlayError(STOPPED)) == [FAILED]


def test_an_error_that_nobody_foresaw_is_told_by_its_kind_and_an_interruption_not_at_all(
    workspace: Workspace,
) -> None:
    assert fail(workspace, KeyboardInterrupt()) == []
    assert fail(workspace, ValueError("a prompt of somebody")) == [FAILED]
    assert told(workspace)[-1][1].startswith("ValueError\n")


def test_a_channel_that_takes_nothing_hides_no_reason(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOWHERE_URL", raising=False)
    text = workspace.settings_file.read_text()
    workspace.settings_file.write_text(
        text.replace('file = "exports/alerts.jsonl"', 'url_env = "NOWHERE_URL"')
    )
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(OutlayError, match="usd_per_mtok"),
        open_run(workspace),
    ):
        raise OutlayError(STOPPED)
    assert "nobody was told of it: channel all" in caplog.text
