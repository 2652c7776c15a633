"""Traffic seen by several instruments is each call once, however and whenever it arrives."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingest.gateways.otel.otlp_lines import attributes, log_line
from tests.support.warehouse import Workspace

LOG = """
format = "mapped"
file_type = "csv"
precedence = 10
[fields]
call_id = "id"
request_id = "request"
provider_response_id = "response"
started_at = "at"
ended_at = "end"
provider = { constant = "openai" }
response_model = { constant = "m" }
cached_hit = "hit"
status = { path = "status", values = { ok = "ok", error = "error" }, default = "ok" }
[tokens]
input = "in"
output = "out"
"""
SPANS = """
format = "mapped"
file_type = "csv"
precedence = 40
same_traffic_as = ["proxy"]
[fields]
call_id = "span"
task_id = "task"
provider_response_id = "response"
started_at = "at"
ended_at = "end"
provider = { constant = "openai" }
response_model = { constant = "m" }
[attribution]
feature = "feature"
[tokens]
input = "in"
output = "out"
"""
LOG_HEAD = "id,request,response,at,end,hit,status,in,out"
LOG_LINES = [
    "l1,q1,r1,2026-09-03T10:00:01Z,2026-09-03T10:00:03Z,false,ok,1000000,5",
    "l2,q2,r1,2026-09-03T10:05:01Z,2026-09-03T10:05:01Z,true,ok,1000000,5",  # the cache answers
    "l3,q3,,2026-09-03T11:00:00Z,2026-09-03T11:00:01Z,false,error,0,0",  # and is retried
    "l4,q3,r4,2026-09-03T11:00:02Z,2026-09-03T11:00:04Z,false,ok,2000000,7",
    # starts at the proxy just after midnight, at the client just before
    "l5,q5,r5,2026-09-04T00:00:00Z,2026-09-04T00:00:04Z,false,ok,3000000,7",
    "l6,q6,r6,2026-09-04T12:00:00Z,2026-09-04T12:00:04Z,false,ok,4000000,9",  # by content
]
SPAN_HEAD = "span,task,response,at,end,feature,in,out"
SPAN_LINES = [
    "s1,t1,r1,2026-09-03T10:00:00Z,2026-09-03T10:00:04Z,chat,1000000,5",
    "s2,t1,r1,2026-09-03T10:05:00Z,2026-09-03T10:05:02Z,chat,1000000,5",
    "s4,t2,r4,2026-09-03T11:00:00Z,2026-09-03T11:00:05Z,search,2000000,7",
    "s5,t2,r5,2026-09-03T23:59:59Z,2026-09-04T00:00:05Z,search,3000000,7",
    "s6,t3,,2026-09-04T11:59:59Z,2026-09-04T12:00:05Z,draft,4000000,9",
    "s7,t4,r7,2026-09-04T13:00:00Z,2026-09-04T13:00:05Z,draft,5000000,9",  # past the proxy
    "s7b,t4,r7,2026-09-04T13:00:01Z,2026-09-04T13:00:04Z,draft,5000000,9",  # an inner span
]
CALLS = (
    "select utc_day::varchar, source_name, call_id, task_id, feature, estimate_usd,"
    " duplicates_dropped from marts.fct_calls order by started_at, call_id"
)
ONCE = [
    ("2026-09-03", "proxy", "l1", "t1", "chat", Decimal(1), 1),
    ("2026-09-03", "proxy", "l2", "t1", "chat", Decimal(0), 1),
    ("2026-09-03", "proxy", "l3", None, None, Decimal(0), 0),
    ("2026-09-03", "proxy", "l4", "t2", "search", Decimal(2), 1),
    ("2026-09-04", "proxy", "l5", "t2", "search", Decimal(3), 1),
    ("2026-09-04", "proxy", "l6", "t3", "draft", Decimal(4), 1),
    ("2026-09-04", "spans", "s7", "t4", "draft", Decimal(5), 1),
]


def csv(head: str, lines: list[str]) -> str:
    return "\n".join([head, *lines]) + "\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(
        tmp_path, models=("fct_duplicate_calls", "fct_tasks", "fct_usage_daily", "rpt_unit_cost")
    )
    workspace.configure("proxy", LOG)
    workspace.configure("spans", SPANS)
    workspace.prices("openai,m,,input_uncached,1,,,,", "openai,m,,output,0,,,,")
    return workspace


def test_each_call_counts_once_and_knows_what_either_record_knew(workspace: Workspace) -> None:
    workspace.drop("proxy", "log.csv", csv(LOG_HEAD, LOG_LINES))
    workspace.drop("spans", "spans.csv", csv(SPAN_HEAD, SPAN_LINES))
    workspace.build()
    assert workspace.query(CALLS) == ONCE
    assert workspace.query(
        "select call_id, rule, kept_source_name, kept_call_id from marts.fct_duplicate_calls"
        " order by call_id"
    ) == [
        ("s1", "same response", "proxy", "l1"),
        ("s2", "same response", "proxy", "l2"),
        ("s4", "same response", "proxy", "l4"),
        ("s5", "same response", "proxy", "l5"),
        ("s6", "same content", "proxy", "l6"),
        ("s7b", "nested span", "spans", "s7"),
    ]
    assert workspace.value("select sum(duplicates_dropped) from marts.fct_usage_daily") == 6
    assert workspace.query("select task_id, calls, estimate_usd from marts.fct_tasks"
                           " order by task_id") == [
        ("t1", 2, Decimal(1)), ("t2", 2, Decimal(5)), ("t3", 1, Decimal(4)), ("t4", 1, Decimal(5)),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("first", ["proxy", "spans"])
def test_whichever_instrument_arrives_first_the_marts_are_the_same(
    workspace: Workspace, first: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = {
        ("proxy", "3.csv"): csv(LOG_HEAD, LOG_LINES[:4]),
        ("proxy", "4.csv"): csv(LOG_HEAD, LOG_LINES[4:]),
        ("spans", "3.csv"): csv(SPAN_HEAD, SPAN_LINES[:4]),
        ("spans", "4.csv"): csv(SPAN_HEAD, SPAN_LINES[4:]),
    }
    for (source, name), content in sorted(files.items(), key=lambda item: item[0][0] != first):
        workspace.drop(source, name, content)
        workspace.build()
    assert workspace.query(CALLS) == ONCE
    fresh = workspace.fresh(tmp_path_factory.mktemp("fresh"))
    assert workspace.contents() == fresh.contents()


def test_without_saying_so_equal_tokens_in_two_sources_are_two_calls(workspace: Workspace) -> None:
    workspace.configure("spans", SPANS.replace('same_traffic_as = ["proxy"]', ""))
    workspace.drop("proxy", "log.csv", csv(LOG_HEAD, LOG_LINES[5:]))
    workspace.drop("spans", "spans.csv", csv(SPAN_HEAD, [SPAN_LINES[4]]))
    workspace.build()
    assert workspace.query("select call_id from marts.fct_calls order by 1") == [("l6",), ("s6",)]


def test_a_source_that_knows_no_cache_has_a_hit_where_a_response_is_repeated(
    workspace: Workspace,
) -> None:
    workspace.drop("spans", "spans.csv", csv(SPAN_HEAD, SPAN_LINES))
    workspace.build()
    assert workspace.query(
        "select call_id, cached_hit, estimate_usd, avoided_usd from marts.fct_calls"
        " where provider_response_id in ('r1', 'r7') order by call_id"
    ) == [
        ("s1", False, Decimal(1), Decimal(0)),
        ("s2", True, Decimal(0), Decimal(1)),
        ("s7", False, Decimal(5), Decimal(0)),
    ]


def test_a_tool_call_of_a_session_file_and_of_the_agents_log_is_one(tmp_path: Path) -> None:
    """The tool's id is in both. Run on the user's machine, it costs nothing; a server's may."""
    workspace = Workspace(tmp_path, models=("fct_duplicate_calls", "fct_calls"))
    workspace.configure("files", 'format = "claude_code"\n')
    workspace.configure("logs", 'format = "otel"\n')
    blocks = [{"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": {}}
              for n, name in ((1, "Bash"), (2, "mcp__web__search"))]  # fmt: skip
    workspace.drop("files", "a.jsonl", json.dumps({
        "type": "assistant", "sessionId": "s1", "timestamp": "2026-10-01T12:00:00.000Z",
        "message": {"id": "m1", "model": "claude-opus-4-5", "content": blocks,
                    "usage": {"input_tokens": 7, "output_tokens": 3}},
    }) + "\n")  # fmt: skip
    said = {"event.name": "tool_result", "session.id": "s1", "tool_name": "Bash",
            "tool_use_id": "toolu_1", "success": "true", "duration_ms": 40}  # fmt: skip
    workspace.drop("logs", "a.jsonl", log_line({
        "timeUnixNano": "1790856001000000000", "body": {"stringValue": "claude_code.tool_result"},
        "attributes": attributes(said),
    }))  # fmt: skip
    workspace.build()
    assert workspace.query(
        "select call_id, source_name, tool_name, parent_call_id, estimate_usd, duplicates_dropped"
        " from marts.fct_calls where operation = 'execute_tool' order by 1"
    ) == [
        ("toolu_1", "files", "Bash", "m1", Decimal(0), 1),
        ("toolu_2", "files", "mcp__web__search", "m1", None, 0),
    ]
