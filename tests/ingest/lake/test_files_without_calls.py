"""A file of a call format from which no call came is named, with what it held instead."""

from __future__ import annotations

from pathlib import Path

from ingest.lake.files_without_calls import files_without_calls
from tests.ingest.gateways.otel.otlp_lines import CHAT, line, span
from tests.support.lake import Lake

POLL = (
    '{"id": "p%d", "call_type": "aretrieve_batch", "model": "gpt-4.1", "status": "success",'
    ' "custom_llm_provider": "openai", "startTime": 1790856000, "endTime": 1790856001}\n'
)


def spans(root: Path) -> Lake:
    return Lake(root, "traces", "otel")


def said(lake: Lake, since: int = 0) -> dict[str, str]:
    return files_without_calls(lake.paths, since, [lake.source])


def test_a_file_of_spans_alone_is_as_it_should_be_among_files_with_calls(tmp_path: Path) -> None:
    lake = spans(tmp_path)
    lake.drop("a.jsonl", line(span(1, name="GET /"), span(2, 1, name="select")))
    lake.drop("b.jsonl", line(span(3, a=CHAT)))
    lake.land()
    assert said(lake) == {}


def test_a_source_of_spans_alone_says_what_its_files_held(tmp_path: Path) -> None:
    lake = spans(tmp_path)
    for name in "abcd":
        lake.drop(f"{name}.jsonl", line(span(ord(name), name="GET /")))
    lake.land()
    assert said(lake) == {
        "traces": "no call came from a.jsonl (trace_spans: 1),"
        " b.jsonl (trace_spans: 1), c.jsonl (trace_spans: 1) and 1 more"
    }
    assert files_without_calls(lake.paths, 0, []) == {}


def test_a_file_that_held_no_call_is_named_beside_others_that_did(tmp_path: Path) -> None:
    """What an earlier build has seen is not said again."""
    lake = Lake(tmp_path, "proxy", "litellm")
    lake.drop("polls.jsonl", POLL % 1 + POLL % 2)
    lake.drop("broken.jsonl", "no json\n")
    lake.land()
    assert said(lake) == {
        "proxy": "no call came from broken.jsonl (quarantine: 1), polls.jsonl (omitted_records: 1)"
    }
    (commit,) = lake.catalog("select max(commit_id) from files")[0]
    assert said(lake, commit) == {}
