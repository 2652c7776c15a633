"""What a call takes from the spans around it: attribution, the calling call, the agent."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from tests.ingest.gateways.otlp_lines import CHAT, TRACE, landed, line, read, span
from tests.ingest.lake import Lake

AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "triage"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
CUSTOMER = {"app.tenant_id": "acme", "app.feature": "support", "gen_ai.conversation.id": "s1",
            "app.task_id": "k1"}  # fmt: skip
VALUES = "select * exclude (source_file, source_line, file_id) from rows order by call_id"


def call(number: int) -> str:
    return f"{TRACE}/{number:016x}"


def test_attribution_goes_down_the_trace_and_the_nearest_counts(tmp_path: Path) -> None:
    assert read(
        tmp_path, "tenant_id, feature, session_id, task_id, agent_name",
        span(1, a=AGENT | CUSTOMER),
        span(2, 1, a=CHAT),
        span(3, 1, a=TOOL),
        span(4, 3, a=AGENT | {"gen_ai.agent.name": "billing", "app.feature": "invoices",
                              "gen_ai.conversation.id": "s2"}),
        span(5, 4, a=CHAT | {"app.feature": "own"}),
        span(6, 4, a=TOOL),
        span(7, a=CHAT),
    ) == [
        ("acme", "support", "s1", "k1", "triage"),
        ("acme", "support", "s1", "k1", "triage"),
        ("acme", "own", "s2", "k1", "billing"),
        ("acme", "invoices", "s2", "k1", "billing"),
        # nobody above it: its trace is its task
        (None, None, None, TRACE, None),
    ]  # fmt: skip


def test_a_calls_parent_is_the_nearest_call_above_it(tmp_path: Path) -> None:
    assert read(
        tmp_path, "call_id, parent_call_id",
        span(1, a=AGENT), span(2, 1, a=CHAT), span(3, 2, a=TOOL), span(4, 3, a=AGENT),
        span(5, 4, name="GET /", a={"http.request.method": "GET"}), span(6, 5, a=CHAT),
        span(7, 99, a=CHAT),
    ) == [
        (call(2), None), (call(3), call(2)), (call(6), call(3)), (call(7), None),
    ]  # fmt: skip


def test_a_tool_call_that_both_its_sides_state_is_one_call(tmp_path: Path) -> None:
    """MCP: the agent's span, the client's and the server's nest, each with the operation."""
    assert read(
        tmp_path, "call_id, parent_call_id",
        span(1, a=TOOL), span(2, 1, name="tools/call search", a=TOOL), span(3, 2, a=TOOL),
        span(4, 3, a=CHAT), span(5, 1, a=TOOL | {"gen_ai.tool.name": "other"}),
    ) == [(call(1), None), (call(4), call(1)), (call(5), call(1))]  # fmt: skip


def test_agents_and_tools_of_the_other_dialects_are_named_by_their_spans(tmp_path: Path) -> None:
    assert read(
        tmp_path, "agent_name, tool_name",
        span(1, name="planner", a={"openinference.span.kind": "AGENT"}),
        span(2, 1, name="lookup", a={"openinference.span.kind": "TOOL"}),
        span(3, name="x", a={"traceloop.span.kind": "agent", "traceloop.entity.name": "writer"}),
        span(4, 3, name="y", a={"traceloop.span.kind": "tool", "traceloop.entity.name": "fetch"}),
    ) == [("planner", "lookup"), ("writer", "fetch")]  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "column", "value"),
    [
        ({"session.id": "s"}, "session_id", "s"),
        ({"traceloop.association.properties.thread_id": "s"}, "session_id", "s"),
        ({"metadata": '{"tenant_id": "acme", "x": [1]}'}, "tenant_id", "acme"),
        ({"metadata": "{'tenant_id': 'acme'}"}, "tenant_id", None),
        ({"metadata.tenant_id": "acme", "metadata": '{"tenant_id": "no"}'}, "tenant_id", "acme"),
        ({"tag.tags": ["x", "feature:support"]}, "feature", "support"),
        ({"traceloop.association.properties.feature": "f"}, "feature", "f"),
        ({"llm.prompt_template.version": "v13"}, "prompt_version", "v13"),
        ({"gen_ai.prompt.version": "v14"}, "prompt_version", "v14"),
        ({"tenant.id": "", "app.tenant_id": "acme"}, "tenant_id", "acme"),
        ({"team": 17}, "team", "17"),
        ({"user.id": "ann@example.com"}, "user_id",
         hashlib.sha256(b"saltann@example.com").hexdigest()[:16]),
    ],
)  # fmt: skip
def test_the_usual_places_of_attribution(
    tmp_path: Path, attributes: dict[str, Any], column: str, value: str | None
) -> None:
    assert read(tmp_path, column, span(1, a=AGENT | attributes), span(2, 1, a=CHAT)) == [(value,)]


def test_a_resource_gives_what_no_span_of_it_says(tmp_path: Path) -> None:
    lake = landed(tmp_path, line(
        span(1, a=AGENT | {"app.team": "north"}), span(2, 1, a=CHAT), span(3, a=CHAT),
        resource={"deployment.environment.name": "prod", "team": "platform",
                  "cloud.region": "eu-central-1", "service.name": "shop"},
    ))  # fmt: skip
    assert lake.rows("select environment, team, region from rows order by started_at") == [
        ("prod", "north", "eu-central-1"), ("prod", "platform", "eu-central-1"),
    ]  # fmt: skip


def test_the_workspace_says_where_attribution_is_and_keeps_the_other_places(tmp_path: Path) -> None:
    assert read(
        tmp_path, "tenant_id, feature, task_id, reported_cost_usd::varchar, labels",
        span(1, a=AGENT | {"customer": "acme", "app.tenant_id": "no", "app.feature": "support",
                           "centre": "R&D", "ring": "outer"}),
        span(2, 1, a=TOOL | {"tool.fee.cents": 25, "ring": "inner"}),
        attribution={
            "tenant_id": "customer", "task_id": ["traceId", "customer"],
            "reported_cost_usd": {"path": "tool.fee.cents", "multiply": "0.01"},
        },
        labels={"centre": "centre", "ring": "ring"},
    ) == [("acme", "support", f"{TRACE}/acme", "0.250000000",
           '{"centre":"R&D","ring":"inner"}')]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"attribution": "x"}, "attribution"),
        ({"attribution": {"tenant": "x"}}, "attribution.tenant"),
        ({"attribution": {"tenant_id": "input.value"}}, "attribution.tenant_id"),
        ({"labels": {"p": "gen_ai.input.messages"}}, "labels"),
    ],
)
def test_a_wrong_setting_names_its_key(tmp_path: Path, options: dict[str, Any], key: str) -> None:
    lake = Lake(tmp_path, "traces", "otel", options)
    lake.drop("a.jsonl", line(span(1, a=CHAT)))
    with pytest.raises(ConfigError) as error:
        lake.land()
    assert error.value.key == key


def test_a_word_that_does_not_fit_sets_its_own_call_aside(tmp_path: Path) -> None:
    ring = {"path": "ring", "values": {"outer": "live"}}
    lake = Lake(tmp_path, "traces", "otel", {"attribution": {"traffic_class": ring}})
    lake.drop("a.jsonl", line(
        span(1, a=CHAT | {"ring": "outer"}), span(2, a=CHAT | {"ring": "SECRET"}),
        span(3, a=AGENT | {"ring": "SECRET"}), span(4, 3, a=CHAT),
    ))  # fmt: skip
    lake.land()
    assert lake.catalog("select source_line, field, reason from quarantine") == [
        (1, "attribution.traffic_class",
         "the value does not fit what the conventions or the settings say of it")
    ]  # fmt: skip
    assert lake.rows("select traffic_class from rows order by started_at") == [("live",), (None,)]


def test_rings_of_parents_and_ids_used_twice_end(tmp_path: Path) -> None:
    """Broken emitters: 1 and 2 are each other's parent, 3 its own, 4 is exported twice."""
    lake = landed(
        tmp_path,
        line(span(1, 2, a=AGENT | CUSTOMER), span(2, 1, a=CHAT), span(3, 3, a=CHAT)),
        line(span(4, a=CHAT | CUSTOMER), span(5, 4, a=TOOL), span(4, a=CHAT | CUSTOMER)),
    )
    assert lake.rows("select call_id, tenant_id from rows order by started_at") == [
        (call(2), None), (call(3), None), (call(4), "acme"), (call(4), "acme"), (call(5), "acme"),
    ]  # fmt: skip


def test_a_trace_too_deep_to_follow_still_loads(tmp_path: Path) -> None:
    spans = [span(1, a=AGENT | CUSTOMER), *(span(n, n - 1, a=CHAT) for n in range(2, 200))]
    lake = landed(tmp_path, line(*spans))
    assert lake.rows("select count(*), count(tenant_id) from rows") == [(198, 63)]


def test_ids_are_the_same_however_they_are_written(tmp_path: Path) -> None:
    shouting = span(2, a=CHAT) | {"traceId": TRACE.upper(), "parentSpanId": "0" * 15 + "1"}
    rootless = span(3, a=CHAT) | {"parentSpanId": "0" * 16}
    assert read(
        tmp_path, "call_id, tenant_id", span(1, a=AGENT | CUSTOMER), shouting, rootless
    ) == [(call(2), "acme"), (call(3), None)]


@pytest.fixture(scope="module")
def requests(shared: Path) -> list[str]:
    sample = shared / "samples/gateway/otlp_spans_genai.jsonl"
    return sample.read_text().splitlines(keepends=True)


def test_however_a_batch_is_cut_into_files_its_calls_are_the_same(
    tmp_path: Path, requests: list[str]
) -> None:
    """The sample has a trace whose agent comes a line after its first calls."""
    whole = landed(tmp_path / "whole", "".join(requests)).rows(VALUES)
    assert len(whole) == 58
    assert landed(tmp_path / "cut", *reversed(requests)).rows(VALUES) == whole
    spread = [json.dumps(json.loads(request), indent=2) for request in requests]
    assert landed(tmp_path / "spread", *spread).rows(VALUES) == whole
    array = "[" + ",".join(requests) + "]"
    assert landed(tmp_path / "array", array).rows(VALUES) == whole


def test_what_comes_in_a_later_run_has_the_same_calls_but_inherits_nothing(
    tmp_path: Path, requests: list[str]
) -> None:
    whole = landed(tmp_path / "whole", "".join(requests))
    lake = Lake(tmp_path / "runs", "traces", "otel")
    for number, request in enumerate(requests):
        lake.drop(f"{number}.jsonl", request)
        lake.land()
    calls = "select * exclude (source_file, source_line, file_id, {}) from rows order by call_id"
    inherited = "tenant_id, feature, prompt_version, session_id, agent_name"
    assert lake.rows(calls.format(inherited)) == whole.rows(calls.format(inherited))
    # eight calls of one trace were exported before its agent ended, in the line before
    assert lake.rows(
        "select count(*), count(distinct trace_id), max(source_file) from rows"
        " where tenant_id is null"
    ) == [(8, 1, "1.jsonl")]
