"""Records `queues.pb`: what OpenTelemetry's own SDK sends of a worker pool and its queue.

Run by hand, with `opentelemetry-sdk` and `opentelemetry-exporter-otlp-proto-http` installed:
`python record_queues.py`. Two collections, ten seconds apart by their counts, not by a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource

FOLDER = Path(__file__).parent
RESOURCE = Resource(
    {
        "service.name": "answers",
        "service.instance.id": "answers-7f",
        "deployment.environment.name": "prod",
    }
)
WAITING = [17, 240]


def waiting(_: CallbackOptions) -> Iterable[Observation]:
    of = {"messaging.destination.name": "answers", "app.feature": "chat"}
    yield Observation(WAITING.pop(0), of)


def main() -> None:
    """Collect twice and keep the second request: counts are running totals by then."""
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader], resource=RESOURCE)
    meter = meters.get_meter("answers", "1.0")
    meter.create_observable_gauge("answers.waiting", [waiting])
    about = {"db.client.connection.pool.name": "vectors"}
    pool = meter.create_up_down_counter("db.client.connection.count")
    timeouts = meter.create_counter("db.client.connection.timeouts")
    pool.add(20, about | {"db.client.connection.state": "used"})
    pool.add(3, about | {"db.client.connection.state": "idle"})
    timeouts.add(4, about)
    reader.get_metrics_data()
    pool.add(-2, about | {"db.client.connection.state": "used"})
    timeouts.add(5, about)
    found = reader.get_metrics_data()
    assert found is not None
    (FOLDER / "queues.pb").write_bytes(encode_metrics(found).SerializeToString())


if __name__ == "__main__":
    main()
