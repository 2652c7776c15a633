"""Metrics of coding agents: shown as sums of calls, and no calls."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.gateways.otel.otlp_lines import CHAT, START, line, metric_line, span
from tests.support.lake import Lake

DAY = 86_400_000_000_000
COLUMNS = (
    "reason, provider, model, session_id, records, input_uncached_tokens, cache_read_tokens,"
    " cache_write_other_tokens, output_tokens, reported_cost_usd"
)


def omitted(root: Path, *contents: str) -> list[tuple[Any, ...]]:
    lake = Lake(root, "agents", "otel")
    for number, content in enumerate(contents):
        lake.drop(f"{number}.jsonl", content)
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (0, 0, [])
    return lake.rows(f"select {COLUMNS} from rows order by started_at, 1, 4", "omitted_records")


def usage(kind: str, count: int, **fields: Any) -> dict[str, Any]:
    return {"session.id": "s1", "model": "m", "type": kind, "amount": count} | fields


def test_claude_code_counts_cached_tokens_beside_input(tmp_path: Path) -> None:
    tokens = metric_line("claude_code.token.usage", usage("input", 7), usage("output", 250),
                         usage("cacheRead", 900), usage("cacheCreation", 120),
                         usage("input", 3))  # fmt: skip
    cost = metric_line("claude_code.cost.usage", {"session.id": "s1", "model": "m",
                                                  "amount": 0.0125})  # fmt: skip
    assert omitted(tmp_path, tokens + cost) == [
        ("metrics: sums of calls", "anthropic", "m", "s1", 6, 10, 900, 120, 250,
         Decimal("0.0125")),
    ]  # fmt: skip


def test_gemini_cli_counts_cached_tokens_inside_input_and_thoughts_beside_output(
    tmp_path: Path,
) -> None:
    counts = {"input": 1000, "cache": 600, "tool": 50, "output": 80, "thought": 20}
    points = [usage(kind, count) for kind, count in counts.items()]
    assert omitted(tmp_path, metric_line("gemini_cli.token.usage", *points)) == [
        ("metrics: sums of calls", "gcp.gemini", "m", "s1", 5, 450, 600, None, 100, None),
    ]


def test_codex_counts_reasoning_inside_output_and_states_a_total(tmp_path: Path) -> None:
    counts = {"input": 1000, "cached_input": 600, "output": 80, "reasoning_output": 20,
              "total": 1080}  # fmt: skip
    points = [{"model": "m", "token_type": kind, "amount": n} for kind, n in counts.items()]
    content = metric_line("codex.turn.token_usage", *points, kind="histogram")
    assert omitted(tmp_path, content) == [
        ("metrics: sums of calls", "openai", "m", None, 5, 400, 600, None, 80, None),
    ]


def test_a_running_total_states_nothing_that_can_be_added_up(tmp_path: Path) -> None:
    totals = [
        metric_line("claude_code.token.usage", usage("input", count), delta=False)
        for count in (10, 30)
    ]
    cost = metric_line("claude_code.cost.usage", usage("", 1), delta=False)
    reason = "metrics: running totals, export them as delta"
    assert omitted(tmp_path, totals[0] + cost, totals[1]) == [
        (reason, "anthropic", "m", "s1", 2, None, None, None, None, None),
        (reason, "anthropic", "m", "s1", 1, None, None, None, None, None),
    ]


def test_days_and_sessions_are_added_up_apart(tmp_path: Path) -> None:
    points = [usage("output", 1), usage("output", 2, at=START + DAY),
              usage("output", 4, **{"session.id": "s2"}), usage("output", 8)]  # fmt: skip
    rows = omitted(tmp_path, metric_line("claude_code.token.usage", *points))
    assert [(row[3], row[4], row[8]) for row in rows] == [("s1", 2, 9), ("s2", 1, 4), ("s1", 1, 2)]


@pytest.mark.parametrize(
    "request_content",
    [
        {"resourceMetrics": []},
        {"resourceMetrics": [None, {"scopeMetrics": [None, {"metrics": [None, {"name": "x"}]}]}]},
        {"resourceMetrics": [{"scopeMetrics": [{"metrics": [
            {"name": "claude_code.token.usage"},
            {"name": "claude_code.token.usage", "gauge": {"dataPoints": [{"asInt": "1"}]}}]}]}]},
    ],
)  # fmt: skip
def test_metrics_of_nothing_that_is_known_are_no_rows(
    tmp_path: Path, request_content: dict[str, Any]
) -> None:
    lake = Lake(tmp_path, "agents", "otel")
    lake.drop("a.jsonl", json.dumps(request_content) + "\n" + line(span(1, a=CHAT)))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (1, 0, [])
    assert not list((tmp_path / "lake/omitted_records").rglob("*.parquet"))


def test_what_a_point_says_twice_is_the_first(tmp_path: Path) -> None:
    twice = json.loads(metric_line("claude_code.token.usage", usage("input", 7)))
    (metric, _) = twice["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
    metric["sum"]["dataPoints"][0]["attributes"] += [
        {"key": "type", "value": {"stringValue": "output"}}
    ]
    ((*_, fresh, _, _, output, _),) = omitted(tmp_path, json.dumps(twice) + "\n")
    assert (fresh, output) == (7, None)
