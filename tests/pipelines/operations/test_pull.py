"""`outlay pull` and the pull of a run: bills come by themselves, a failed pull is a red check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingest.pull.client import Waiting
from pipelines.orchestration.jobs import build_definitions
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from tests.ingest.billing.conftest import csv_of
from tests.ingest.pull.vendor import KEY, Trouble, Vendor, openai_cost
from tests.pipelines.conftest import outlay
from tests.support.texts import files_holding

NOW = datetime(2025, 10, 8, 5, 15, tzinfo=UTC)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """OpenAI on this machine: 1.05, 1.06 and 1.07 USD on the 5th, 6th and 7th of October."""
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    waits: list[float] = []
    monkeypatch.setattr("ingest.pull.inbound.Waiting", lambda: Waiting(lambda: NOW, waits.append))
    monkeypatch.setattr("pipelines.operations.pull.utc_now", lambda: NOW)
    with Vendor("openai") as started:
        started.ledger["costs"] = {date(2025, 10, n): [openai_cost(f"1.0{n}")] for n in (5, 6, 7)}
        yield started


@pytest.fixture
def acme(own: Workspace, vendor: Vendor) -> Workspace:
    """The small workspace, run once with files, that pulls OpenAI's costs from now on."""
    with (own.sources_dir / "openai.toml").open("a") as settings:
        settings.write(
            f'\n[pull]\nbase_url = "{vendor.base_url}"\nreports = ["costs"]\nstart = 2025-10-01\n'
        )
    return own


def published(workspace: Workspace, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_a_dry_run_shows_what_would_be_asked_and_asks_nobody(
    acme: Workspace, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    result = outlay("pull", "--workspace", acme.root, "--dry-run")
    assert result.exit_code == 0
    rows = [line.split() for line in result.output.splitlines()]
    assert ["openai", "OpenAI", "costs", "2025-10-01..2025-10-08", "5"] in rows
    assert vendor.requests == []


def test_pull_brings_files_and_a_second_one_brings_nothing(acme: Workspace) -> None:
    result = outlay("pull", "--workspace", acme.root)
    assert result.exit_code == 0, result.output
    assert "good pull__openai: openai: 5 new files, 0 unchanged" in result.output
    again = outlay("pull", "--workspace", acme.root, "--source", "openai")
    assert "good pull__openai: openai: 0 new files, 4 unchanged" in again.output


def test_days_can_be_asked_for_again(acme: Workspace, vendor: Vendor) -> None:
    result = outlay("pull", "-w", acme.root, "--from", "2025-10-02", "--to", "2025-10-03")
    assert result.exit_code == 0, result.output
    (params,) = vendor.asked()
    assert int(params["start_time"][0]) == datetime(2025, 10, 2, tzinfo=UTC).timestamp()
    assert int(params["end_time"][0]) == datetime(2025, 10, 4, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", "bot"], "'bot' is pulled from nowhere: add a [pull] or [remote] table to"),
        (["--from", "2025-10-07", "--to", "2025-10-05"], "lies after --to 2025-10-05; swap them"),
    ],
)
def test_what_cannot_be_pulled_is_said(acme: Workspace, arguments: list[str], message: str) -> None:
    result = outlay("pull", "--workspace", acme.root, *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_pull_is_refused_while_a_run_holds_the_workspace(acme: Workspace, vendor: Vendor) -> None:
    with workspace_lock(acme.state):
        result = outlay("pull", "--workspace", acme.root)
    assert result.exit_code == 2
    assert "another run is working on this workspace" in result.output
    assert vendor.requests == []


@pytest.mark.slow
@pytest.mark.usefixtures("run_models")
def test_a_run_pulls_first_and_a_restated_day_replaces_the_old_one_at_the_next_run(
    acme: Workspace, vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    charges = "select sum(billed_cost), count(*) from marts.fct_charges where provider = 'openai'"
    exports = tmp_path / "mounted"
    exports.mkdir()
    (exports / "2025-10.csv").write_text(csv_of("2.50,USD,Usage,2025-10-05T00:00:00Z,Acme"))
    with (acme.sources_dir / "focus.toml").open("a") as settings:
        settings.write(f'\n[remote]\nurl = "file://{exports}"\n')
    result = outlay("run", "--workspace", acme.root)
    assert result.exit_code == 0, result.output
    # four charges, and five days that OpenAI answers without any
    assert "read 6 new files: 9 rows" in result.output
    assert published(acme, "select sum(billed_cost) from marts.fct_charges") == [(Decimal("5.68"),)]
    assert published(acme, charges) == [(Decimal("3.18"), 3)]
    assert published(acme, "select passed from ops.checks where name = 'pull__openai'") == [(True,)]

    vendor.ledger["costs"][date(2025, 10, 6)] = [openai_cost("0.5"), openai_cost("0.25")]
    an_hour_later = Waiting(lambda: NOW.replace(hour=6))
    monkeypatch.setattr("ingest.pull.inbound.Waiting", lambda: an_hour_later)
    result = outlay("run", "--workspace", acme.root)
    assert "read 1 new files: 2 rows" in result.output
    # 1.05 + 0.75 + 1.07
    assert published(acme, charges) == [(Decimal("2.87"), 4)]

    assert files_holding(acme.root, KEY) == set()


@pytest.mark.slow
def test_a_failed_pull_is_a_red_check_and_the_run_goes_on_with_what_is_there(
    acme: Workspace, vendor: Vendor
) -> None:
    vendor.trouble = [None, None, *[Trouble(503)] * 100]
    result = outlay("run", "--workspace", acme.root)
    assert result.exit_code == 1
    assert (
        "failed pull__openai: OpenAI costs: the server failed (status 503), 6 times in a row;"
        " 2 new files, 0 unchanged" in result.output
    )
    assert "-> run again later; what was complete before is kept" in result.output
    # the window up to the 4th and the 5th came before the trouble
    assert published(acme, "select sum(billed_cost) from marts.fct_charges") == [(Decimal("1.05"),)]
    assert published(acme, "select count(*) from marts.fct_calls") == [(4,)]
    vendor.trouble = []
    assert outlay("run", "--workspace", acme.root).exit_code == 0
    assert published(acme, "select passed from ops.checks where name = 'pull__openai'") == [(True,)]


def test_a_missing_key_is_a_red_check_with_the_variables_name(
    acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.delenv("OPENAI_ADMIN_KEY")
        result = outlay("pull", "--workspace", acme.root)
    assert result.exit_code == 1
    assert "pull__openai: the environment variable OPENAI_ADMIN_KEY is not set" in result.output
    assert outlay("pull", "--workspace", acme.root).exit_code == 0


@pytest.mark.slow
def test_a_run_can_leave_the_vendors_alone(acme: Workspace, vendor: Vendor) -> None:
    result = outlay("run", "--workspace", acme.root, "--no-pull")
    assert result.exit_code == 0, result.output
    assert vendor.requests == []


def test_pulling_stands_before_landing_with_its_own_check(acme: Workspace) -> None:
    definitions = build_definitions(acme)
    graph = definitions.resolve_asset_graph()
    landing = graph.get(dg.AssetKey(["inbox", "openai"]))
    assert dg.AssetKey(["pull", "openai"]) in landing.parent_keys
    assert not graph.has(dg.AssetKey(["pull", "bot"]))
    checks = {key.name: key.asset_key for asset in graph.assets_defs for key in asset.check_keys}
    assert checks["pull__openai"] == dg.AssetKey(["pull", "openai"])
