"""Bedrock's invocation log: records made from AWS' documentation and published copies."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.gateways.landed import VECTOR, call, calls, land, lines, refusal
from tests.support.lake import Lake

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
CACHES = {"cache_read_input_tokens": 700, "cache_creation_input_tokens": 300}
SPLIT = {"cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}}
LOG: dict[str, Any] = {
    "schemaType": "ModelInvocationLog", "schemaVersion": "1.0",
    "timestamp": "2026-10-01T12:00:00Z", "accountId": "001234567890",
    "identity": {"arn": "arn:aws:sts::001234567890:assumed-role/app/ann@example.org"},
    "region": "us-east-1", "inferenceRegion": "us-west-2", "requestId": "r1",
    "operation": "InvokeModel", "modelId": MODEL,
    "requestMetadata": {"tenant_id": "acme", "task_id": "t1", "squad": "blue"},
    "input": {"inputContentType": "application/json", "inputTokenCount": 19,
              "cacheReadInputTokenCount": 700, "cacheWriteInputTokenCount": 300,
              "inputBodyJson": {"messages": [{"content": "secret"}]}},
    "output": {"outputContentType": "application/json", "outputTokenCount": 57,
               "outputBodyJson": {"id": "msg_1", "model": "claude-sonnet-4-5-20250929",
                                  "content": [{"text": "secret"}],
                                  "usage": {"input_tokens": 19, "output_tokens": 57,
                                            **CACHES, **SPLIT}}},
}  # fmt: skip


def with_output(**output: Any) -> dict[str, Any]:
    return LOG | {"output": output}


def test_input_is_without_the_cache_and_the_body_splits_its_lifetimes(tmp_path: Path) -> None:
    found = call(tmp_path, "bedrock", LOG)
    assert [found[name] for name in VECTOR] == [19, 700, 100, 200, 0, 0, 57, 0, 0]
    assert (found["provider"], found["request_model"]) == ("aws.bedrock", MODEL)
    assert (found["provider_response_id"], found["region"]) == ("msg_1", "us-west-2")
    assert found["started_at"] == datetime(2026, 10, 1, 12)
    assert found["reported_cost_usd"] is None


def test_without_a_body_the_lifetime_of_written_tokens_is_unknown(tmp_path: Path) -> None:
    found = call(
        tmp_path, "bedrock",
        with_output(outputTokenCount=57, outputBodyS3Path="s3://b/data/r1_output.json.gz"),
    )  # fmt: skip
    assert [found[name] for name in VECTOR[:5]] == [19, 700, None, None, 300]
    assert found["output_tokens"] == 57


STREAM: list[dict[str, Any]] = [
    {"type": "message_start", "message": {
        "id": "msg_2", "model": "claude-sonnet-4-5-20250929",
        "usage": {"input_tokens": 19, "output_tokens": 1, **CACHES, **SPLIT}}},
    {"type": "content_block_delta", "delta": {"text": "secret"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
     "usage": {"output_tokens": 57}},
    {"type": "message_stop", "amazon-bedrock-invocationMetrics": {
        "inputTokenCount": 19, "outputTokenCount": 57, "invocationLatency": 2500,
        "firstByteLatency": 400}},
]  # fmt: skip


def test_a_streamed_answer_is_counted_by_its_last_events(tmp_path: Path) -> None:
    record = with_output(outputBodyJson=STREAM) | {"operation": "InvokeModelWithResponseStream"}
    found = call(tmp_path, "bedrock", record)
    assert [found[name] for name in VECTOR] == [19, 700, 100, 200, 0, 0, 57, 0, 0]
    assert found["is_stream"] is True
    assert found["first_token_at"] == datetime(2026, 10, 1, 12, 0, 0, 400000)
    assert found["ended_at"] == datetime(2026, 10, 1, 12, 0, 2, 500000)
    assert found["provider_response_id"] == "msg_2"


def test_the_first_events_one_is_no_count_of_the_output(tmp_path: Path) -> None:
    broken = with_output(outputBodyJson=STREAM[:2]) | {"operation": "InvokeModelWithResponseStream"}
    found = call(tmp_path, "bedrock", broken)
    assert found["output_tokens"] is None
    assert found["input_uncached_tokens"] == 19


@pytest.mark.parametrize("wrapped", [False, True])
def test_converse_names_its_tokens_in_its_own_way(tmp_path: Path, wrapped: bool) -> None:
    said = {
        "usage": {"inputTokens": 3, "outputTokens": 61, "cacheReadInputTokens": 2074,
                  "cacheWriteInputTokens": 297, "totalTokens": 2435,
                  "cacheDetails": [{"inputTokens": 297, "ttl": "5m"}]},
        "metrics": {"latencyMs": 1200},
    }  # fmt: skip
    body: Any = [{"messageStart": {"role": "assistant"}}, {"metadata": said}] if wrapped else said
    record = LOG | {
        "operation": "ConverseStream" if wrapped else "Converse",
        "input": {"inputTokenCount": 3}, "output": {"outputBodyJson": body},
    }  # fmt: skip
    found = call(tmp_path, "bedrock", record)
    assert [found[name] for name in VECTOR] == [3, 2074, 297, 0, 0, 0, 61, 0, 0]
    assert found["ended_at"] == datetime(2026, 10, 1, 12, 0, 1, 200000)


def test_the_caller_is_a_pseudonym_and_its_metadata_attribute(tmp_path: Path) -> None:
    options = {"labels": {"account": "accountId", "squad": "requestMetadata.squad"}}
    found = call(tmp_path, "bedrock", LOG, options)
    assert (found["tenant_id"], found["task_id"]) == ("acme", "t1")
    assert len(found["user_id"]) == 16
    # leading zeros are part of an account's number
    assert found["labels"] == '{"account":"001234567890","squad":"blue"}'


def test_no_text_of_a_body_is_kept(tmp_path: Path) -> None:
    lake = land(tmp_path, "bedrock", LOG, LOG | {"requestId": "r2", "output": {
        "outputBodyJson": STREAM}})  # fmt: skip
    for part in lake.paths.lake.rglob("*.parquet"):
        content = part.read_bytes()
        assert b"secret" not in content
        assert b"ann@example.org" not in content


def test_an_error_is_an_attempt_without_tokens(tmp_path: Path) -> None:
    record = LOG | {"errorCode": "ThrottlingException", "input": {}, "output": {}}
    found = call(tmp_path, "bedrock", record)
    assert (found["status"], found["error_type"]) == ("error", "ThrottlingException")
    assert all(found[name] is None for name in VECTOR)


def test_an_applications_profile_is_named_by_the_answers_model(tmp_path: Path) -> None:
    profile = "arn:aws:bedrock:us-east-1:001234567890:application-inference-profile/abc123"
    found = call(tmp_path, "bedrock", LOG | {"modelId": profile})
    assert (found["request_model"], found["response_model"]) == (
        profile, "claude-sonnet-4-5-20250929",
    )  # fmt: skip


def test_logs_are_read_where_they_lie_and_large_bodies_are_not(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bedrock", "bedrock")
    hour = "AWSLogs/001234567890/BedrockModelInvocationLogs/us-east-1/2026/10/01/12"
    lake.drop(f"{hour}/20261001T120000000Z_a.json.gz", gzip.compress(lines(LOG).encode()))
    other = gzip.compress(lines(LOG | {"requestId": "r2"}).encode())
    lake.drop(f"{hour}/20261001T120500000Z_b.json.gz", other)
    lake.drop(f"{hour}/data/r9_output.json.gz", gzip.compress(b'{"content": "secret"}\n'))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (2, 0, [])


def test_a_fault_is_named_by_the_logs_own_field(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a", "bedrock", LOG | {"requestId": None}) == (
        "requestId: is required for call_id and missing"
    )
    bad = LOG | {"input": {"inputTokenCount": -1}, "output": {}}
    assert refusal(tmp_path / "b", "bedrock", bad) == (
        "input.inputTokenCount: makes input_uncached_tokens negative"
    )
    many = LOG | {"input": {"inputTokenCount": "many"}}
    assert refusal(tmp_path / "c", "bedrock", many).startswith("input.inputTokenCount: ")


def test_odd_shapes_crash_nothing(tmp_path: Path) -> None:
    odd = [
        LOG | {"requestId": "a", "identity": [{"arn": "x"}]},
        LOG | {"requestId": "b", "output": {"outputBodyJson": "text", "outputTokenCount": 5}},
        LOG | {"requestId": "c", "output": {"outputBodyJson": [], "outputTokenCount": 5}},
        LOG | {"requestId": "d", "output": {"outputBodyJson": {"usage": "none"}}},
        LOG | {"requestId": "e", "requestMetadata": None, "input": None, "output": None},
    ]
    found = calls(land(tmp_path, "bedrock", *odd))
    assert [(row["call_id"], row["output_tokens"]) for row in found] == [
        ("a", 57), ("b", 5), ("c", 5), ("d", None), ("e", None),
    ]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(
    counts=st.lists(st.tuples(*(st.integers(0, 10**6) for _ in range(6))), min_size=1, max_size=5),
    cut=st.integers(0, 5),
)
def test_classes_add_up_however_files_are_split(
    tmp_path_factory: pytest.TempPathFactory, counts: list[tuple[int, ...]], cut: int
) -> None:
    records = []
    for number, (plain, read, brief, hour, other, out) in enumerate(counts):
        usage = {
            "input_tokens": plain, "cache_read_input_tokens": read, "output_tokens": out,
            "cache_creation_input_tokens": brief + hour + other,
            "cache_creation": {"ephemeral_5m_input_tokens": brief,
                               "ephemeral_1h_input_tokens": hour},
        }  # fmt: skip
        counted = {"inputTokenCount": plain, "cacheReadInputTokenCount": read,
                   "cacheWriteInputTokenCount": brief + hour + other}  # fmt: skip
        records.append(LOG | {"requestId": f"r{number}", "input": counted,
                              "output": {"outputBodyJson": {"usage": usage}}})  # fmt: skip
    lake = Lake(tmp_path_factory.mktemp("bedrock"), "bedrock", "bedrock")
    for name, part in (("b.json", records[:cut]), ("a.json", records[cut:])):
        if part:
            lake.drop(name, lines(*part))
    assert lake.land().rows_quarantined == 0
    names = (*VECTOR[:5], "output_tokens")
    assert [tuple(row[name] for name in names) for row in calls(lake)] == counts
