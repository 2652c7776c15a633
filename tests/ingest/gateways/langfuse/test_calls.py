"""Langfuse's observations as calls; exports are made after its published field reference."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ConfigError
from tests.ingest.gateways.langfuse.rows import (
    FORMS,
    SECRET,
    export,
    exported,
    land,
    langfuse,
    observation,
)
from tests.ingest.gateways.litellm.spend_rows import PLACES, VECTOR
from tests.support.texts import files_holding

AGENT_RUN = [
    observation("agent", type="AGENT", name="bot", metadata={"tenant_id": "acme"},
                usage_details={}, cost_details={}, total_cost=None, provided_model_name=""),
    observation("ask", parent_observation_id="agent", completion_start_time=
                "2026-10-05 10:00:00.750", tags=["feature:support", 'say "hi"'], user_id="ann",
                session_id="s1", trace_name="support chat", prompt_name="reply", prompt_version=3,
                model_parameters='{"service_tier": "flex", "temperature": 0.2}'),
    observation("crm", parent_observation_id="agent", type="TOOL", name="crm/search",
                usage_details={}, cost_details={}, total_cost=None, provided_model_name="",
                metadata={"note": "é \\ \"quoted\""}),
    observation("index", parent_observation_id="crm", type="RETRIEVER", name="index",
                usage_details={}, cost_details={}, total_cost=None, provided_model_name=""),
    observation("embed", type="EMBEDDING", provided_model_name="text-embedding-3-small",
                usage_details={"input": 7, "total": 7}, cost_details={"total": "0.00000014"},
                total_cost="0.00000014"),
    observation("guard", type="GUARDRAIL", level="ERROR", usage_details={}, cost_details={},
                total_cost=None, provided_model_name="", end_time=None),
    observation("span", type="SPAN"), observation("chain", type="CHAIN"),
    observation("event", type="EVENT"), observation("judge", type="EVALUATOR"),
]  # fmt: skip


def calls(root: Path, what: str, *rows: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    lake = langfuse(root, **options)
    export(lake, "observations_v2", *rows)
    land(lake)
    return lake.rows(f"select {what} from rows order by source_line")


@pytest.mark.parametrize("form", FORMS)
def test_observations_become_calls_in_every_form(tmp_path: Path, form: str) -> None:
    lake = langfuse(tmp_path)
    export(lake, "observations_v2", *AGENT_RUN, form=form)
    land(lake)
    assert lake.rows(
        "select call_id, operation, tool_name,"
        " input_uncached_tokens, output_tokens, reported_cost_usd, status"
        " from rows order by call_id"
    ) == [
        ("t1/ask", "chat", None, 100, 10, Decimal("0.00028"), "ok"),
        ("t1/crm", "execute_tool", "crm/search", None, None, None, "ok"),
        ("t1/embed", "embeddings", None, 7, 0, Decimal("0.00000014"), "ok"),
        ("t1/guard", "guardrail", None, None, None, None, "error"),
        ("t1/index", "retrieval", None, None, None, None, "ok"),
    ]  # fmt: skip
    assert lake.rows(
        "select started_at, ended_at, first_token_at, recorded_at, is_stream, service_tier,"
        " session_id, task_id, task_type, feature, prompt_version, environment, user_id <> 'ann',"
        " request_model, response_model, provider, cached_hit, input_bytes, output_bytes"
        " from rows where call_id = 't1/ask'"
    ) == [
        (datetime(2026, 10, 5, 10, 0, 0, 250000), datetime(2026, 10, 5, 10, 0, 1, 500000),
         datetime(2026, 10, 5, 10, 0, 0, 750000), datetime(2026, 10, 5, 10, 0, 5), True, "flex",
         "s1", None, "support chat", "support", "reply/3", "production", True,
         "gpt-4.1", "gpt-4.1", None, None, 26, 11)
    ]  # fmt: skip
    assert files_holding(lake.paths.lake, SECRET) == set()


@pytest.mark.parametrize("form", [form for form in FORMS if form != "parquet"])
def test_a_damaged_file_gives_the_same_calls_as_a_whole_one(tmp_path: Path, form: str) -> None:
    lakes = {}
    for name, damage in (("whole", b""), ("damaged", b"broken")):
        lake = lakes[name] = langfuse(tmp_path / name)
        kind = form.partition(".")[0]
        content = exported("observations_v2", AGENT_RUN, kind, lake.root)
        if damage and kind == "json":
            content = content[:-1] + b", 17]"
        elif damage:
            content += damage + b"\n"
        lake.drop(f"p1/observations_v2/2026-10-05T11-00-00.{kind}", content)
        assert lake.land().rows_quarantined == bool(damage)
    every = f"select * exclude ({PLACES}) from rows order by call_id"
    assert lakes["damaged"].rows(every) == lakes["whole"].rows(every)


@pytest.mark.parametrize(
    ("usage", "vector"),
    [
        # uncached, read, 5m, 1h, other, audio in, output, reasoning, audio out
        ({"input": 86, "input_cached_tokens": 17817, "output": 188, "total": 18091},
         (86, 17817, 0, 0, 0, 0, 188, 0, 0)),
        ({"input": 2140, "input_cached_tokens": 1024, "output": 96,
          "output_reasoning_tokens": 310, "total": 3570},
         (2140, 1024, 0, 0, 0, 0, 406, 310, 0)),
        ({"input": 10, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 5,
          "output": 3, "total": 38}, (10, 20, 0, 0, 5, 0, 3, 0, 0)),
        ({"input": 10, "input_cache_read": 20, "input_cache_creation_5m": 4,
          "input_cache_creation_1h": 6, "output": 3}, (10, 20, 4, 6, 0, 0, 3, 0, 0)),
        ({"input": 10, "cache_creation_input_tokens": 12, "input_cache_creation_5m": 4,
          "input_cache_creation_1h": 6, "output": 3}, (10, 0, 4, 6, 2, 0, 3, 0, 0)),
        ({"input": 0, "input_text_tokens": 7, "input_audio_tokens": 30, "output": 0,
          "output_text_tokens": 2, "output_audio_tokens": 40, "total": 79},
         (7, 0, 0, 0, 0, 30, 2, 0, 40)),
        ({"input": 5, "input_image_tokens": 800, "output": 4, "total": 809},
         (805, 0, 0, 0, 0, 0, 4, 0, 0)),
        ({"input": 9, "output": 1, "output_reasoning_tokens": 6,
          "output_accepted_prediction_tokens": 3, "output_rejected_prediction_tokens": 2},
         (9, 0, 0, 0, 0, 0, 12, 6, 0)),
        # one bucket under two names is one bucket
        ({"input": 10, "input_tokens": 10, "output": 3, "output_tokens": 3,
          "input_cached_tokens": 4, "cache_read_input_tokens": 4},
         (10, 4, 0, 0, 0, 0, 3, 0, 0)),
        ({"prompt_token_count": 50, "candidates_token_count": 100, "thoughts_token_count": 200,
          "total": 350}, (50, 0, 0, 0, 0, 0, 300, 200, 0)),
        # sent with cached tokens inside `input`: the total gives it away
        ({"input": 1885, "cache_read_input_tokens": 1664, "cache_creation_input_tokens": 0,
          "output": 18, "total": 1903}, (221, 1664, 0, 0, 0, 0, 18, 0, 0)),
        ({"input": 17903, "input_cached_tokens": 17817, "output": 188,
          "output_reasoning_tokens": 100, "total": 18091},
         (86, 17817, 0, 0, 0, 0, 188, 100, 0)),
        # only the output was sent with its reasoning inside
        ({"input": 86, "input_cached_tokens": 17817, "output": 188,
          "output_reasoning_tokens": 100, "total": 18091},
         (86, 17817, 0, 0, 0, 0, 188, 100, 0)),
        # only the input was sent with its cached tokens inside
        ({"input": 1885, "input_cached_tokens": 1664, "output": 8,
          "output_reasoning_tokens": 10, "total": 1903},
         (221, 1664, 0, 0, 0, 0, 18, 10, 0)),
        ({"input": 100, "output": 10}, (100, 0, 0, 0, 0, 0, 10, 0, 0)),
        ({"input": 100}, (100, 0, 0, 0, 0, 0, None, None, None)),
        ({"output": 10}, (None, None, None, None, None, None, 10, 0, 0)),
        ({"total": 110}, (None,) * 9),
        ({"searches": 3}, (None,) * 9),
        ({}, (None,) * 9),
        (None, (None,) * 9),
    ],
)  # fmt: skip
def test_buckets_are_classes_and_the_total_is_none(
    tmp_path: Path, usage: dict[str, int] | None, vector: tuple[int | None, ...]
) -> None:
    assert calls(tmp_path, ", ".join(VECTOR), observation(usage_details=usage)) == [vector]


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"total_cost": "0.133925706"}, Decimal("0.133925706")),
        ({"total_cost": "548.6298907405"}, Decimal("548.629890741")),
        ({"total_cost": None}, None),
        # nobody priced the model: 0 beside no costs at all
        ({"total_cost": "0", "cost_details": {}}, None),
        ({"total_cost": "0", "cost_details": None}, None),
        # a free model, and a call without tokens
        ({"total_cost": "0", "cost_details": {"input": "0", "total": "0"}}, Decimal(0)),
        ({"total_cost": "0", "cost_details": {}, "usage_details": {}}, Decimal(0)),
    ],
)
def test_a_cost_of_zero_is_unknown_where_no_cost_was_worked_out(
    tmp_path: Path, changes: dict[str, Any], reported: Decimal | None
) -> None:
    assert calls(tmp_path, "reported_cost_usd", observation(**changes)) == [(reported,)]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "ok"),
        ({"level": "WARNING"}, "ok"),
        ({"level": "ERROR"}, "error"),
        ({"end_time": None}, "ok"),
        ({"end_time": None, "usage_details": {}}, "aborted"),
    ],
)
def test_what_never_ended_and_counted_nothing_was_left(
    tmp_path: Path, changes: dict[str, Any], status: str
) -> None:
    found = calls(tmp_path, "status, error_type", observation(**changes))
    assert found == [(status, None)]  # the message is a text


@pytest.mark.parametrize(
    ("changes", "provider", "response"),
    [
        ({}, None, None),
        ({"metadata": {"ls_provider": "OpenAI"}}, "openai", None),
        ({"metadata": {"attributes": json.dumps({
            "gen_ai.system": "aws.bedrock", "gen_ai.response.id": "msg_1",
            "gen_ai.prompt.0.content": SECRET})}}, "aws.bedrock", "msg_1"),
        ({"metadata": {"attributes": json.dumps({
            "gen_ai.system": "x", "gen_ai.provider.name": "openai"})}}, "openai", None),
        ({"metadata": {"attributes": SECRET}}, None, None),
        ({"id": "time-08-03-16-240294_chatcmpl-4ff6"}, None, "chatcmpl-4ff6"),
        ({"id": "time-08-03-16-240294_chatcmpl-4ff6_cache_hit1795421038.48"}, None,
         "chatcmpl-4ff6"),
        ({"id": "time-out_chatcmpl-4ff6"}, None, None),
    ],
)  # fmt: skip
def test_the_provider_and_its_response_are_known_where_the_sender_named_them(
    tmp_path: Path, changes: dict[str, Any], provider: str | None, response: str | None
) -> None:
    found = calls(tmp_path, "provider, provider_response_id", observation(**changes))
    assert found == [(provider, response)]


def test_settings_say_where_attribution_is_and_which_values_to_keep(tmp_path: Path) -> None:
    row = observation(
        name="summarise", release="r7", metadata={"customer": "acme", "cost": {"center": "47"}},
        tags=["team:core"], user_id="ann",
    )  # fmt: skip
    assert calls(
        tmp_path, "feature, tenant_id, team, provider, labels", row,
        attribution={"feature": "name", "tenant_id": "metadata.customer",
                     "provider": {"constant": "openai"}},
        labels={"release": "release", "center": "metadata.cost.center"},
    ) == [("summarise", "acme", "core", "openai", '{"release":"r7","center":"47"}')]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"attribution": "name"}, "attribution"),
        ({"attribution": {"feature": "input"}}, "attribution.feature"),
        ({"labels": {"all": "metadata"}}, "labels"),
        ({"labels": {"prompt": "output"}}, "labels"),
        ({"outcomes": {"resolved": {"succes": 1}}}, "outcomes.resolved.succes"),
    ],
)
def test_wrong_settings_are_refused_with_their_key(
    tmp_path: Path, options: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigError) as error:
        calls(tmp_path, "1", observation(), **options)
    assert error.value.key == key


BUCKETS = (
    "input", "input_cached_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
    "input_cache_creation_5m", "input_cache_creation_1h", "input_audio_tokens",
    "input_text_tokens", "output", "output_reasoning_tokens", "output_audio_tokens", "total",
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(BUCKETS), st.integers(0, 400), max_size=8),
        min_size=1, max_size=6,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_classes_are_disjoint_and_the_order_and_cut_of_files_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[dict[str, int]], random: Any
) -> None:
    rows = [
        observation(f"o{number}", usage_details=usage, parent_observation_id=f"o{number - 1}",
                    tags=[f"feature:f{number}"] if number % 2 else [])
        for number, usage in enumerate(drawn)
    ]  # fmt: skip
    root = tmp_path_factory.mktemp("property")
    whole, halves = langfuse(root / "whole"), langfuse(root / "halves")
    export(whole, "observations_v2", *rows)
    report = whole.land()
    assert report.rows_loaded + report.rows_quarantined == len(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    cut = random.randint(0, len(rows))
    for window, part, form in (("a", shuffled[:cut], "csv"), ("b", shuffled[cut:], "json")):
        if part:
            export(halves, "observations_v2", *part, window=window, form=form)
    halves.land()
    if not report.rows_loaded:
        return
    every = f"select * exclude ({PLACES}) from rows order by call_id"
    assert halves.rows(every) == whole.rows(every)
    by_id = {row["id"]: row["usage_details"] for row in rows}
    for call, *classes in whole.rows(f"select call_id, {', '.join(VECTOR)} from rows"):
        usage = by_id[call.removeprefix("t1/")]
        assert all(count is None or count >= 0 for count in classes)
        if "input" in usage and "output" in usage and "total" not in usage:
            # several names of one bucket are one: nothing is counted twice, nothing is lost
            read = max(usage.get("input_cached_tokens", 0), usage.get("cache_read_input_tokens", 0))
            written = max(usage.get("cache_creation_input_tokens", 0),
                          usage.get("input_cache_creation_5m", 0)
                          + usage.get("input_cache_creation_1h", 0))  # fmt: skip
            assert sum(classes[:6]) == usage["input"] + read + written + usage.get(
                "input_audio_tokens", 0
            ) + usage.get("input_text_tokens", 0)
