"""Session files of coding agents: one call an answer, whatever stands between and comes again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.ingest.gateways.landed import lines
from tests.support.lake import Lake
from tests.support.texts import files_holding

TEXT = "never in the lake"


def claude(message: str, output: int, second: int, **fields: Any) -> dict[str, Any]:
    """A line of an answer, as far as it was written then."""
    usage = {
        "input_tokens": 7, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 120,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 20},
        "output_tokens": output, "service_tier": "standard",
        "server_tool_use": {"web_search_requests": 1},
    }  # fmt: skip
    body = {"id": message, "model": "claude-opus-4-5-20251101", "role": "assistant",
            "content": [{"type": "text", "text": TEXT}], "usage": usage}  # fmt: skip
    return {
        "type": "assistant", "sessionId": "s1", "requestId": f"req_{message}", "gitBranch": "main",
        "timestamp": f"2026-06-01T08:00:{second:02}.000Z", "message": body, **fields,
    }  # fmt: skip


def test_an_answer_of_claude_code_is_one_call_with_what_its_last_line_counts(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path, "agents", "claude_code")
    session = [
        {"type": "summary", "summary": TEXT},
        {"type": "user", "sessionId": "s1", "timestamp": "2026-06-01T08:00:00.000Z",
         "message": {"role": "user", "content": TEXT}},
        claude("m1", 3, 1), claude("m1", 250, 4), claude("m2", 40, 9),
        claude("m3", 0, 11, isApiErrorMessage=True),
    ]  # fmt: skip
    lake.drop("p/one.jsonl", lines(*session))
    lake.drop("p/resumed.jsonl", lines(claude("m2", 40, 9)))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (4, 0, [])
    assert lake.rows(
        "select provider_response_id, max(output_tokens), any_value(input_uncached_tokens),"
        " any_value(cache_read_tokens), any_value(cache_write_5m_tokens),"
        " any_value(cache_write_1h_tokens), any_value(cache_write_other_tokens),"
        " any_value(web_searches), any_value(task_id), any_value(labels::json->>'branch')"
        " from rows group by 1 order by 1"
    ) == [
        ("m1", 250, 7, 900, 100, 20, 0, 1, "s1", "main"),
        ("m2", 40, 7, 900, 100, 20, 0, 1, "s1", "main"),
    ]
    assert omitted(lake) == [("matches no [records]", 3)]
    assert files_holding(lake.paths.lake, TEXT) == set()


def codex(total: int, last: tuple[int, int, int, int] | None, second: int) -> dict[str, Any]:
    """A `token_count` event: the session's total, and (input, cached, output, reasoning)."""
    info = None
    if last:
        names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")
        usage = dict(zip(names, last, strict=True)) | {"total_tokens": last[0] + last[2]}
        info = {"last_token_usage": usage, "total_token_usage": {"total_tokens": total}}
    return {"timestamp": f"2026-06-02T09:00:{second:02}.000Z", "type": "event_msg",
            "payload": {"type": "token_count", "info": info}}  # fmt: skip


def test_a_codex_session_takes_session_and_model_from_the_lines_before(tmp_path: Path) -> None:
    def line(kind: str, second: int, **payload: Any) -> dict[str, Any]:
        return {"timestamp": f"2026-06-02T09:00:{second:02}.000Z", "type": kind,
                "payload": payload}  # fmt: skip

    lake = Lake(tmp_path, "agents", "codex")
    lake.drop("r.jsonl", lines(
        line("session_meta", 0, id="s9", model_provider="openai",
             git={"repository_url": "https://git.example/acme/app", "branch": "fix"}),
        line("turn_context", 1, model="gpt-5.5"),
        codex(0, None, 2),
        line("response_item", 3, type="message", content=TEXT, id="other"),
        codex(1300, (1200, 800, 100, 60), 4),
        codex(1300, (1200, 800, 100, 60), 5),
        line("turn_context", 6, model="gpt-5.5-mini"),
        codex(2850, (1500, 0, 50, 0), 7),
    ))  # fmt: skip
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (3, 0)
    assert lake.rows(
        "select call_id, any_value(session_id), any_value(request_model),"
        " any_value(input_uncached_tokens), any_value(cache_read_tokens),"
        " any_value(output_tokens), any_value(reasoning_tokens),"
        " any_value(labels::json->>'repository'), count(*) from rows group by 1 order by 1"
    ) == [
        ("s9/1300", "s9", "gpt-5.5", 400, 800, 100, 60, "https://git.example/acme/app", 2),
        ("s9/2850", "s9", "gpt-5.5-mini", 1500, 0, 50, 0, "https://git.example/acme/app", 1),
    ]
    assert sum(count for _, count in omitted(lake)) == 5


def omitted(lake: Lake) -> list[tuple[str, int]]:
    """Records that are no calls, by reason."""
    counts: dict[str, int] = {}
    for reason, records in lake.rows("select reason, records from rows", "omitted_records"):
        counts[reason] = counts.get(reason, 0) + records
    return sorted(counts.items())


def test_a_file_of_one_line_of_another_kind_is_counted_and_no_error(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "agents", "claude_code")
    lake.drop("a.jsonl", json.dumps({"type": "queue-operation"}) + "\n")
    report = lake.land()
    assert (report.files_new, report.rows_loaded, report.rows_quarantined) == (1, 0, 0)
    assert omitted(lake) == [("matches no [records]", 1)]


TOOLS = (
    "select call_id, tool_name, session_id, task_id, parent_call_id, started_at::time::varchar,"
    " input_uncached_tokens, output_tokens, service_tier, status from rows"
    " where operation = 'execute_tool' order by started_at, call_id"
)


def test_tool_calls_of_claude_code_are_calls_without_what_they_were_given(tmp_path: Path) -> None:
    def block(second: int, *blocks: dict[str, Any]) -> dict[str, Any]:
        line = claude("m1", 30, second)
        line["message"]["content"] = [{"type": "text", "text": TEXT}, *blocks]
        return line

    lake = Lake(tmp_path, "agents", "claude_code")
    bash = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": TEXT}}
    search = {"type": "tool_use", "id": "toolu_2", "name": "mcp__web__search", "input": {}}
    result = {"type": "user", "sessionId": "s1", "timestamp": "2026-06-01T08:00:03.000Z",
              "message": {"content": [{"type": "tool_result", "tool_use_id": "toolu_1",
                                       "content": TEXT}]}}  # fmt: skip
    lake.drop("a.jsonl", lines(block(1, bash), block(2, search), result, claude("m2", 40, 9)))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (5, 0)
    assert lake.rows(TOOLS) == [
        ("toolu_1", "Bash", "s1", "s1", "m1", "08:00:01", 0, 0, "standard", "ok"),
        # a server's tool may cost something
        ("toolu_2", "mcp__web__search", "s1", "s1", "m1", "08:00:02", None, None, "standard", "ok"),
    ]
    assert omitted(lake) == [("matches no [records]", 1)]
    assert files_holding(lake.paths.lake, TEXT) == set()


def test_tool_calls_of_codex_are_calls_and_no_longer_left_out(tmp_path: Path) -> None:
    def item(kind: str, second: int, **payload: Any) -> dict[str, Any]:
        return {"timestamp": f"2026-06-02T09:00:{second:02}.000Z", "type": "response_item",
                "payload": {"type": kind, **payload}}  # fmt: skip

    meta = {"timestamp": "2026-06-02T09:00:00.000Z", "type": "session_meta",
            "payload": {"id": "s9"}}  # fmt: skip
    lake = Lake(tmp_path, "agents", "codex")
    lake.drop("r.jsonl", lines(
        meta, codex(1300, (1200, 800, 100, 60), 1),
        item("function_call", 2, name="exec_command", call_id="call_1", arguments=TEXT),
        item("function_call_output", 3, call_id="call_1", output=TEXT),
        item("custom_tool_call", 4, name="apply_patch", call_id="call_2", input=TEXT),
        item("local_shell_call", 5, call_id="call_3", action={"command": [TEXT]}),
    ))  # fmt: skip
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (4, 0)
    assert lake.rows(TOOLS) == [
        ("call_1", "exec_command", "s9", "s9", None, "09:00:02", 0, 0, "standard", "ok"),
        ("call_2", "apply_patch", "s9", "s9", None, "09:00:04", 0, 0, "standard", "ok"),
        ("call_3", "local_shell_call", "s9", "s9", None, "09:00:05", 0, 0, "standard", "ok"),
    ]
    assert omitted(lake) == [("matches no [records]", 2)]
    assert files_holding(lake.paths.lake, TEXT) == set()
