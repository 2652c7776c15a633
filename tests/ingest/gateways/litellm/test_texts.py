"""Bytes of a LiteLLM payload's prompt and answer, whose text enters nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from tests.ingest.gateways.litellm.test_payloads import read, record
from tests.support.lake import Lake

BYTES = "input_bytes, output_bytes"
PROMPT = [{"role": "user", "content": 'Grüß "Gott"'}]
REDACTED = "redacted-by-litellm"
CUT = "...truncated by litellm, this logger does not support large content"


def choices(content: str) -> dict[str, Any]:
    return {"id": "r1", "choices": [{"message": {"content": content}}], "usage": {"total": 3}}


def test_a_text_counts_in_utf8_and_without_the_spaces_of_its_json(tmp_path: Path) -> None:
    # [{"role":"user","content":""}] is 30; ü and ß are two bytes, a quote has a backslash: 15
    # [{"message":{"content":"ok"}}]: 28 around 2
    assert read(tmp_path, BYTES, record(messages=PROMPT, response=choices("ok"))) == [(45, 30)]


@pytest.mark.parametrize(
    ("response", "size"),
    [
        ({"output": [1, 2], "text": {"format": "x"}}, 5),  # the Responses API
        ({"id": "msg_1", "content": [{"text": "hey"}]}, 16),  # Anthropic's Messages
        ({"object": "list", "data": [{"index": 0}]}, 13),  # embeddings
        ({"results": [7]}, 3),  # a rerank
        ({"text": "hey"}, 14),  # a transcription
        ("plain text", 10),
        ([1, 2], 5),
    ],
)
def test_the_answer_counts_without_its_envelope(tmp_path: Path, response: Any, size: int) -> None:
    assert read(tmp_path, "output_bytes", record(response=response)) == [(size,)]


@pytest.mark.parametrize("messages", [None, [], "", REDACTED, [{"content": REDACTED}], f"[{CUT}"])
def test_a_prompt_that_is_not_there_whole_has_no_size(tmp_path: Path, messages: Any) -> None:
    assert read(tmp_path, "input_bytes", record(messages=messages)) == [(None,)]


@pytest.mark.parametrize(
    "response",
    [None, {}, {"text": REDACTED}, REDACTED, choices(REDACTED), {"data": []}, "{'id': 'r1'" + CUT],
)
def test_an_answer_that_is_not_there_whole_has_no_size(tmp_path: Path, response: Any) -> None:
    assert read(tmp_path, "output_bytes", record(response=response)) == [(None,)]


def test_a_prompt_that_speaks_of_redaction_is_a_prompt(tmp_path: Path) -> None:
    said = f'say "{REDACTED}"'
    # [{"content":"say \"redacted-by-litellm\""}]: 12 + 2 around 27, with two backslashes
    assert read(tmp_path, "input_bytes", record(messages=[{"content": said}])) == [(43,)]


def test_a_line_beside_a_broken_one_counts_the_same_and_no_text_is_kept(tmp_path: Path) -> None:
    secret = "the dragon sleeps at noon"  # noqa: S105 - what must not leak
    line = json.dumps(record(messages=[{"content": secret}], response=choices(secret)))
    for name, more in (("fast", ""), ("careful", '{"id": "cut of')):
        lake = Lake(tmp_path / name)
        lake.drop("a.jsonl", f"{line}\n{more}")
        assert lake.land().rows_loaded == 1
        # [{"content":""}] and [{"message":{"content":""}}] around 25
        assert lake.rows(f"select {BYTES} from rows") == [(41, 53)]
        assert "dragon" not in str(lake.rows("from rows"))


def test_settings_cannot_ask_for_the_text(tmp_path: Path) -> None:
    lake = Lake(tmp_path, options={"labels": {"prompt": "messages"}})
    lake.drop("a.jsonl", json.dumps(record(messages=PROMPT)))
    with pytest.raises(ConfigError, match="names text that must not be kept"):
        lake.land()


def test_sampled_chats_have_the_sizes_that_python_counts(tmp_path: Path, shared: Path) -> None:
    raw = gzip.decompress(
        (shared / "samples" / "gateway" / "litellm_slp_cases.jsonl.gz").read_bytes()
    )
    lake = Lake(tmp_path)
    lake.drop("a.jsonl", raw)
    lake.land()
    rows = lake.rows(f"select source_line, {BYTES} from rows where operation = 'chat' order by 1")
    assert len(rows) == 56
    payloads = [json.loads(line) for line in raw.splitlines()]
    for line, prompt, answer in rows:
        payload = payloads[line - 1]
        assert prompt == size(payload["messages"])
        assert answer == (size(payload["response"]["choices"]) if payload["response"] else None)


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
