"""One proxy, two instruments: LiteLLM's payloads and its own spans have each call once."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Workspace

PAYLOADS = "samples/gateway/litellm_slp_cases.jsonl.gz"
SPANS = "samples/gateway/litellm_proxy_otlp_spans.jsonl.gz"


@pytest.fixture(scope="module")
def workspace(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(
        tmp_path_factory.mktemp("both"), models=("fct_calls", "fct_duplicate_calls")
    )
    workspace.configure("litellm", 'format = "litellm"\n')
    workspace.configure("traces", 'format = "otel"\n')
    workspace.drop("litellm", "cases.jsonl.gz", (shared / PAYLOADS).read_bytes())
    workspace.drop("traces", "spans.jsonl.gz", (shared / SPANS).read_bytes())
    workspace.build()
    return workspace


def attempts(shared: Path) -> tuple[Counter[Any], Counter[Any]]:
    """Attempts by (request, failed), of the payloads and of the spans, read without DuckDB."""
    payloads: Counter[Any] = Counter()
    with gzip.open(shared / PAYLOADS, "rt") as lines:
        for record in map(json.loads, lines):
            payloads[record["litellm_call_id"], record["status"] == "failure"] += 1
    spans: Counter[Any] = Counter()
    with gzip.open(shared / SPANS, "rt") as lines:
        for request in map(json.loads, lines):
            for scope in request["resourceSpans"][0]["scopeSpans"]:
                for span in scope["spans"]:
                    for attribute in span.get("attributes", []):
                        if attribute["key"] == "litellm.call_id":
                            failed = span["status"].get("code") == 2
                            spans[attribute["value"]["stringValue"], failed] += 1
    return payloads, spans


def test_what_both_have_is_counted_once_and_what_one_has_stays(
    shared: Path, workspace: Workspace
) -> None:
    payloads, spans = attempts(shared)
    both = sum((payloads & spans).values())
    assert (payloads.total(), spans.total(), both) == (58, 95, 19)
    # and a hit of the proxy's cache among the spans is a call, as it is among the payloads
    assert workspace.value("select count(*) from marts.fct_calls") == 58 + 95 - both
    assert workspace.query(
        "select rule, count(*) from marts.fct_duplicate_calls group by rule order by rule"
    ) == [("same request", 17), ("same response", 2)]
    assert workspace.query(
        "select count(*), count(task_id) from marts.fct_calls where source_name = 'traces'"
    ) == [(76, 76)]


def test_the_later_span_of_one_response_is_presumed_a_hit(workspace: Workspace) -> None:
    """13 tokens in, 19 out, twice, 83 ms and half a millisecond long; both spans state one cost."""
    assert workspace.query(
        "select cached_hit, estimate_usd > 0, reported_cost_usd, reported_avoided_usd,"
        " input_uncached_tokens, output_tokens from marts.fct_calls"
        " where provider_response_id = 'chatcmpl-86e6d83519d4487a9690383ff5e75'"
        " order by started_at"
    ) == [
        (False, True, Decimal("0.00001335"), None, 13, 19),
        (True, False, Decimal(0), Decimal("0.00001335"), 13, 19),
    ]  # fmt: skip
