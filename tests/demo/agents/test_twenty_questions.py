"""Twenty questions over the Model Context Protocol give the figures that SQL gives.

The client is the SDK's own, over stdio to the command and over HTTP on the loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from mcp import Client, StdioServerParameters

from pipelines.agents.published import Limits
from pipelines.agents.server import SKILL, make_server
from pipelines.workspace.paths import Workspace
from tests.demo.agents.asking import asked, in_process
from tests.demo.conftest import Published

JULY = "month = '2026-07-01'"
IN_JULY = "between '2026-07-01' and '2026-07-31'"
CLOSED = f"from reports.rpt_unit_cost where cost_basis = 'estimate' and day {IN_JULY}"
USAGE = f"from marts.fct_usage_daily where call_date {IN_JULY}"
PER_SUCCESS = "cast(sum(cost_usd) / sum(successes) as decimal(28, 9))"

Question = tuple[str, dict[str, Any], str, str]


QUESTIONS: list[Question] = [
    # tool, arguments, what of the answer, the SQL that gives the same
    ("ask", asked("charge_usd"), "total",
     f"select sum(charge_usd) from marts.fct_showback where {JULY}"),
    ("ask", asked("charge_usd", "team"), "rows",
     f"select coalesce(team, 'unallocated'), sum(charge_usd) from marts.fct_showback where {JULY}"
     " group by all"),
    ("ask", asked("charge_usd", "tenant"), "rows",
     "select member, sum(charge_usd) from reports.rpt_showback where dimension = 'tenant'"
     f" and {JULY} group by all"),
    ("ask", asked("charge_usd", "cost_centre", where={"provider": "openai"}), "rows",
     f"select coalesce(cost_centre, 'unallocated'), sum(charge_usd) from marts.fct_showback"
     f" where {JULY} and provider = 'openai' group by all"),
    ("ask", asked("charge_usd", "line", where={"feature": "unallocated"}), "rows",
     f"select line, sum(charge_usd) from marts.fct_showback where {JULY} and feature is null"
     " group by all"),
    ("ask", asked("charge_usd", "day"), "rows",
     f"select utc_day, sum(charge_usd) from marts.fct_charges_daily where utc_day {IN_JULY}"
     " group by all"),
    ("ask", {"metric": "charge_usd", "by": ["provider"], "period": "2026-07-10..2026-07-12"},
     "rows", "select provider, sum(charge_usd) from marts.fct_charges_daily where utc_day"
     " between '2026-07-10' and '2026-07-12' group by all"),
    ("ask", asked("cost_per_success_usd"), "total", f"select {PER_SUCCESS} {CLOSED}"),
    ("ask", asked("cost_per_success_usd", "feature"), "rows",
     f"select feature, {PER_SUCCESS} {CLOSED} group by all having sum(successes) > 0"),
    ("ask", asked("cost_per_success_usd", "tenant", where={"feature": "support_assistant"}),
     "rows", f"select tenant_id, {PER_SUCCESS} {CLOSED} and feature = 'support_assistant'"
     " group by all having sum(successes) > 0"),
    ("ask", asked("cost_usd", "week task_type"), "rows",
     f"select date_trunc('week', day)::date, task_type, sum(cost_usd) {CLOSED} group by all"),
    ("ask", asked("successes", "task_type"), "rows",
     f"select task_type, sum(successes)::bigint {CLOSED} group by all"),
    ("ask", asked("waste_usd"), "total", f"select sum(waste_usd) {CLOSED}"),
    ("ask", asked("estimate_usd", "model"), "rows",
     f"select model_id, sum(estimate_usd) {USAGE} group by all"),
    ("ask", asked("unpriced_calls", "model feature"), "rows",
     f"select model_id, feature, sum(unpriced_calls)::bigint {USAGE} group by all"),
    ("ask", asked("estimate_usd", "key"), "rows",
     "select api_key_id, sum(estimate_usd) from marts.fct_key_usage_daily where utc_day"
     f" {IN_JULY} group by all having sum(estimate_usd) is not null"),
    ("ask", asked("saved_usd", "layer"), "rows",
     f"select layer, sum(saved_usd) from reports.rpt_cache_daily where day {IN_JULY}"
     " group by all"),
    ("statement_lines", {"month": "2026-07", "kind": "team"}, "amount_usd",
     f"select sum(amount_usd) from marts.fct_statement_lines where {JULY} and kind = 'team'"),
    ("drill", {"period": "2026-07", "where": {"feature": "support_assistant"}}, "charge_usd",
     f"select sum(charge_usd) from marts.fct_showback where {JULY} and line = 'usage'"
     " and pool is null and feature = 'support_assistant'"),
    ("query", {"sql": f"select sum(charge_usd) as usd from reports.rpt_charges where {JULY}"},
     "rows", f"select sum(charge_usd) from marts.fct_charges_daily where utc_day {IN_JULY}"),
]  # fmt: skip


@contextlib.asynccontextmanager
async def over_stdio(workspace: Workspace) -> AsyncIterator[Client]:
    command = Path(sys.executable).with_name("outlay")
    arguments = ["mcp", "--workspace", str(workspace.root), "--max-seconds", "60"]
    async with Client(StdioServerParameters(command=str(command), args=arguments)) as client:
        yield client


@contextlib.asynccontextmanager
async def over_http(workspace: Workspace) -> AsyncIterator[Client]:
    """A bound socket takes connections before its server looks at them: nobody waits."""
    app = make_server(workspace, Limits(seconds=60)).streamable_http_app(json_response=True)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        async with Client(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp") as client:
            yield client
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)


async def answer(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    text = result.content[0].text
    assert not result.is_error, (tool, arguments, text)
    return json.loads(text)


def told(value: Any) -> Any:
    """A value of SQL as an answer tells it."""
    return f"{value:f}" if isinstance(value, Decimal) else (
        value.isoformat() if hasattr(value, "isoformat") else value
    )  # fmt: skip


def same(found: Any, expected: list[tuple[Any, ...]]) -> bool:
    """Money by value: 1.50 and 1.5 are one amount."""
    if not isinstance(found, list):
        ((value,),) = expected
        return Decimal(str(found)) == value
    rows = [tuple(row) for row in found if row[-1] is not None]
    assert rows
    plain = sorted(((*map(str, map(told, row[:-1])), row[-1]) for row in expected), key=str)
    return sorted(((*map(str, row[:-1]), Decimal(str(row[-1]))) for row in rows), key=str) == plain


@pytest.mark.slow
@pytest.mark.parametrize("connected", [over_stdio, over_http])
def test_twenty_questions_give_the_figures_that_sql_gives(
    served: Workspace, published: Published, connected: Callable[..., Any]
) -> None:
    async def ask_all() -> list[dict[str, Any]]:
        async with connected(served) as client:
            return [await answer(client, tool, arguments) for tool, arguments, _, _ in QUESTIONS]

    answers = asyncio.run(ask_all())
    assert len(answers) == 20
    for (tool, arguments, part, sql), said in zip(QUESTIONS, answers, strict=True):
        expected = [row for row in published.workspace.query(sql) if row[-1] is not None]
        assert same(said[part], expected), (tool, arguments)
        if tool == "ask":
            assert said["basis"] in ("charge", "estimate")
            assert said["period"]["first"] in ("2026-07-01", "2026-07-10")
            assert said["data_as_of"]["bills"]
            assert 0 < said["coverage"]["calls_without_price_ratio"] < 0.2


def test_a_misspelt_name_is_refused_with_the_one_that_was_meant(served: Workspace) -> None:
    metric, member, by, period, nothing = in_process(
        served, Limits(),
        ("ask", asked("charges_usd")),
        ("ask", asked("cost_usd", where={"feature": "suport_assistant"})),
        ("ask", {"metric": "charge_usd", "by": ["team"], "period": "2026-07-03"}),
        ("ask", {"metric": "charge_usd", "period": "July"}),
        ("explain", {"name": "rpt_nothing"}),
    )  # fmt: skip
    assert "did you mean 'charge_usd'" in metric
    assert "did you mean 'support_assistant'" in member
    assert "team" in by
    assert "whole months" in by
    assert "write a month 2026-09" in period
    assert "is no metric and no relation" in nothing


def test_a_number_is_explained_by_its_words_its_decision_its_sql_and_its_versions(
    served: Workspace,
) -> None:
    number, relation = in_process(
        served, Limits(),
        ("explain", {"name": "cost_per_success_usd"}), ("explain", {"name": "marts.dim_org"}),
    )  # fmt: skip
    said = json.loads(number)
    assert "**Rule.**" in said["decision"]
    assert "fct_task_costs_daily" in said["computed_by"][0]["sql"]
    assert any(name.startswith("outlay") for name in said["versions"])
    assert said["coverage"]["estimate_not_billed_ratio"] >= 0
    assert ["kind", "VARCHAR"] in [row[:2] for row in json.loads(relation)["rows"]]


def test_the_coverage_of_a_month_is_what_its_overview_says(
    served: Workspace, published: Published
) -> None:
    (text,) = in_process(served, Limits(), ("ask", asked("calls")))
    unpriced, untagged = published.workspace.query(
        "select sum(unpriced_calls) / sum(calls), sum(estimate_usd) filter (feature is null or"
        f" tenant_id is null) / sum(estimate_usd) {USAGE}"
    )[0]
    coverage = json.loads(text)["coverage"]
    assert coverage["calls_without_price_ratio"] == pytest.approx(float(unpriced), rel=1e-12)
    assert coverage["estimate_without_feature_or_tenant_ratio"] == pytest.approx(
        float(untagged), rel=1e-9
    )


def test_the_skill_is_a_resource(served: Workspace) -> None:
    async def read() -> str:
        async with Client(make_server(served, Limits())) as client:
            return str((await client.read_resource("outlay://skill")).contents[0].text)

    assert asyncio.run(read()) == SKILL.read_text(encoding="utf-8")
