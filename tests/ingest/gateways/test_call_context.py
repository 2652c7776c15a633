"""Context of calls: as callers state it under a column's name, and in each gateway's own word."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import blake2b, md5, sha1, sha256
from pathlib import Path
from typing import Any

import pytest

from ingest.contracts.call_context import CALL_CONTEXT
from ingest.errors import ConfigError
from ingest.records.pseudonyms import pseudonym_of
from tests.ingest.gateways.landed import call
from tests.ingest.gateways.langfuse.rows import export, land, langfuse, observation
from tests.ingest.gateways.litellm.test_payloads import read, record
from tests.support.lake import Lake

STATED = {
    "is_interactive": False, "route_decision": "simple", "baseline_model": "gpt-5.1",
    "fallback_reason": "rate_limit", "step": 3, "sample_group": "g1", "agent_version": "7",
    "cache_similarity": "0.93", "cache_age_seconds": 3600, "cache_ttl_seconds": 86400,
    "cache_key_scope": "Tenant", "is_cache_encrypted": "true", "cache_source_call_id": "c0",
    "cache_source_tenant_id": "acme", "cache_source_version": "v9", "prompt_name": "greet",
    "tool_schema_tokens": 900, "system_tokens": 300, "history_tokens": 0,
    "retrieval_tokens": 1200, "question_tokens": 40, "uncompressed_input_tokens": 3050,
}  # fmt: skip
FOUND = STATED | {
    "cache_similarity": Decimal("0.93"), "cache_key_scope": "tenant", "is_cache_encrypted": True,
}  # fmt: skip


HASHED = {"hash_prompts": True}


def context(found: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in names}


def test_every_column_but_the_hashes_is_stated_here() -> None:
    hashes = {"prompt_hash", "prompt_prefix_hash"}
    assert STATED.keys() == {column.name for column in CALL_CONTEXT} - hashes


@pytest.mark.parametrize("place", ["spend_logs_metadata", "requester_metadata"])
def test_a_caller_of_litellm_states_it_in_metadata(tmp_path: Path, place: str) -> None:
    names = ", ".join(STATED)
    assert read(tmp_path, names, record(metadata={place: STATED})) == [tuple(FOUND.values())]


def test_what_does_not_fit_a_column_says_nothing(tmp_path: Path) -> None:
    strange = {
        "is_interactive": "sometimes", "step": 1.5, "cache_similarity": 93, "history_tokens": -1,
        "cache_key_scope": "planet", "route_decision": "Please answer this question: " * 10,
        "cache_age_seconds": "an hour",
    }  # fmt: skip
    kept = read(tmp_path, ", ".join(strange), record(metadata={"spend_logs_metadata": strange}))
    assert kept == [(None,) * len(strange)]


def test_the_settings_go_before_and_may_read_around_the_usual_places(tmp_path: Path) -> None:
    lake = Lake(tmp_path, options={"attribution": {
        "route_decision": "metadata.spend_logs_metadata.rule",
        "sample_group": {"path": "metadata.requester_metadata", "json": "vote"},
    }})  # fmt: skip
    stated = {
        "spend_logs_metadata": {"rule": "own", "route_decision": "other", "step": 2},
        "requester_metadata": {"vote": "v1", "agent_version": "lies inside what is read"},
    }
    lake.drop("a.jsonl", json.dumps(record(metadata=stated)) + "\n")
    assert lake.land().rows_quarantined == 0
    found = lake.rows("select route_decision, sample_group, step, agent_version from rows")
    assert found == [("own", "v1", None, None)]


@pytest.mark.parametrize(
    ("attribution", "found"),
    [
        ({"feature": "metadata.spend_logs_metadata.product"}, "shadow"),
        ({"traffic_class": {"constant": "test"}}, "test"),
        ({"team": {"path": "metadata.spend_logs_metadata", "json": "squad"}}, None),
    ],
)
def test_litellms_traffic_class_is_read_whatever_else_the_settings_say(
    tmp_path: Path, attribution: dict[str, object], found: str | None
) -> None:
    """Unless they say it, or read the metadata as one text."""
    lake = Lake(tmp_path, options={"attribution": attribution})
    stated = {"spend_logs_metadata": {"traffic_class": "shadow", "product": "chat"}}
    lake.drop("a.jsonl", json.dumps(record(metadata=stated)) + "\n")
    assert lake.land().rows_quarantined == 0
    assert lake.rows("select traffic_class from rows") == [(found,)]


def test_litellms_router_states_its_tier_and_what_it_would_otherwise_take(tmp_path: Path) -> None:
    decision = {"tier": "SIMPLE", "cause": "scorer", "savings_baseline_model": "openai/o4-mini"}
    stated = {"routing_decision": decision, "prompt_management_metadata": {"prompt_id": "p1"}}
    names = "route_decision, baseline_model, prompt_name"
    assert read(tmp_path, names, record(metadata=stated)) == [("SIMPLE", "openai/o4-mini", "p1")]


def chat(system: str, question: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": question}]


def test_the_same_prompt_has_the_same_hash_however_it_is_spaced(tmp_path: Path) -> None:
    prompts = [
        chat("Be kind.", "Why?\n"), chat("Be  kind.", "Why? "), chat("Be kind.", "How?"),
        chat("Be brief.", "Why?\n"), [{"role": "user", "content": "Why?"}],
    ]  # fmt: skip
    rows = read(
        tmp_path, "prompt_hash, prompt_prefix_hash", *(
            record(messages=prompt, litellm_call_id=f"c{number}")
            for number, prompt in enumerate(prompts)
        ), options=HASHED,
    )  # fmt: skip
    (first, kind), (spaced, kind_too), (other, also_kind), (brief, is_brief), (alone, none) = rows
    assert first == spaced
    assert len({first, other, brief, alone}) == 4
    assert kind == kind_too == also_kind != is_brief
    assert (len(first), none) == (16, None)


def test_a_hash_tells_nothing_without_the_salt(tmp_path: Path) -> None:
    """Whoever has a dictionary of prompts has their MD5, by hand; the lake has it salted."""
    messages = chat("Be kind.", "Why?")
    text = json.dumps(messages, separators=(",", ":"))
    known = md5(text.encode(), usedforsecurity=False).hexdigest()
    salted = sha256(f"salt{known}".encode()).hexdigest()[:16]
    assert read(tmp_path, "prompt_hash", record(messages=messages), options=HASHED) == [(salted,)]


def test_a_dictionary_of_prompts_names_none_without_the_salt(tmp_path: Path) -> None:
    """Every usual digest of every likely prompt, whole, spaced otherwise and cut: none is there.

    Whoever has the salt finds each of them, so the dictionary does hold the prompts.
    """
    dictionary = [chat(system, question) for system in ("Be kind.", "Be brief.")
                  for question in ("Why?", "How?", "What is my balance?")]  # fmt: skip
    rows = read(
        tmp_path, "prompt_hash, prompt_prefix_hash", *(
            record(messages=prompt, litellm_call_id=f"c{number}")
            for number, prompt in enumerate(dictionary)
        ), options=HASHED,
    )  # fmt: skip
    stored = {value for row in rows for value in row}
    assert len({whole for whole, _ in rows}) == len(dictionary)
    texts = {
        text
        for prompt in dictionary
        for said in (prompt, prompt[:1])
        for text in (
            json.dumps(said), json.dumps(said, separators=(",", ":")),
            "".join(message["content"] for message in said), said[-1]["content"],
        )
    }  # fmt: skip
    plain = {
        function(text.encode(), usedforsecurity=False).hexdigest()
        for text in texts
        for function in (md5, sha1, sha256, blake2b)
    }
    cut = {digest[start : start + 16] for digest in plain for start in range(0, len(digest), 16)}
    again = {md5(digest.encode(), usedforsecurity=False).hexdigest()[:16] for digest in plain}
    assert not stored & (plain | cut | again)
    salted = {sha256(f"salt{digest}".encode()).hexdigest()[:16] for digest in plain}
    assert {whole for whole, _ in rows} <= salted


def test_no_prompt_is_hashed_unless_the_settings_ask_for_it(tmp_path: Path) -> None:
    assert read(tmp_path, "prompt_hash, input_bytes", record(messages=chat("a", "b"))) == [
        (None, len('[{"role":"system","content":"a"},{"role":"user","content":"b"}]'))
    ]
    with pytest.raises(ConfigError, match="hash_prompts: write true or false"):
        read(tmp_path / "b", "prompt_hash", record(), options={"hash_prompts": "yes"})


def test_a_hash_that_a_caller_states_is_salted_too(tmp_path: Path) -> None:
    stated = {"prompt_hash": "5d41402a"}
    prompt = record(metadata={"spend_logs_metadata": stated}, messages=chat("a", "b"))
    salted = pseudonym_of("5d41402a", "salt")
    assert read(tmp_path, "prompt_hash", prompt, options=HASHED) == [(salted,)]


def test_langfuse_states_it_in_the_metadata_of_an_observation(tmp_path: Path) -> None:
    stated = {"is_interactive": "true", "step": "2"}
    asked = observation(prompt_name="greet", prompt_version=3, metadata=stated)
    lake = langfuse(tmp_path)
    export(lake, "observations_v2", asked)
    land(lake)
    found = lake.rows("select prompt_name, is_interactive, step from rows")
    assert found == [("greet", True, 2)]


@pytest.mark.parametrize(
    ("format_name", "stated", "found"),
    [
        ("helicone", {"request_id": "q", "request_created_at": "2026-10-01T12:00:00Z",
                      "response_status": 200, "prompt_id": "greet",
                      "cache_reference_id": "6f2d9f0e-8a51-4d6c-9a54-0d6a5a1fb4a2",
                      "request_model": "m", "properties": {"is_interactive": "false"}},
         {"is_interactive": False, "prompt_name": "greet",
          "cache_source_call_id": "6f2d9f0e-8a51-4d6c-9a54-0d6a5a1fb4a2"}),
        ("helicone", {"request_id": "q", "request_created_at": "2026-10-01T12:00:00Z",
                      "response_status": 200, "request_model": "m",
                      "cache_reference_id": "00000000-0000-0000-0000-000000000000"},
         {"is_interactive": None, "cache_source_call_id": None}),
        ("portkey", {"id": "q", "created_at": "2026-10-01T12:00:00Z", "ai_model": "m",
                     "mode": "FALLBACK", "prompt_slug": "greet",
                     "metadata": {"key": ["step"], "value": ["4"]}},
         {"route_decision": "FALLBACK", "prompt_name": "greet", "step": 4}),
        ("cloudflare", {"id": "q", "created_at": "2026-10-01T12:00:00Z", "model": "m",
                        "metadata": '{"cache_key_scope":"shared"}'},
         {"cache_key_scope": "shared"}),
        ("openrouter_calls", {"id": "q", "created_at": "2026-10-01T12:00:00Z", "model": "m",
                              "router": "auto", "response_cache_source_id": "gen-1"},
         {"route_decision": "auto", "cache_source_call_id": "gen-1"}),
        ("envoy", {"x-request-id": "q", "start_time": "2026-10-01T12:00:00Z",
                   "genai_model_name": "m", "route_decision": "-", "step": "2"},
         {"route_decision": None, "step": 2}),
        ("bedrock", {"schemaType": "ModelInvocationLog", "requestId": "q",
                     "timestamp": "2026-10-01T12:00:00Z", "operation": "Converse", "modelId": "m",
                     "requestMetadata": {"baseline_model": "large"}},
         {"baseline_model": "large"}),
    ],
)  # fmt: skip
def test_each_gateway_has_its_own_places(
    tmp_path: Path, format_name: str, stated: dict[str, Any], found: dict[str, Any]
) -> None:
    assert context(call(tmp_path, format_name, stated), found) == found
