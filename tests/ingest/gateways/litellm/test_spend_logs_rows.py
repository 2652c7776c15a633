"""SpendLogs rows that the sample lacks, from the table's description: one idea each."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ConfigError
from tests.ingest.gateways.litellm.spend_rows import VECTOR, as_csv, as_lines, read, row
from tests.support.lake import Lake
from tests.support.texts import files_holding


def test_a_failure_is_the_request_s_and_has_no_response(tmp_path: Path) -> None:
    failure = row(
        request_id="c1", status="failure", spend=0, prompt_tokens=0, completion_tokens=0,
        model_id="", metadata=json.dumps({
            "status": "failure",
            "error_information": {"error_code": "429", "error_class": "RateLimitError"},
        }),
    )  # fmt: skip
    assert (
        read(
            tmp_path,
            "call_id, request_id, provider_response_id, status, error_type, http_status, is_stream",
            failure,
            failure | {"status": None},
        )
        == [("c1/1790000000250000", "c1", None, "error", "RateLimitError", 429, None)] * 2
    )


def test_a_hit_states_what_it_avoided_and_keeps_the_response_it_repeats(tmp_path: Path) -> None:
    hit = row(
        request_id="chatcmpl-1_cache_hit1790000000.5", cache_hit="True", spend=0.0,
        metadata='{"cost_breakdown": {"total_cost": 2.4149999999999997e-05}}',
    )  # fmt: skip
    assert read(
        tmp_path, "provider_response_id, cached_hit, reported_cost_usd, reported_avoided_usd",
        hit, hit | {"cache_hit": "False"}, hit | {"cache_hit": None},
    ) == [
        ("chatcmpl-1", True, Decimal(0), Decimal("0.000024150")),
        ("chatcmpl-1", False, Decimal(0), None),
        ("chatcmpl-1", False, Decimal(0), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "traffic", "labels"),
    [
        (None, None, None),
        ("autorouter_classifier", None, '{"internal_call_origin":"autorouter_classifier"}'),
        ("shadow_eval_judge", "shadow", '{"internal_call_origin":"shadow_eval_judge"}'),
        ("guardrail_judge", "evaluation", '{"internal_call_origin":"guardrail_judge"}'),
    ],
)
def test_spend_that_the_proxy_caused_names_its_origin(
    tmp_path: Path, origin: str | None, traffic: str | None, labels: str | None
) -> None:
    record = row(metadata=json.dumps({"internal_call_origin": origin}))
    assert read(tmp_path, "traffic_class, labels", record) == [(traffic, labels)]


def test_settings_say_where_attribution_is_and_which_values_to_keep(tmp_path: Path) -> None:
    record = row(
        team_id="team-7", metadata='{"requester": {"cost_center": "4711"}}',
        request_tags='["env:prod", "say \\"hi\\""]',
    )  # fmt: skip
    assert read(
        tmp_path, "team, environment, labels, task_id", record,
        attribution={"team": "team_id", "environment": {"path": "request_tags", "tag": "env"}},
        labels={"center": "metadata.requester.cost_center"},
    ) == [("team-7", "prod", '{"center":"4711"}', None)]  # fmt: skip


def test_a_fallback_keeps_the_group_that_was_asked_for(tmp_path: Path) -> None:
    record = row(metadata='{"original_model_group": "flagship", "attempted_fallbacks": 1}')
    assert read(tmp_path, "request_model, response_model, attempted_fallbacks", record) == [
        ("flagship", "gpt-4.1", 1)
    ]


def test_a_tool_and_an_agent_are_named(tmp_path: Path) -> None:
    record = row(
        call_type="call_mcp_tool", mcp_namespaced_tool_name="crm/search", agent_id="billing"
    )
    assert read(tmp_path, "operation, tool_name, agent_name", record) == [
        ("execute_tool", "crm/search", "billing")
    ]


SECRET = "TOPSECRET"  # noqa: S105 - what must not leak


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        (row(metadata=f"{{{SECRET}"), "metadata", "the value is not JSON"),
        (row(request_tags=f"['{SECRET}']"), "request_tags", "the value is not JSON"),
        (row(request_tags='{"a": 1}'), "request_tags", "the value is not a VARCHAR[]"),
        (row(spend="NaN"), "spend", "the value is not a DECIMAL(18,9)"),
        (row(spend=-0.5), "reported_cost_usd", "is negative"),
        (row(prompt_tokens=-5), "usage", "a count of tokens is negative or no whole number"),
        (row(completion_tokens=2.5), "usage",
         "a count of tokens is negative or no whole number"),
        (row(metadata='{"usage_object": {"prompt_tokens_details": {"cached_tokens": "x"}}}'),
         "metadata.usage_object.prompt_tokens_details.cached_tokens",
         "the value is not a DOUBLE"),
        (row(startTime=None), "started_at", "is required and missing"),
        (row(startTime=SECRET), "startTime", "the value does not fit what the mapping says of it"),
        (row(endTime=SECRET), "endTime", "the value does not fit what the mapping says of it"),
        (row(startTime="1970-01-01 00:00:00"), "started_at",
         "lies outside 2015 to 2100: a clock or unit is wrong"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_a_bad_row_is_set_aside_by_field_and_its_neighbours_load(
    tmp_path: Path, bad: dict[str, Any], field: str, reason: str, form: str
) -> None:
    rows = [row(litellm_call_id="before"), bad, row(litellm_call_id="after")]
    lake = Lake(tmp_path, format="litellm_spendlogs")
    if form == "parquet":
        with duckdb.connect() as con:
            (tmp_path / "texts.csv").write_bytes(as_csv(rows))
            con.execute(
                f"copy (from read_csv('{tmp_path}/texts.csv', all_varchar = true))"
                f" to '{tmp_path}/rows.parquet' (format parquet)"
            )
        lake.drop("a.parquet", (tmp_path / "rows.parquet").read_bytes())
        reason = reason.replace("is not a DOUBLE", "has another type")
        reason = reason.replace("is not a DECIMAL(18,9)", "has another type")
        reason = reason.replace("is not a VARCHAR[]", "has another type")
    else:
        write: Callable[[list[dict[str, Any]]], bytes] = as_csv if form == "csv" else as_lines
        lake.drop(f"a.{form}", write(rows))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (2, 1, [])
    assert lake.catalog("select field, reason from quarantine") == [(field, reason)]
    assert files_holding(lake.paths.lake, SECRET) == set()


def test_a_dump_without_metadata_is_refused(tmp_path: Path) -> None:
    without = {name: value for name, value in row().items() if name != "metadata"}
    lake = Lake(tmp_path, format="litellm_spendlogs")
    lake.drop("a.csv", as_csv([without]))
    ((_, reason),) = lake.land().failed
    assert reason.startswith("field metadata: the mapping reads column 'metadata'")


def test_a_path_around_the_format_s_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"path metadata.* lies inside metadata"):
        read(tmp_path, "1", row(), labels={"all": "metadata"})


counts = st.none() | st.integers(0, 500)


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "prompt_tokens": st.integers(0, 3000),
                "completion_tokens": st.integers(0, 3000),
                "details": st.fixed_dictionaries({}, optional={
                    "cached_tokens": counts, "audio_tokens": counts, "cache_write_tokens": counts,
                    "cache_creation_tokens": counts,
                }),
                "out": st.fixed_dictionaries({}, optional={
                    "reasoning_tokens": counts, "audio_tokens": counts,
                }),
            }
        ),
        min_size=1, max_size=8,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_classes_are_disjoint_and_the_order_and_cut_of_files_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[dict[str, Any]], random: Any
) -> None:
    rows = [
        row(
            litellm_call_id=f"c{number}", prompt_tokens=usage["prompt_tokens"],
            completion_tokens=usage["completion_tokens"],
            metadata=json.dumps({"usage_object": {
                "prompt_tokens_details": usage["details"],
                "completion_tokens_details": usage["out"],
            }}),
        )
        for number, usage in enumerate(drawn)
    ]  # fmt: skip
    root = tmp_path_factory.mktemp("property")
    whole = Lake(root / "whole", format="litellm_spendlogs")
    whole.drop("a.jsonl", as_lines(rows))
    report = whole.land()
    assert report.rows_loaded + report.rows_quarantined == len(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    cut = random.randint(0, len(rows))
    halves = Lake(root / "halves", format="litellm_spendlogs")
    for name, part in (("a.csv", shuffled[:cut]), ("b.jsonl", shuffled[cut:])):
        if part:
            halves.drop(name, as_csv(part) if name.endswith("csv") else as_lines(part))
    halves.land()
    if not report.rows_loaded:
        return
    vector = ", ".join(VECTOR)
    found = whole.rows(f"select request_id, {vector} from rows order by request_id")
    assert halves.rows(f"select request_id, {vector} from rows order by request_id") == found
    by_id = {record["litellm_call_id"]: record for record in rows}
    for request, *classes in found:
        assert min(classes) >= 0
        # what does not fit into the whole stands beside it
        stated = by_id[request]
        cached = sum(classes[1:5])
        assert sum(classes[:6]) in (stated["prompt_tokens"], stated["prompt_tokens"] + cached)
        answer = stated["completion_tokens"]
        assert classes[6] + classes[8] in (answer, answer + classes[7])
