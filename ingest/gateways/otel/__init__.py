"""OpenTelemetry GenAI traces and evaluations, OTLP as JSON and protobuf."""
