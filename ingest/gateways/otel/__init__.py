"""OpenTelemetry GenAI traces and evaluations, OTLP in JSON."""
