"""What a call takes from the spans around it: attribution, the calling call, the agent, the task.

Every scene is a trace of its own in one workspace, so that one build serves all.
"""

from __future__ import annotations

from hashlib import md5
from itertools import count
from typing import Any

import pytest

from tests.ingest.gateways.otel.otlp_lines import CHAT, evaluation, line, log_line
from tests.ingest.gateways.otel.otlp_lines import span as made_span
from tests.support.warehouse import Workspace

AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "triage"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
CUSTOMER = {"app.tenant_id": "acme", "app.feature": "support", "gen_ai.conversation.id": "s1",
            "app.task_id": "k1"}  # fmt: skip
CHAIN = {"openinference.span.kind": "CHAIN"}

OWN_PLACES = """
format = "otel"
[attribution]
tenant_id = "customer"
task_id = ["traceId", "customer"]
[labels]
centre = "centre"
ring = "ring"
"""
TRACES = """
format = "otel"
[outcomes.resolved]
success = [">= 0.5", "pass"]
"""


ANSWERS = count()


def trace(scene: str) -> str:
    return md5(scene.encode()).hexdigest()  # noqa: S324 - a trace id, no secret


def call(scene: str, number: int) -> str:
    return f"{trace(scene)}/{number:016x}"


def chat(number: int, parent: int | None = None, **attributes: Any) -> dict[str, Any]:
    """A chat with a response of its own."""
    own = CHAT | {"gen_ai.response.id": f"resp-{next(ANSWERS)}"} | attributes
    return made_span(number, parent, a=own)


def span(number: int, parent: int | None = None, **fields: Any) -> dict[str, Any]:
    return made_span(number, parent, **fields)


UNCOUNTED = {name: value for name, value in CHAT.items() if ".usage." not in name}

SCENES: dict[str, list[dict[str, Any]]] = {
    "nearest": [
        span(1, a=AGENT | CUSTOMER),
        chat(2, 1),
        span(3, 1, a=TOOL),
        span(4, 3, a=AGENT | {"gen_ai.agent.name": "billing", "app.feature": "invoices",
                              "gen_ai.conversation.id": "s2"}),
        chat(5, 4, **{"app.feature": "own"}),
        span(6, 4, a=TOOL | {"gen_ai.tool.name": "other"}),
        chat(7),
    ],
    "parents": [
        span(1, a=AGENT), chat(2, 1), span(3, 2, a=TOOL), span(4, 3, a=AGENT),
        span(5, 4, name="GET /", a={"http.request.method": "GET"}), chat(6, 5), chat(7, 99),
    ],
    "both sides": [
        span(1, a=TOOL), span(2, 1, name="tools/call search", a=TOOL), span(3, 2, a=TOOL),
        chat(4, 3), span(5, 1, a=TOOL | {"gen_ai.tool.name": "other"}),
    ],
    "dialects": [
        span(1, name="planner", a={"openinference.span.kind": "AGENT"}),
        span(2, 1, name="lookup", a={"openinference.span.kind": "TOOL"}),
        span(3, name="x", a={"traceloop.span.kind": "agent", "traceloop.entity.name": "writer"}),
        span(4, 3, name="y", a={"traceloop.span.kind": "tool", "traceloop.entity.name": "fetch"}),
    ],
    # 1 and 2 are each other's parent, 3 its own, 4 is exported twice, 6 with another's identifier
    "rings": [
        span(1, 2, a=AGENT | CUSTOMER), chat(2, 1), chat(3, 3), chat(4, **CUSTOMER),
        span(5, 4, a=TOOL), chat(4, **CUSTOMER),
        chat(4, **{"app.tenant_id": "late"}) | {"startTimeUnixNano": "1790856009000000000"},
    ],
    # without usage, which spans inside each other would state again and again
    "deep": [span(1, a=AGENT | CUSTOMER), *(span(n, n - 1, a=UNCOUNTED) for n in range(2, 200))],
    "spelling": [
        span(1, a=AGENT | CUSTOMER),
        chat(2) | {"traceId": trace("spelling").upper(), "parentSpanId": "0" * 15 + "1"},
        chat(3) | {"parentSpanId": "0" * 16},
    ],
    "judged": [
        span(1, a=AGENT), span(2, 1, a=AGENT | CUSTOMER), chat(3, 2), chat(4, 1),
    ],
    "evaluator": [
        span(1, a=AGENT | {"app.task_id": "k9"}), chat(2, 1), chat(3, 1),
        span(4, 1, a={"openinference.span.kind": "EVALUATOR"}), chat(5, 4),
        span(6, 4, a={"openinference.span.kind": "GUARDRAIL"}),
        chat(7, **{"app.task_id": "k10", "app.traffic_class": "evaluation"}),
    ],
    "judged by answer": [
        span(1, a=AGENT | {"app.task_id": "k2"}),
        chat(2, 1, **{"gen_ai.response.id": "an answer"}),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """All scenes, built once."""
    workspace = Workspace(
        tmp_path_factory.mktemp("scenes"), models=("fct_duplicate_calls", "fct_tasks")
    )
    workspace.configure("traces", TRACES)
    for number, (scene, spans) in enumerate(SCENES.items()):
        placed = [{**made, "traceId": made["traceId"] if scene == "spelling" and
                   made["traceId"].isupper() else trace(scene)} for made in spans]  # fmt: skip
        workspace.drop("traces", f"{number}.jsonl", line(*placed))
    resource = {"deployment.environment.name": "prod", "team": "platform",
                "cloud.region": "eu-central-1", "service.name": "shop"}  # fmt: skip
    workspace.drop("traces", "resource.jsonl", line(
        *({**made, "traceId": trace("resource")} for made in (
            span(1, a=AGENT | {"app.team": "north"}), chat(2, 1), chat(3),
        )), resource=resource,
    ))  # fmt: skip
    workspace.drop("traces", "logs.jsonl", log_line(
        *(evaluation("resolved", label="pass", traceId=trace("judged"), spanId=f"{n:016x}")
          for n in (3, 4, 9)),
        evaluation("resolved", label="pass", traceId=trace("judged"), spanId=f"{3:016x}",
                   a={"app.task_id": "own"}),
        evaluation("resolved", label="pass", traceId="", spanId="",
                   a={"gen_ai.response.id": "an answer"}),
        evaluation("resolved", label="pass", traceId="", spanId="",
                   a={"gen_ai.response.id": "nobody's"}),
    ))  # fmt: skip
    workspace.configure("own", OWN_PLACES)
    workspace.drop("own", "a.jsonl", line(
        *({**made, "traceId": trace("own places")} for made in (
            span(1, a=AGENT | {"customer": "acme", "app.tenant_id": "no", "app.feature": "support",
                               "centre": "R&D", "ring": "outer"}),
            span(2, 1, a=TOOL | {"ring": "inner"}),
        ))
    ))  # fmt: skip
    workspace.build()
    return workspace


def found(workspace: Workspace, scene: str, what: str) -> list[tuple[Any, ...]]:
    return workspace.query(
        f"select {what} from marts.fct_calls where trace_id = '{trace(scene)}'"
        " order by started_at, call_id"
    )


def test_attribution_goes_down_the_trace_and_the_nearest_counts(workspace: Workspace) -> None:
    assert found(workspace, "nearest", "tenant_id, feature, session_id, task_id, agent_name") == [
        ("acme", "support", "s1", "k1", "triage"),
        ("acme", "support", "s1", "k1", "triage"),
        ("acme", "own", "s2", "k1", "billing"),
        ("acme", "invoices", "s2", "k1", "billing"),
        # nobody above it: its trace is its task
        (None, None, None, trace("nearest"), None),
    ]


def test_who_states_a_payer_is_the_call_or_what_is_nearest_above(workspace: Workspace) -> None:
    assert found(workspace, "nearest", "feature_stated_by, tenant_stated_by") == [
        ("agent", "agent"), ("agent", "agent"), ("call", "agent"), ("agent", "agent"),
        (None, None),
    ]  # fmt: skip


def test_calls_below_an_evaluator_stand_beside_the_cost_of_the_task(workspace: Workspace) -> None:
    assert found(workspace, "evaluator", "call_id, traffic_class") == [
        (call("evaluator", 2), None), (call("evaluator", 3), None),
        (call("evaluator", 5), "evaluation"), (call("evaluator", 6), "evaluation"),
        (call("evaluator", 7), "evaluation"),
    ]  # fmt: skip
    assert workspace.query(
        "select task_id, status, calls, evaluation_calls from marts.fct_tasks"
        " where task_id in ('k9', 'k10') order by task_id"
    ) == [("k10", "evaluation_only", 0, 1), ("k9", "pending", 2, 2)]


def test_a_calls_parent_is_the_nearest_call_above_it(workspace: Workspace) -> None:
    assert found(workspace, "parents", "call_id, parent_call_id") == [
        (call("parents", 2), None), (call("parents", 3), call("parents", 2)),
        (call("parents", 6), call("parents", 3)), (call("parents", 7), None),
    ]  # fmt: skip


def test_a_tool_call_that_both_its_sides_state_is_one_call(workspace: Workspace) -> None:
    """MCP: the agent's span, the client's and the server's nest, each with the operation."""
    scene = "both sides"
    assert found(workspace, scene, "call_id, parent_call_id, duplicates_dropped") == [
        (call(scene, 1), None, 2), (call(scene, 4), call(scene, 1), 0),
        (call(scene, 5), call(scene, 1), 0),
    ]  # fmt: skip
    assert workspace.query(
        "select call_id, rule, kept_call_id from marts.fct_duplicate_calls"
        f" where call_id like '{trace(scene)}%' order by call_id"
    ) == [(call(scene, n), "nested tool", call(scene, 1)) for n in (2, 3)]


def test_agents_and_tools_of_the_other_dialects_are_named_by_their_spans(
    workspace: Workspace,
) -> None:
    assert found(workspace, "dialects", "agent_name, tool_name") == [
        ("planner", "lookup"), ("writer", "fetch"),
    ]  # fmt: skip


def test_a_resource_gives_what_no_span_says(workspace: Workspace) -> None:
    assert found(workspace, "resource", "environment, team_tag, region") == [
        ("prod", "north", "eu-central-1"), ("prod", "platform", "eu-central-1"),
    ]  # fmt: skip


def test_what_the_workspace_names_goes_down_too_and_labels_are_joined(workspace: Workspace) -> None:
    assert found(workspace, "own places", "tenant_id, feature, task_id, labels") == [
        ("acme", "support", f"{trace('own places')}/acme", '{"centre":"R&D","ring":"inner"}')
    ]


def test_rings_of_parents_and_identifiers_used_twice_end(workspace: Workspace) -> None:
    assert found(workspace, "rings", "call_id, tenant_id, task_id, duplicates_dropped") == [
        (call("rings", 2), None, trace("rings"), 0), (call("rings", 3), None, trace("rings"), 0),
        (call("rings", 4), "acme", "k1", 2), (call("rings", 5), "acme", "k1", 0),
    ]  # fmt: skip


def test_a_trace_too_deep_to_follow_still_loads(workspace: Workspace) -> None:
    assert found(workspace, "deep", "call_id, tenant_id")[62:64] == [
        (call("deep", 64), "acme"), (call("deep", 65), None),
    ]  # fmt: skip
    assert len(found(workspace, "deep", "call_id")) == 198


def test_ids_are_the_same_however_they_are_written(workspace: Workspace) -> None:
    assert found(workspace, "spelling", "call_id, tenant_id") == [
        (call("spelling", 2), "acme"), (call("spelling", 3), None),
    ]  # fmt: skip


def test_a_evaluation_is_of_its_spans_task_else_of_its_traces_else_of_what_it_names(
    workspace: Workspace,
) -> None:
    """Span 3 is of k1, span 4 of no task but the trace; span 9 is unknown: the trace is asked."""
    assert workspace.query(
        "select task_id, tenant_id, count(*) from intermediate.int_evaluations group by all"
        " order by task_id"
    ) == sorted([
        ("k1", "acme", 2), (trace("judged"), None, 1), ("own", None, 1),
        ("k2", None, 1), ("nobody's", None, 1),
    ])  # fmt: skip
    assert workspace.query(
        "select task_id, status from marts.fct_tasks"
        f" where task_id in ('k2', '{trace('judged')}') order by task_id"
    ) == sorted([("k2", "success"), (trace("judged"), "success")])
