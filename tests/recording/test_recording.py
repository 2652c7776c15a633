"""What LiteLLM's real proxy logged of eight attempts, read by Outlay's own reader.

The counts are those that `proxy/config.yaml` makes the mock models state, the costs are worked by
hand from public list prices, the stream's counts are what LiteLLM's tokenizer makes of its texts.
"""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.records.pseudonyms import pseudonym_of
from tests.recording.recorder import ATTEMPTS, RECORDING
from tests.support.lake import Lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return landed(tmp_path_factory.mktemp("recording"), RECORDING.read_bytes())


def landed(root: Path, recording: bytes) -> Lake:
    lake = Lake(root)
    lake.drop("payloads.jsonl.gz", recording)
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (ATTEMPTS, 0, [])
    return lake


def calls(lake: Lake, what: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Task and status of every attempt -> what is asked of it."""
    rows = lake.rows(f"select task_id, status, {what} from rows")
    found = {(task, status): rest for task, status, *rest in rows}
    assert len(found) == len(rows)
    return {key: tuple(rest) for key, rest in found.items()}


PLAIN, REPEATED = ("task-plain", "ok"), ("task-repeated", "ok")
STREAM, TOOLS = ("task-stream", "ok"), ("task-tools", "ok")
FAILED, FELL_BACK = ("task-fallback", "error"), ("task-fallback", "ok")
REFUSED, SEARCH = ("task-refused", "error"), ("task-search", "ok")


def test_every_attempt_is_a_call_of_the_model_that_was_asked(lake: Lake) -> None:
    small = ("openai", "gpt-4.1-mini")
    assert calls(lake, "operation, request_model, provider, response_model") == {
        PLAIN: ("chat", "support-chat", *small),
        REPEATED: ("chat", "support-chat", *small),
        STREAM: ("chat", "support-stream", *small),
        TOOLS: ("chat", "support-tools", *small),
        FAILED: ("chat", "unsteady", "openai", "gpt-4.1"),
        FELL_BACK: ("chat", "steady", "anthropic", "claude-sonnet-4-5-20250929"),
        REFUSED: ("chat", "crowded", "openai", "gpt-4.1"),
        SEARCH: ("embeddings", "support-search", "openai", "text-embedding-3-small"),
    }


def test_tokens_are_taken_apart_as_the_models_stated_them(lake: Lake) -> None:
    vector = (
        "input_uncached_tokens, cache_read_tokens, cache_write_5m_tokens + cache_write_1h_tokens"
        " + cache_write_other_tokens, output_tokens, reasoning_tokens"
    )
    assert calls(lake, vector) == {
        PLAIN: (176, 1024, 0, 55, 0),
        REPEATED: (176, 1024, 0, 55, 0),
        STREAM: (14, 0, 0, 8, 0),
        TOOLS: (300, 0, 0, 20, 0),
        FAILED: (0, 0, 0, 0, 0),
        FELL_BACK: (300, 500, 1200, 40, 0),
        REFUSED: (0, 0, 0, 0, 0),
        SEARCH: (10, 0, 0, 0, 0),
    }


def test_costs_are_those_of_the_price_lists(lake: Lake) -> None:
    # gpt-4.1-mini: 0.40, cached 0.10, out 1.60 a million; the sonnet: 3, 0.30, written 3.75, 15
    def usd(text: str) -> Decimal:
        return Decimal(text)

    assert calls(lake, "reported_cost_usd, reported_avoided_usd") == {
        PLAIN: (usd("0.0002608"), None),  # 176 x 0.4 + 1024 x 0.1 + 55 x 1.6
        REPEATED: (usd("0"), usd("0.0002608")),
        STREAM: (usd("0.0000184"), None),  # 14 x 0.4 + 8 x 1.6
        TOOLS: (usd("0.000152"), None),  # 300 x 0.4 + 20 x 1.6
        FAILED: (usd("0"), None),
        FELL_BACK: (usd("0.00615"), None),  # 300 x 3 + 500 x 0.3 + 1200 x 3.75 + 40 x 15
        REFUSED: (usd("0"), None),
        SEARCH: (usd("0.0000002"), None),  # 10 x 0.02
    }


def test_failures_streams_and_hits_are_told_apart(lake: Lake) -> None:
    facts = "http_status, error_type, is_stream, cached_hit, attempted_fallbacks"
    assert calls(lake, facts) == {
        PLAIN: (None, None, False, False, 0),
        REPEATED: (None, None, False, True, 0),
        STREAM: (None, None, True, False, None),
        TOOLS: (None, None, False, False, 0),
        FAILED: (500, "InternalServerError", None, False, None),
        FELL_BACK: (None, None, False, False, 1),
        REFUSED: (429, "RateLimitError", None, False, None),
        SEARCH: (None, None, False, False, 0),
    }


def test_ids_tie_attempts_to_requests_and_answers(lake: Lake) -> None:
    found = calls(lake, "request_id, provider_response_id, call_id")
    requests = {key: request for key, (request, _, _) in found.items()}
    assert requests[FAILED] == requests[FELL_BACK]
    assert len(set(requests.values())) == ATTEMPTS - 1
    assert len({call for _, _, call in found.values()}) == ATTEMPTS
    answers = {key: answer for key, (_, answer, _) in found.items()}
    assert answers[PLAIN] == answers[REPEATED] == "chatcmpl-plain"
    assert (answers[TOOLS], answers[FELL_BACK]) == ("chatcmpl-tools", "msg_steady")
    assert (answers[FAILED], answers[REFUSED]) == (None, None)


def test_whose_a_call_is_comes_from_where_the_client_put_it(lake: Lake) -> None:
    whose = lake.rows("select distinct tenant_id, feature, prompt_version from rows")
    assert whose == [("acme", "support", "v3")]
    users = calls(lake, "user_id")
    # the client's `user` where it gave one, else the owner of the proxy's key
    assert users[PLAIN] == users[REPEATED] == (pseudonym_of("user-7", "salt"),)
    assert len({users[key] for key in users if key not in (PLAIN, REPEATED)}) == 1


def test_a_stream_has_its_first_token_between_start_and_end(lake: Lake) -> None:
    assert lake.rows(
        "select task_id from rows where first_token_at > started_at and first_token_at < ended_at"
    ) == [("task-stream",)]


def test_sizes_are_those_of_the_texts(lake: Lake) -> None:
    sizes = calls(lake, "source_line, input_bytes, output_bytes")
    payloads = [json.loads(line) for line in gzip.decompress(RECORDING.read_bytes()).splitlines()]
    for line, asked, answered in sizes.values():
        response = payloads[line - 1]["response"]
        answer = response.get("choices") or response.get("data")
        assert answered == (size(answer) if answer else None)
        # [{"role":"user","content":""}] and 26 bytes of a question, or `order`
        assert asked == (35 if payloads[line - 1]["call_type"] == "aembedding" else 56)


def size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def test_no_text_is_in_the_lake(lake: Lake) -> None:
    kept = str(lake.rows("from rows"))
    assert "chatcmpl-plain" in kept
    for text in ("Where is my order", "it is fixed", "two three four", "find_order"):
        assert text not in kept
