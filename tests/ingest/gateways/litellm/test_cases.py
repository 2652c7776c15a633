"""Every line of real LiteLLM's 58 sample attempts, in the lake and priced in the warehouse."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.litellm.cases import CASES, FACTS, USAGE, WHO, number, table
from tests.support.lake import Lake
from tests.support.warehouse import Workspace

SAMPLE = "samples/gateway/litellm_slp_cases.jsonl.gz"
FLAGS = {"yes": True, "no": False, None: None}


@pytest.fixture(scope="module")
def raw(shared: Path) -> list[dict[str, Any]]:
    with gzip.open(shared / SAMPLE, "rt") as lines:
        return [json.loads(line, parse_float=Decimal) for line in lines]


@pytest.fixture(scope="module")
def lake(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("litellm"))
    lake.drop("cases.jsonl.gz", (shared / SAMPLE).read_bytes())
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (58, 0, [])
    return lake


@pytest.fixture(scope="module")
def workspace(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The lines priced: by public prices, and one in-house model by a workspace's own row."""
    workspace = Workspace(tmp_path_factory.mktemp("priced"), models=("rpt_overview",))
    workspace.configure("gateway", 'format = "litellm"\n')
    workspace.drop("gateway", "cases.jsonl.gz", (shared / SAMPLE).read_bytes())
    workspace.prices(
        "openai,acme-inhouse-7b-v2,standard,input_uncached,0.5,2026-01-01,,,the deployment's own",
        "openai,acme-inhouse-7b-v2,standard,output,1.5,2026-01-01,,,the deployment's own",
    )
    workspace.build()
    return workspace


def test_the_cases_are_the_ones_that_the_sample_names(
    shared: Path, raw: list[dict[str, Any]]
) -> None:
    found: dict[str, list[int]] = {}
    with (shared / "samples/gateway/litellm_slp_cases_index.csv").open() as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["case"], []).append(int(row["line"]))
            assert raw[int(row["line"]) - 1]["id"].startswith(row["id"])
    assert found == CASES
    assert sorted(line for lines in CASES.values() for line in lines) == list(range(1, 59))


@pytest.mark.parametrize("line", range(1, 59))
def test_tokens_and_money_of_a_line(lake: Lake, line: int) -> None:
    expected = table(USAGE)[line]
    assert lake.rows(
        "select provider, response_model, input_uncached_tokens, cache_read_tokens, output_tokens,"
        " reasoning_tokens, reported_cost_usd, reported_avoided_usd"
        f" from rows where source_line = {line}"
    ) == [
        (
            expected["provider"], expected["served"],
            *(number(expected[name]) for name in ("in", "read", "out", "rsn")),
            number(expected["reported"]), number(expected["avoided"]),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("line", range(1, 59))
def test_what_happened_to_a_line(lake: Lake, line: int) -> None:
    expected = table(FACTS)[line]
    assert lake.rows(
        "select operation, status, error_type, http_status, is_usage_estimated, cached_hit,"
        f" is_stream, attempted_retries, attempted_fallbacks from rows where source_line = {line}"
    ) == [
        (
            expected["operation"], expected["status"], expected["error"],
            number(expected["http"]), FLAGS[expected["est"]], FLAGS[expected["hit"]],
            FLAGS[expected["strm"]], number(expected["rty"]), number(expected["fbk"]),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("line", range(1, 59))
def test_who_made_a_line(lake: Lake, line: int) -> None:
    expected = table(WHO)[line]
    assert lake.rows(
        "select request_model, tenant_id, feature, task_id, prompt_version, team"
        f" from rows where source_line = {line}"
    ) == [tuple(expected.values())]


def test_what_no_line_has_is_zero_or_null_on_every_line(lake: Lake) -> None:
    assert lake.rows(
        "select distinct cache_write_5m_tokens, cache_write_1h_tokens, cache_write_other_tokens,"
        " input_audio_tokens, output_audio_tokens, service_tier, parent_call_id, task_type,"
        " traffic_class, utc_day::varchar from rows"
    ) == [(0, 0, 0, 0, 0, "standard", None, None, None, "2026-11-23")]
    assert lake.rows("select distinct cache_layer, cached_hit from rows order by cached_hit") == [
        (None, False),
        ("exact", True),
    ]


def test_ids_and_times_are_those_of_the_record(lake: Lake, raw: list[dict[str, Any]]) -> None:
    found = lake.rows(
        "select request_id, provider_response_id, trace_id, session_id, started_at, ended_at,"
        " first_token_at from rows order by source_line"
    )
    for record, row in zip(raw, found, strict=True):
        won = record["status"] == "success"
        assert row == (
            record["litellm_call_id"],
            record["id"].split("_cache_hit")[0] if won else None,
            record["trace_id"],
            record["trace_id"],
            at(record["startTime"]),
            at(record["endTime"]),
            at(record["completionStartTime"]) if record["stream"] else None,
        )


def at(epoch_s: Decimal) -> datetime:
    """Naive UTC of epoch seconds, to the microsecond."""
    micros = int((epoch_s * 10**6).to_integral_value(ROUND_HALF_UP))
    return datetime(1970, 1, 1) + timedelta(microseconds=micros)


def test_people_and_keys_are_pseudonyms(lake: Lake, raw: list[dict[str, Any]]) -> None:
    found = lake.rows("select user_id, api_key_id from rows order by source_line")
    for record, row in zip(raw, found, strict=True):
        metadata = record["metadata"]
        person = record["end_user"] or metadata["user_api_key_user_id"]
        assert row == (hashed(person), hashed(metadata["user_api_key_hash"]))


def hashed(raw_id: str | None) -> str | None:
    """The salt of the test's lake before the raw id."""
    return hashlib.sha256(f"salt{raw_id}".encode()).hexdigest()[:16] if raw_id else None


def test_attempts_of_one_request_are_kept_apart(lake: Lake) -> None:
    assert lake.rows("select count(distinct call_id), count(distinct request_id) from rows") == [
        (58, 55)
    ]
    assert lake.rows(
        "select list(source_line order by source_line) from rows group by request_id"
        " having count(*) > 1 order by 1"
    ) == [([5, 6, 7],), ([29, 30],)]


def test_every_attempt_is_one_call_of_the_mart(workspace: Workspace) -> None:
    assert workspace.query(
        "select count(*), count(distinct source_line), sum(duplicates_dropped) from marts.fct_calls"
    ) == [(58, 58, 0)]


def test_the_estimate_is_the_reported_cost_to_the_ninth_decimal(workspace: Workspace) -> None:
    found = dict(workspace.query("select source_line, estimate_usd::varchar from marts.fct_calls"))
    expected = {
        line: f"{amount:.9f}" if (amount := number(row["reported"])) is not None else None
        for line, row in table(USAGE).items()
    }
    assert found == expected


def test_what_a_hit_avoided_is_what_the_gateway_says(workspace: Workspace) -> None:
    assert workspace.query(
        "select source_line, avoided_usd from marts.fct_calls where avoided_usd <> 0 order by 1"
    ) == [(line, number(row["avoided"])) for line, row in table(USAGE).items() if row["avoided"]]


def test_only_tokens_of_a_model_without_a_price_are_unpriced(workspace: Workspace) -> None:
    assert workspace.query(
        "select source_line from marts.fct_calls where is_unpriced order by 1"
    ) == [(line,) for line in CASES["ok_unpriced_acompletion_None"]]
    assert workspace.query("select unpriced_calls from reports.rpt_overview") == [(2,)]
