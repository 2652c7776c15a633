"""Metrics of queues: data points of one moment are one sample; what cannot be right is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ingest.errors import ConfigError
from tests.ingest.fuzzing.mutations import mutated_json
from tests.ingest.gateways.otel.otlp_lines import CHAT, START, amount, attributes, line, span
from tests.support.lake import Lake

RECORDED = Path(__file__).parent / "recorded"
MEASURES = (
    "queue_depth, in_flight, concurrency_limit, oldest_wait_seconds, shed, rejected, timed_out"
)
SAMPLES = f"select queue_name, {MEASURES}, is_running_total from rows order by all"
USUAL: dict[str, Any] = {"queues": {}}


def metric(name: str, *points: dict[str, Any], kind: str = "gauge", delta: bool = False) -> Any:
    """A metric; a point is its `n`, perhaps its `at`, and its attributes."""
    made = [
        {"attributes": attributes({k: v for k, v in point.items() if k not in ("n", "at")}),
         "timeUnixNano": str(point.get("at", START)), **amount(point["n"], "sum")}
        for point in points
    ]  # fmt: skip
    of = {} if kind == "gauge" else {"aggregationTemporality": 1 if delta else 2}
    return {"name": name, kind: {"dataPoints": made} | of}


def request(*metrics: Any, **resource: Any) -> str:
    return json.dumps({"resourceMetrics": [{
        "resource": {"attributes": attributes(resource)}, "scopeMetrics": [{"metrics": metrics}],
    }]}) + "\n"  # fmt: skip


def landed(root: Path, *contents: str, **options: Any) -> Lake:
    lake = Lake(root, "queues", "otel", options or USUAL)
    for number, content in enumerate(contents):
        lake.drop(f"{number}.jsonl", content)
    report = lake.land()
    assert (report.rows_quarantined, report.failed) == (0, [])
    return lake


def test_what_is_said_of_a_queue_at_one_moment_is_one_sample(tmp_path: Path) -> None:
    of = {"model_name": "llama"}
    lake = landed(tmp_path, request(
        metric("vllm:num_requests_waiting", of | {"n": 17}, of | {"n": 30, "at": START + 10**10}),
        metric("vllm:num_requests_running", of | {"n": 8}), metric("vllm:other", of | {"n": 1}),
    ))  # fmt: skip
    assert lake.rows(SAMPLES, "queue_samples") == [
        ("llama", 17, 8, None, None, None, None, None, False),
        ("llama", 30, None, None, None, None, None, None, False),
    ]


def test_states_of_a_broker_are_told_apart_and_answers_of_a_limiter_add_up(tmp_path: Path) -> None:
    queue, limiter = {"rabbitmq.queue.name": "jobs"}, {"aspnetcore.rate_limiting.policy": "fixed"}
    result = "aspnetcore.rate_limiting.result"
    lake = landed(tmp_path, request(
        metric("rabbitmq.message.current", queue | {"n": 12, "state": "ready"},
               queue | {"n": 5, "state": "unacknowledged"}, kind="sum"),
        metric("aspnetcore.rate_limiting.requests", limiter | {"n": 900, result: "acquired"},
               limiter | {"n": 3, result: "global_limiter"},
               limiter | {"n": 4, result: "endpoint_limiter"}, kind="sum", delta=True),
    ))  # fmt: skip
    assert lake.rows(SAMPLES, "queue_samples") == [
        ("fixed", None, None, None, None, None, 7, None, False),
        ("jobs", 12, 5, None, None, None, None, None, False),
    ]


def test_settings_name_metrics_and_places_of_their_own(tmp_path: Path) -> None:
    stated = {
        "queue_depth": "jobs.waiting", "shed": ["jobs.shed", "jobs.dropped"],
        "oldest_wait_seconds": {"metric": "jobs.oldest", "multiply": "0.001"},
        "queue_name": "pool", "feature": {"constant": "chat"}, "tenant_id": "customer",
    }  # fmt: skip
    of = {"pool": "answers"}
    lake = landed(tmp_path, request(
        metric("jobs.waiting", of | {"n": 3}), metric("jobs.oldest", of | {"n": 1500}),
        metric("jobs.shed", of | {"n": 2}, kind="sum", delta=True),
        metric("jobs.dropped", of | {"n": 1}, kind="sum", delta=True), customer="acme",
    ), queues=stated)  # fmt: skip
    assert lake.rows(SAMPLES, "queue_samples") == [
        ("answers", 3, None, None, Decimal("1.5"), 3, None, None, False),
    ]
    assert lake.rows("select feature, tenant_id from rows", "queue_samples") == [("chat", "acme")]


def test_the_sdk_of_opentelemetry_is_read(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "queues", "otel", {"queues": {"queue_depth": "answers.waiting"}})
    lake.drop("queues.pb", (RECORDED / "queues.pb").read_bytes())
    report = lake.land()
    # levels and running totals of the pool are of one moment, and do not go into one row
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (3, 0, [])
    assert lake.rows(SAMPLES, "queue_samples") == [
        ("answers", 240, None, None, None, None, None, None, False),
        ("vectors", None, 18, None, None, None, None, None, False),
        ("vectors", None, None, None, None, None, None, 9, True),
    ]  # fmt: skip
    assert lake.rows(
        "select distinct instance_id, environment, feature from rows order by all", "queue_samples"
    ) == [("answers-7f", "prod", "chat"), ("answers-7f", "prod", None)]


def test_without_the_section_no_queue_is_read(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "traces", "otel")
    found = request(metric("vllm:num_requests_waiting", {"n": 1, "model_name": "m"}))
    lake.drop("a.jsonl", found + line(span(1, a=CHAT)))
    assert (lake.land().rows_loaded, list((tmp_path / "lake/queue_samples").rglob("*"))) == (1, [])


@pytest.mark.parametrize(("point", "field", "reason"), [
    ({"n": -1, "model_name": "m"}, "queue_depth", "is negative"),
    ({"n": 1}, "queue_name", "is required and missing"),
    ({"n": 1, "model_name": "m", "at": 0}, "sampled_at", "is required and missing"),
    ({"n": 1, "model_name": "m", "at": START // 1000}, "sampled_at",
     "lies outside 2015 to 2100: a clock or unit is wrong"),
])  # fmt: skip
def test_a_sample_that_cannot_be_right_is_quarantined(
    point: dict[str, Any], field: str, reason: str, tmp_path: Path
) -> None:
    lake = Lake(tmp_path, "queues", "otel", USUAL)
    good = {"n": 2, "model_name": "good"}
    lake.drop("a.jsonl", request(metric("vllm:num_requests_waiting", good, point)))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (1, 1, [])
    assert lake.catalog("select field, reason from quarantine") == [(field, reason)]


def test_a_point_without_a_number_is_no_sample(tmp_path: Path) -> None:
    """A scraper marks a series that ended with a point that is no number."""
    stale = metric("vllm:num_requests_waiting", {"n": 1, "model_name": "m"})
    stale["gauge"]["dataPoints"][0] |= {"asInt": None, "asDouble": "NaN"}
    lake = Lake(tmp_path, "queues", "otel", USUAL)
    lake.drop("a.jsonl", request(stale))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (0, 0, [])


@pytest.mark.parametrize(("stated", "key", "message"), [
    ({"depth": "x"}, "queues.depth", "has no column 'depth'"),
    ({"shed": 7}, "queues.shed", "write the metric's name"),
    ({"shed": {"metric": "x", "where": {}}}, "queues.shed", "unknown word 'where'"),
    ({"shed": {"metric": "x", "when": 1}}, "queues.shed", "write when as a table"),
    ({"shed": {"metric": "x", "multiply": "a"}}, "queues.shed", "multiply takes a number"),
    ({"sampled_at": "x"}, "queues.sampled_at", "states this by itself"),
])  # fmt: skip
def test_a_setting_that_nobody_can_follow_is_named(
    stated: dict[str, Any], key: str, message: str, tmp_path: Path
) -> None:
    lake = Lake(tmp_path, "queues", "otel", {"queues": stated})
    lake.drop("a.jsonl", request())
    with pytest.raises(ConfigError, match=message) as found:
        lake.land()
    assert key in str(found.value)


def test_no_damaged_request_costs_a_good_one(tmp_path: Path) -> None:
    random = Random("queues")
    lines = []
    for number in range(100):
        found = json.loads(request(
            metric("vllm:num_requests_waiting", {"n": number, "model_name": "m", "at": START}),
            metric("db.client.connection.timeouts",
                   {"n": 1, "db.client.connection.pool.name": "p"}, kind="sum"),
            host="h",
        ))  # fmt: skip
        lines.append(json.dumps(found).encode())
        lines += [mutated_json(random, found) for _ in range(10)]
    lake = Lake(tmp_path, "queues", "otel", USUAL)
    lake.drop("a.jsonl", b"\n".join(lines))
    report = lake.land()
    assert report.failed == []
    assert report.rows_quarantined > 50
    good = ", ".join(str(1 + 11 * number) for number in range(100))
    assert lake.rows(
        "select queue_name, sum(queue_depth), sum(timed_out), count(*) from rows"
        f" where source_line in ({good}) group by queue_name order by 1", "queue_samples",
    ) == [("m", sum(range(100)), None, 100), ("p", None, 100, 100)]  # fmt: skip
