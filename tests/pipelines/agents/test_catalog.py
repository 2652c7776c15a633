"""Metrics are asked where they can be answered; the published file says what models say."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import duckdb
import pytest
import yaml
from mcp import Client

from ingest.errors import OutlayError
from pipelines.agents.catalog import decision_on, decisions, metric_for
from pipelines.agents.published import Limits
from pipelines.agents.server import LOOPBACK, make_server
from pipelines.dbt_models.dbt_command import PROJECT
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay


def test_a_metric_is_asked_of_the_relation_that_has_its_dimensions_and_days() -> None:
    assert metric_for("charge_usd", ["team"], whole_months=True).relation == "reports.rpt_charges"
    by_provider = metric_for("charge_usd", ["provider"], whole_months=False)
    assert by_provider.relation == "reports.rpt_spend_daily"
    by_key = metric_for("estimate_usd", ["api_key_id"], whole_months=True)
    assert by_key.relation == "marts.fct_key_usage_daily"
    with pytest.raises(OutlayError, match="cannot be asked by team"):
        metric_for("charge_usd", ["team"], whole_months=False)


def test_what_people_argue_about_comes_with_its_decision() -> None:
    assert (decision_on("cost_per_success_usd") or "").startswith(
        "cost_per_success_usd\n\n**Rule.**"
    )
    assert (decision_on("charge_usd") or "").startswith("estimate_usd, charge_usd and reported_usd")
    assert decision_on("calls") is None
    assert "Allocated charge" in decisions()


def test_the_published_file_says_what_the_models_say(built: Workspace) -> None:
    with duckdb.connect(str(built.showback), read_only=True) as con:
        comments = dict(con.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables()"
            " union all select schema_name || '.' || view_name, comment from duckdb_views()"
            " where not internal"
        ).fetchall())  # fmt: skip
    for layer in ("marts", "reports"):
        for file in (PROJECT / "models" / layer).rglob("*.yml"):
            for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", ()):
                stated = model["description"].strip()
                assert comments[f"{layer}.{model['name']}"].strip() == stated


def test_an_agent_is_told_of_a_trap_before_anything_else(built: Workspace) -> None:
    async def ask() -> str:
        async with Client(make_server(built, Limits())) as client:
            result = await client.call_tool("explain", {"name": "rpt_showback"})
            return str(result.content[0].text)

    said = json.loads(asyncio.run(ask()))
    assert said["means"].startswith("Filter by `dimension` before you sum")


@pytest.mark.parametrize(
    ("options", "transport"),
    [([], {"transport": "stdio"}),
     (["--http", "--port", "8123"], {"transport": "streamable-http", "host": LOOPBACK,
                                     "port": 8123, "json_response": True})],
)  # fmt: skip
def test_the_command_serves_stdio_or_the_loopback_alone(
    built: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    transport: dict[str, Any],
) -> None:
    ran: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "mcp.server.mcpserver.MCPServer.run",
        lambda _, transport, **more: ran.append({"transport": transport, **more}),
    )
    result = outlay("mcp", "-w", built.root, *options)
    assert result.exit_code == 0, result.output
    assert ran == [transport]


def test_people_stay_hidden_unless_the_setting_lets_them_out(
    built: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Limits] = []
    monkeypatch.setattr("pipelines.agents.server.serve", lambda _, limits, *__: seen.append(limits))
    outlay("mcp", "-w", built.root, "--max-rows", "7")
    monkeypatch.setenv("OUTLAY_AGENTS__PEOPLE", "true")
    outlay("mcp", "-w", built.root)
    assert [(limits.rows, limits.shows_people) for limits in seen] == [(7, False), (200, True)]
