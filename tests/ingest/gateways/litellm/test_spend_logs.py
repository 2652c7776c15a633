"""LiteLLM's SpendLogs rows: the calls of the payload, whatever file they come in."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.litellm.spend_rows import PLACES, VECTOR, as_csv, as_lines, as_parquet
from tests.support.lake import Lake
from tests.support.warehouse import Workspace

ROWS = "samples/gateway/litellm_spendlogs_cases.jsonl.gz"
PAYLOADS = "samples/gateway/litellm_slp_cases.jsonl.gz"


@pytest.fixture(scope="module")
def raw(shared: Path) -> list[dict[str, Any]]:
    with gzip.open(shared / ROWS, "rt") as lines:
        return [json.loads(line, parse_float=Decimal) for line in lines]


@pytest.fixture(scope="module")
def lake(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("rows"), format="litellm_spendlogs")
    lake.drop("rows.jsonl.gz", (shared / ROWS).read_bytes())
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (44, 0, [])
    return lake


def test_the_sample_has_these_calls_tokens_and_dollars(lake: Lake) -> None:
    """Counted over the raw JSON by hand: 35,431 prompt tokens are 23,404 cached and the rest."""
    assert lake.rows(
        "select count(*), count(*) filter (cached_hit), count(*) filter (status = 'aborted'),"
        " count(*) filter (is_stream), count(*) filter (operation = 'embeddings'),"
        " sum(attempted_retries), sum(attempted_fallbacks), count(task_id), count(tenant_id),"
        " count(distinct api_key_id), count(distinct session_id)"
        " from rows"
    ) == [(44, 4, 2, 13, 2, 2, 9, 16, 18, 4, 33)]
    assert lake.rows(f"select {', '.join(f'sum({name})' for name in VECTOR)} from rows") == [
        (12027, 23404, 0, 0, 0, 0, 1799, 512, 0)
    ]
    assert lake.rows(
        "select sum(reported_cost_usd), sum(reported_avoided_usd),"
        " count(*) filter (reported_cost_usd is null) from rows"
    ) == [(Decimal("0.031044070"), Decimal("0.000108300"), 2)]


def test_every_line_has_the_tokens_and_dollars_that_its_json_states(
    lake: Lake, raw: list[dict[str, Any]]
) -> None:
    found = lake.rows(
        "select request_id, input_uncached_tokens + cache_read_tokens, output_tokens,"
        " reported_cost_usd, user_id is null, recorded_at from rows order by source_line"
    )
    for line, stated in zip(found, raw, strict=True):
        spend = stated["spend"].quantize(Decimal("1e-9"))
        unpriced = "acme-inhouse-7b" in stated["model"] and not spend
        assert line == (
            stated["litellm_call_id"], stated["prompt_tokens"], stated["completion_tokens"],
            None if unpriced else spend, not (stated["end_user"] or stated["user"]), None,
        )  # fmt: skip


def test_a_row_is_the_call_of_the_payload_of_the_same_attempt(lake: Lake, shared: Path) -> None:
    payloads = Lake(lake.root / "payloads")
    payloads.drop("cases.jsonl.gz", (shared / PAYLOADS).read_bytes())
    payloads.land()
    # what the payload of a stream does not say and the row does; only payloads have the texts
    said_more = (
        "attempted_retries, attempted_fallbacks, request_model, input_bytes, output_bytes,"
        " prompt_hash, prompt_prefix_hash"
    )
    both = f"select * exclude ({PLACES}, {said_more}) from rows order by call_id"
    rows, attempts = lake.rows(both), payloads.rows(both)
    known = {attempt[0] for attempt in attempts}
    shared_calls = [found for found in rows if found[0] in known]
    assert len(shared_calls) == 39
    assert [found for found in shared_calls if found not in attempts] == []


def test_two_sinks_of_one_proxy_count_each_attempt_once(shared: Path, tmp_path: Path) -> None:
    """58 payloads and 44 rows are 63 attempts: five rows follow failures of the same request."""
    workspace = Workspace(tmp_path, models=("fct_calls",))
    workspace.configure("payloads", 'format = "litellm"\n')
    workspace.configure("table", 'format = "litellm_spendlogs"\n')
    workspace.drop("payloads", "a.jsonl.gz", (shared / PAYLOADS).read_bytes())
    workspace.drop("table", "a.jsonl.gz", (shared / ROWS).read_bytes())
    workspace.build()
    assert workspace.query(
        "select source_name, count(*), sum(duplicates_dropped) from marts.fct_calls"
        " group by source_name order by source_name"
    ) == [("payloads", 58, 39), ("table", 5, 0)]


@pytest.mark.parametrize("damage", [b"", b"broken"], ids=["fast path", "slow path"])
def test_lines_csv_array_and_parquet_are_the_same_calls(
    lake: Lake, raw: list[dict[str, Any]], tmp_path: Path, damage: bytes
) -> None:
    expected = lake.rows(f"select * exclude ({PLACES}) from rows order by call_id")
    objects = [
        record | {name: json.loads(record[name]) for name in ("metadata", "request_tags")}
        for record in raw
    ]
    forms: dict[str, bytes] = {
        "rows.csv": as_csv(raw) + damage + b"\n" * bool(damage),
        "rows.csv.gz": gzip.compress(as_csv(raw) + damage + b"\n" * bool(damage)),
        "api.json": json.dumps(objects, default=str).encode(),
        "api.jsonl": as_lines(objects) + damage,
        "dump.parquet": as_parquet(raw, tmp_path),
    }
    for name, content in forms.items():
        other = Lake(tmp_path / name, format="litellm_spendlogs")
        other.drop(name, content)
        report = other.land()
        assert (report.rows_loaded, report.failed) == (44, []), name
        found = other.rows(f"select * exclude ({PLACES}) from rows order by call_id")
        assert found == expected, name
