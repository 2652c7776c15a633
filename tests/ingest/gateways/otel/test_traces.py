"""What spans state of whose a call is, in every dialect; the models take it down the trace."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from tests.ingest.gateways.otel.otlp_lines import CHAT, TRACE, landed, line, read, span
from tests.support.lake import Lake

AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "triage"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
CUSTOMER = {"app.tenant_id": "acme", "app.feature": "support", "gen_ai.conversation.id": "s1",
            "app.task_id": "k1"}  # fmt: skip


def call(number: int) -> str:
    return f"{TRACE}/{number:016x}"


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
        ({"app.traffic_class": "Shadow"}, "traffic_class", "shadow"),
        ({"traffic_class": "vehicles"}, "traffic_class", None),
        ({"gen_ai.operation.name": "evaluate_answer"}, "traffic_class", "evaluation"),
        ({"openinference.span.kind": "EVALUATOR"}, "traffic_class", "evaluation"),
        ({"openinference.span.kind": "EVALUATOR", "traffic_class": "live"}, "traffic_class",
         "live"),
        ({"openinference.span.kind": "AGENT"}, "traffic_class", None),
        ({"langfuse.environment": "langfuse-llm-as-a-judge"}, "traffic_class", "evaluation"),
        ({"langfuse.environment": "prod"}, "traffic_class", None),
        ({"langfuse.observation.type": "guardrail"}, "traffic_class", "evaluation"),
        ({"user.id": "ann@example.com"}, "user_id",
         hashlib.sha256(b"saltann@example.com").hexdigest()[:16]),
    ],
)  # fmt: skip
def test_the_usual_places_of_attribution(
    tmp_path: Path, attributes: dict[str, Any], column: str, value: str | None
) -> None:
    assert read(tmp_path, column, span(1, a=CHAT | attributes)) == [(value,)]


def test_a_span_says_what_it_states_itself_else_its_resource(tmp_path: Path) -> None:
    """What is above it is no reader's business: half of a trace may come another day."""
    resource = {"deployment.environment.name": "prod", "team": "platform"}
    lake = landed(tmp_path, line(
        span(1, a=AGENT | CUSTOMER), span(2, 1, a=CHAT | {"app.team": "north"}),
        span(3, 2, a=TOOL), resource=resource,
    ))  # fmt: skip
    assert lake.rows(
        "select call_id, parent_call_id, tenant_id, task_id, environment, team from rows"
        " order by call_id"
    ) == [
        (call(2), None, None, None, "prod", "north"),
        (call(3), None, None, None, "prod", "platform"),
    ]  # fmt: skip
    assert lake.rows(
        "select span_id, parent_span_id, operation, tool_name, agent_name, tenant_id, feature,"
        " session_id, task_id, team, environment from rows order by span_id", "trace_spans",
    ) == [
        (call(1), None, None, None, "triage", "acme", "support", "s1", "k1", None, None),
        (call(2), call(1), "chat", None, None, None, None, None, None, "north", None),
        (call(3), call(2), "execute_tool", "search", *[None] * 7),
    ]  # fmt: skip
    # spans only stand beside what a file brought
    assert lake.catalog("select rows_loaded from files") == [(2,)]


def test_the_workspace_says_where_attribution_is_and_keeps_the_other_places(tmp_path: Path) -> None:
    assert read(
        tmp_path, "tenant_id, feature, task_id, reported_cost_usd::varchar, labels",
        span(1, a=TOOL | {"customer": "acme", "app.tenant_id": "no", "app.feature": "support",
                          "centre": "R&D", "tool.fee.cents": 25}),
        attribution={
            "tenant_id": "customer", "task_id": ["traceId", "customer"],
            "reported_cost_usd": {"path": "tool.fee.cents", "multiply": "0.01"},
        },
        labels={"centre": "centre"},
    ) == [("acme", "support", f"{TRACE}/acme", "0.250000000", '{"centre":"R&D"}')]  # fmt: skip


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


def test_a_span_with_a_broken_clock_is_set_aside_once(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "traces", "otel")
    broken = {"startTimeUnixNano": "17"}
    lake.drop("a.jsonl", line(
        span(1, a=AGENT, **broken), span(2, 1, a=CHAT, **broken), span(3, 1, a=CHAT),
    ))  # fmt: skip
    lake.land()
    assert lake.catalog("select table_name, field from quarantine order by 1") == [
        ("gateway_calls", "started_at"), ("trace_spans", "started_at"),
    ]  # fmt: skip
    assert lake.rows("select call_id from rows") == [(call(3),)]


@pytest.fixture(scope="module")
def requests(shared: Path) -> list[str]:
    sample = shared / "samples/gateway/otlp_spans_genai.jsonl"
    return sample.read_text().splitlines(keepends=True)


def contents(lake: Lake) -> list[list[tuple[Any, ...]]]:
    """What landed, by value."""
    values = "select * exclude (source_file, source_line, file_id) from rows order by all"
    return [lake.rows(values), lake.rows(values, "trace_spans")]


def test_however_and_whenever_spans_come_what_lands_is_the_same(
    tmp_path: Path, requests: list[str]
) -> None:
    """The sample has a trace whose agent comes a line after its first calls."""
    whole = contents(landed(tmp_path / "whole", "".join(requests)))
    assert [len(rows) for rows in whole] == [58, 67]
    assert contents(landed(tmp_path / "cut", *reversed(requests))) == whole
    spread = [json.dumps(json.loads(request), indent=2) for request in requests]
    assert contents(landed(tmp_path / "spread", *spread)) == whole
    array = "[" + ",".join(requests) + "]"
    assert contents(landed(tmp_path / "array", array)) == whole
    lake = Lake(tmp_path / "runs", "traces", "otel")
    for number, request in enumerate(requests):
        lake.drop(f"{number}.jsonl", request)
        lake.land()
    assert contents(lake) == whole
