"""Metrics of queues and worker pools, put together into `queue_samples`.

A metric states one measure of a queue at one moment; its other measures stand beside it in the same
export request. So the data points of a record that name one queue, instance and moment become one
sample, and points of one metric (a queue by state, a limiter by its answer) add up. A level is a
gauge, or a sum that is no delta; a counter is a sum: a delta says what happened since the sample
before, a running total (`cumulative`, what most exporters send) is kept as such, and the models
take the difference.

Nothing is read without `[queues]` in the source's settings: every web server of a company states
such metrics. Facts: the semantic conventions of databases and HTTP, the documentation of vLLM,
ASP.NET Core and of the collector's receivers for RabbitMQ and Kafka.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.contracts.queues import COUNTS, LEVELS, QUEUE_SAMPLES
from ingest.errors import nearest
from ingest.gateways.otel.traces import evaluated, named_attributes, nanoseconds
from ingest.mapping.context import EntryContext
from ingest.mapping.expression import Expression
from ingest.mapping.sections import compile_columns, read_section
from ingest.records.format import SourceConfig
from ingest.sql import literal

SECTION = "queues"

_RABBIT = "rabbitmq.message.current"
_POOL = "db.client.connection."
_LIMITER = "aspnetcore.rate_limiting."

USUAL: Mapping[str, object] = {
    "queue_depth": [
        "vllm:num_requests_waiting",
        f"{_POOL}pending_requests",
        f"{_LIMITER}queued_requests",
        "kafka.consumer_group.lag",
        {"metric": _RABBIT, "when": {"state": "ready"}},
    ],
    "in_flight": [
        "vllm:num_requests_running",
        "http.server.active_requests",
        f"{_LIMITER}active_request_leases",
        {"metric": f"{_POOL}count", "when": {f"{_POOL}state": "used"}},
        {"metric": _RABBIT, "when": {"state": "unacknowledged"}},
    ],
    "concurrency_limit": [f"{_POOL}max"],
    "rejected": [
        {
            "metric": f"{_LIMITER}requests",
            "when": {f"{_LIMITER}result": ["endpoint_limiter", "global_limiter"]},
        }
    ],
    "timed_out": [f"{_POOL}timeouts"],
    "queue_name": {
        "coalesce": [
            "messaging.destination.name",
            "rabbitmq.queue.name",
            "topic",
            f"{_POOL}pool.name",
            f"{_LIMITER}policy",
            "model_name",
            "service.name",
        ]
    },
    "instance_id": {"coalesce": ["service.instance.id", "k8s.pod.name", "host.name"]},
    "feature": {"coalesce": ["feature", "app.feature"]},
    "tenant_id": {"coalesce": ["tenant_id", "app.tenant_id"]},
    "region": "cloud.region",
    "environment": {"coalesce": ["deployment.environment.name", "deployment.environment"]},
}
"""What a measure's metrics, and the places of what a sample is about, are usually called."""

_MEASURES = (*LEVELS, *COUNTS)


@dataclass(frozen=True)
class _Metric:
    """A metric that states a measure: its name, and the attributes that a point must have."""

    name: str
    when: Mapping[str, tuple[str, ...]]
    multiply: str = "1"

    @property
    def test(self) -> str:
        """Predicate of a point's metric and attributes."""
        tests = [f"metric = {literal(self.name)}"]
        for key, words in self.when.items():
            said = ", ".join(map(literal, words))
            tests.append(f"coalesce(attributes[{literal(key)}] in ({said}), false)")
        return " and ".join(tests)


@dataclass(frozen=True)
class QueueMetrics:
    """`[queues]` of a source, compiled; nothing without that section."""

    measures: Mapping[str, Sequence[_Metric]]
    columns: Mapping[str, Expression]

    @property
    def metrics(self) -> set[str]:
        """Names of the metrics that are read."""
        return {metric.name for found in self.measures.values() for metric in found}

    @property
    def attributes(self) -> set[str]:
        """Names of the attributes that are read, of a point or its resource."""
        if not self.columns:
            return set()
        tests = {key for found in self.measures.values() for metric in found for key in metric.when}
        return named_attributes(self.columns) | tests


def compile_queues(config: SourceConfig) -> QueueMetrics:
    """Compile `[queues]`; an entry replaces the usual one of its column.

    Raises:
        ConfigError: an unknown column, or an entry that is none; names its key.
    """
    if SECTION not in config.options:
        return QueueMetrics({}, {})
    entries = {**USUAL, **read_section(config, SECTION)}
    context = EntryContext(config)
    measures = {
        name: _metrics(context, f"{SECTION}.{name}", entries.pop(name))
        for name in _MEASURES
        if name in entries
    }
    for name in ("sampled_at", "is_running_total"):
        if name in entries:
            raise context.fail(f"{SECTION}.{name}", "a data point states this by itself")
    columns = compile_columns(config, SECTION, entries, QUEUE_SAMPLES)
    return QueueMetrics(measures, columns)


def _metrics(context: EntryContext, key: str, source: object) -> list[_Metric]:
    found = []
    for entry in source if isinstance(source, list) else [source]:
        stated = {"metric": entry} if isinstance(entry, str) else entry
        if not isinstance(stated, Mapping) or not isinstance(stated.get("metric"), str):
            raise context.fail(key, 'write the metric\'s name, or a table with "metric"')
        known = ("metric", "when", "multiply")
        if unknown := sorted(set(stated) - set(known)):
            raise context.fail(
                key, f"unknown word {unknown[0]!r}{nearest(unknown[0], known)}; known: {known}"
            )
        when: object = stated.get("when", {})
        if not isinstance(when, Mapping):
            raise context.fail(key, 'write when as a table: when = { state = "ready" }')
        words = {name: tuple(w if isinstance(w, list) else [w]) for name, w in when.items()}
        factor = str(stated.get("multiply", "1"))
        if not factor.replace(".", "", 1).isdecimal():
            raise context.fail(key, f"multiply takes a number, not {factor!r}")
        found.append(_Metric(stated["metric"], words, factor))
    return found


def samples(points: str, queues: QueueMetrics) -> str:
    """Select of `queue_samples`.

    Args:
        points: SQL of data points, as `metrics.points` gives them.
        queues: which of them are of queues.
    """
    about = [name for name in QUEUE_SAMPLES.column_names if name in queues.columns]
    own = evaluated(f"({points})", "attributes", "own", queues.columns)
    both = evaluated(own, "resource", "resource", queues.columns)
    grain = ["file_id", "source_line", "sampled_at", "is_running_total", *about]
    placed = ", ".join(f"coalesce(own_{name}, resource_{name}) as {name}" for name in about)
    tests = {
        name: " or ".join(f"({metric.test})" for metric in queues.measures.get(name, ())) or "false"
        for name in _MEASURES
    }
    is_total = " or ".join(f"({tests[name]})" for name in COUNTS)
    measured = ", ".join(_measure(name, queues.measures.get(name, ())) for name in _MEASURES)
    sums = ", ".join(f"cast(sum({name}) as decimal(28,3)) as {name}" for name in _MEASURES)
    stated = f"coalesce({', '.join(_MEASURES)})"
    return f"""
        select {", ".join(grain)}, {sums}, null::varchar as reject_field,
            null::varchar as reject_reason
        from (
            select file_id, source_line, {nanoseconds("ended")} as sampled_at,
                coalesce(({is_total}) and is_delta = false, false) as is_running_total,
                {placed}, {measured}
            from ({both})
        )
        where {stated} is not null
        group by {", ".join(grain)}
    """


def _measure(name: str, metrics: Sequence[_Metric]) -> str:
    """SQL of a measure; of a level a delta says nothing."""
    amount = "try_cast(amount as decimal(18,3))"
    whole = "" if name in COUNTS else " and not coalesce(is_delta, false)"
    cases = " ".join(
        f"when {metric.test}{whole} then cast({amount} * {metric.multiply} as decimal(18,3))"
        for metric in metrics
    )
    return f"case {cases} end as {name}" if cases else f"null::decimal(18,3) as {name}"
