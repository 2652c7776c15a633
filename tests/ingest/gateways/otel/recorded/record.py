"""How the recordings beside this were made: OpenTelemetry's own SDK, sending to a server here.

In an environment of its own: `pip install opentelemetry-sdk==1.45.2
opentelemetry-exporter-otlp-proto-http==1.45.2`, then `python record.py`. An agent asks a model
twice, is judged once, and counts its tokens; the bodies are kept as they came over the wire.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

FOLDER = Path(__file__).parent
RESOURCE = Resource({"service.name": "invoice-agent", "deployment.environment.name": "prod"})
START = 1_790_856_000_123_456_789  # 2026-10-01 12:00:00 UTC
SECOND = 1_000_000_000
NAMES = {"/v1/traces": "traces.pb.gz", "/v1/logs": "logs.pb", "/v1/metrics": "metrics.pb"}


class _Keeper(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        (FOLDER / NAMES[self.path]).write_bytes(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def record(url: str) -> None:
    """Send traces, logs and metrics of one made-up agent."""
    traces = TracerProvider(resource=RESOURCE)
    exporter = OTLPSpanExporter(f"{url}/v1/traces", compression=Compression.Gzip)
    traces.add_span_processor(BatchSpanProcessor(exporter))
    tracer = traces.get_tracer("invoice.agent", "1.2.0")
    agent = tracer.start_span(
        "invoke_agent invoices", start_time=START,
        attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "invoices",
                    "app.tenant_id": "acme", "task.id": "INV-1"},
    )  # fmt: skip
    from opentelemetry.trace import set_span_in_context

    for number, (input_tokens, cached, output) in enumerate([(1200, 1000, 80), (300, 0, 9)], 1):
        chat = tracer.start_span(
            "chat gpt-4.1", context=set_span_in_context(agent), start_time=START + number * SECOND,
            attributes={
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4.1", "gen_ai.response.id": f"resp-{number}",
                "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.usage.input_tokens": input_tokens,
                "gen_ai.usage.cache_read.input_tokens": cached,
                "gen_ai.usage.output_tokens": output, "gen_ai.usage.cost": 0.000123 * number,
                "gen_ai.request.stream": number == 2,
                "gen_ai.input.messages": '[{"role": "user", "parts": ["größe?"]}]',
            },
        )  # fmt: skip
        chat.end(START + (number + 1) * SECOND)
    agent.end(START + 4 * SECOND)
    traces.shutdown()

    logs = LoggerProvider(resource=RESOURCE)
    logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(f"{url}/v1/logs")))
    logs.get_logger("invoice.judge").emit(
        LogRecord(
            timestamp=START + 9 * SECOND, event_name="gen_ai.evaluation.result",
            context=set_span_in_context(agent),
            attributes={"gen_ai.evaluation.name": "booked",
                        "gen_ai.evaluation.score.value": 1.0,
                        "gen_ai.evaluation.score.label": "pass"},
        )
    )  # fmt: skip
    logs.shutdown()

    reader = PeriodicExportingMetricReader(
        OTLPMetricExporter(
            f"{url}/v1/metrics",
            preferred_temporality={Counter: AggregationTemporality.DELTA},
        )
    )
    meters = MeterProvider([reader], resource=RESOURCE)
    meter = meters.get_meter("com.anthropic.claude_code")
    tokens = meter.create_counter("claude_code.token.usage", "tokens")
    for kind, count in {"input": 500, "output": 89, "cacheRead": 1000}.items():
        tokens.add(count, {"session.id": "s-1", "type": kind, "model": "claude-opus-4-5"})
    meter.create_counter("claude_code.cost.usage", "USD").add(
        0.0125, {"session.id": "s-1", "model": "claude-opus-4-5"}
    )
    meters.shutdown()


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), _Keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    record(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
