"""Alerts reach the channel of their owner, once; what a channel did not take is told again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.alerts.delivery import Delivery, deliver_alerts, told
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.alerts.published import incident, insert, publish, workspace_of
from tests.pipelines.conftest import outlay


class Webhook:
    """A service on this machine that takes messages, or refuses them."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status == 200:
                    outer.messages.append(json.loads(body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://127.0.0.1:{self.server.server_port}/hook-of-agents"

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    hook = Webhook()
    threading.Thread(target=hook.server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AGENTS_URL", hook.address)
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspace_of(
        tmp_path / "acme",
        incident("a"),
        incident("b", owner="Search", actual=Decimal(5), excess_usd=Decimal(4), member="find"),
        incident("c", status="acknowledged"),
    )
    configure(made, '[alerts.agents]\nurl_env = "AGENTS_URL"\nowners = ["Agents"]\n'
                    '[alerts.others]\nfile = "exports/alerts.jsonl"\n')  # fmt: skip
    return made


def configure(workspace: Workspace, channels: str, **top: str) -> None:
    text = workspace.settings_file.read_text().replace("[alerts]\n", channels)
    for name, value in top.items():
        text = text.replace(f'{name} = ""', f'{name} = "{value}"')
    workspace.settings_file.write_text(text)


def deliver(workspace: Workspace, *, dry_run: bool = False) -> list[Delivery]:
    settings, _ = load_workspace(workspace)
    return deliver_alerts(workspace, settings, workspace.showback, dry_run=dry_run)


def written(workspace: Workspace) -> list[str]:
    file = workspace.exports / "alerts.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line)["title"] for line in lines]


CHAT = "unit cost of feature chat: $10.00, usual $1.00"
FIND = "unit cost of feature find: $5.00, usual $1.00"


def test_each_owner_has_his_channel_and_the_rest_go_to_the_one_without_owners(
    workspace: Workspace, webhook: Webhook
) -> None:
    found = deliver(workspace)
    assert [(one.alert.key, one.channel, one.was_told) for one in found] == [
        ("incident a", "agents", True), ("incident b", "others", True),
    ]  # fmt: skip
    assert webhook.titles == [CHAT]
    assert written(workspace) == [FIND]


def test_a_message_has_number_evidence_owner_and_link(
    workspace: Workspace, webhook: Webhook
) -> None:
    configure(workspace, "[alerts]\n", pages_url="https://pages.acme.example/")
    deliver(workspace)
    assert webhook.messages[0]["message"] == (
        "From 2026-10-26 15:00 to 2026-10-26 17:59 UTC: $9.00 beyond the usual.\n"
        "What moved: Loops. Model calls that a task takes, retries included.\n"
        "The change before it: deploy bot 1.4.\n"
        "If it is known, planned or a false alarm, add to config/incident_marks.csv:"
        " a,acknowledged,<you>,,\n"
        "Owner: Agents\n"
        "https://pages.acme.example/incidents.html"
    )


def test_what_was_told_is_not_told_again_and_what_is_over_is_forgotten(
    workspace: Workspace, webhook: Webhook
) -> None:
    deliver(workspace)
    publish(workspace, incident("a"), incident("d", member="mail"))
    deliver(workspace)
    assert webhook.titles == [CHAT, CHAT.replace("chat", "mail")]
    assert json.loads(workspace.told_alerts.read_text()) == [
        ["incident a", "agents"], ["incident d", "agents"],
    ]  # fmt: skip


def test_what_a_channel_refused_is_told_by_the_next_run_and_its_address_is_nowhere(
    workspace: Workspace, webhook: Webhook
) -> None:
    webhook.status = 500
    check = told(deliver(workspace))
    assert not check.passed
    assert not check.turns_red
    assert check.detail.startswith(
        "2 alerts are open, 1 messages told; channel agents: the service"
    )
    assert "hook-of-agents" not in check.detail + check.cure
    webhook.status = 200
    assert told(deliver(workspace)).passed
    assert webhook.titles == [CHAT]
    assert written(workspace) == [FIND]


def test_an_address_that_is_missing_or_none_is_named_with_its_cure(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGENTS_URL", raising=False)
    assert "the environment variable AGENTS_URL is not set" in told(deliver(workspace)).detail
    monkeypatch.setenv("AGENTS_URL", "nothing-of-this-kind")
    assert "AGENTS_URL holds no address that apprise knows" in told(deliver(workspace)).detail


def test_without_a_channel_for_all_others_the_check_says_how_many_nobody_hears(
    tmp_path: Path, webhook: Webhook
) -> None:
    workspace = workspace_of(tmp_path / "acme", incident("b", owner=None))
    assert deliver(workspace) == []
    configure(workspace, '[alerts.agents]\nurl_env = "AGENTS_URL"\nowners = ["Agents"]\n')
    check = told(deliver(workspace))
    assert check.detail == "1 alerts are open, 0 messages told, 1 that no channel takes"
    assert not check.passed
    assert webhook.titles == []


def test_a_limit_is_told_when_it_is_reached_or_will_be_and_again_in_its_next_period(
    workspace: Workspace, webhook: Webhook
) -> None:
    def limits(month: int) -> None:
        publish(workspace)
        with duckdb.connect(str(workspace.showback)) as con:
            for member, state, told_as in (
                ("chat", "over", "block"), ("find", "projected_over", "none"),
                ("mail", "warn", "none"), ("burns", "ok", "block"),
            ):  # fmt: skip
                insert(con, "reports.rpt_budget_state", {
                    "scope": "feature", "member": member, "period": "month", "kind": "hard",
                    "period_start": f"2026-{month}-01", "state": state,
                    "reason": "Spent $301 of $280.", "owner": "Agents", "recommendation": told_as,
                    "rule": {"over": "cap", "ok": "burn"}.get(state),
                    "evidence": "two hours at 5 times" if told_as == "block" else None,
                })  # fmt: skip

    titles = [
        "hard limit of feature burns for the month: burns",
        "hard limit of feature chat for the month: reached",
        "hard limit of feature find for the month: will be reached",
    ]
    limits(10)
    deliver(workspace)
    deliver(workspace)
    assert sorted(webhook.titles) == titles
    assert webhook.messages[1]["message"].startswith(
        "Spent $301 of $280.\nThe gateway had better block: two hours at 5 times.\nOwner: Agents"
    )
    limits(11)
    deliver(workspace)
    assert sorted(webhook.titles) == sorted(2 * titles)


def test_the_command_shows_what_is_open_and_tells_only_when_asked(
    workspace: Workspace, webhook: Webhook
) -> None:
    with duckdb.connect(str(workspace.showback)) as con:
        insert(con, "reports.rpt_experiments", {
            "experiment": "tone", "candidate": "new", "control": "old", "owner": "Agents",
            "reason": "success_lost", "decided_at": "2026-10-20", "alarm": "still_on",
        })  # fmt: skip
    shown = outlay("alerts", "--workspace", workspace.root, "--json")
    assert [(row["owner"], row["told"]) for row in json.loads(shown.stdout)] == [
        ("Agents", "no"), ("Search", "no"), ("Agents", "no"),
    ]  # fmt: skip
    assert webhook.titles == written(workspace) == []
    assert outlay("alerts", "--workspace", workspace.root, "--send").exit_code == 0
    assert webhook.titles == [
        CHAT, "experiment tone: new was taken back, and tasks still begin in new",
    ]  # fmt: skip
    webhook.status = 500
    publish(workspace, incident("e"))
    assert outlay("alerts", "--workspace", workspace.root, "--send").exit_code == 1
