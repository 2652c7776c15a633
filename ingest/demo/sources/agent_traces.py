"""`inbox/agents`: spans of the research agents as an OpenTelemetry collector writes them to a file.

One export request a line, OTLP/JSON; `inbox/help-search`: the search service's own log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ingest.demo.clock import iso_z
from ingest.demo.company.prices import MARKET_DATA
from ingest.demo.money import usd_number
from ingest.demo.traffic.agents import LEAD, SCOUT, Trace
from ingest.demo.traffic.calls import Call, Owner, Span
from ingest.demo.traffic.prompts.cached_answers import age_seconds
from ingest.demo.traffic.prompts.searches import TTL_SECONDS

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


def trace_line(trace: Trace) -> str:
    """One export request with all spans of a trace, without the newline."""
    first, last = trace.calls[0].started_us, trace.calls[-1].ended_us
    payer = _payer(trace.owner)
    spans = [
        _span(trace.lead, f"invoke_agent {LEAD}", first - 2000, last + 2000,
              {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": LEAD} | payer),
        _span(trace.scout, f"invoke_agent {SCOUT}", first - 1000, trace.calls[-2].ended_us + 1000,
              {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": SCOUT}),
        *(_call(call) for call in trace.calls),
    ]  # fmt: skip
    scope = {"scope": {"name": "larkspur.agents"}, "spans": spans}
    resource = {"attributes": _attributes({"service.name": "research-agents"})}
    return _ENCODE({"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]})


def search_line(call: Call) -> str:
    """One line of the search service's log, without the newline."""
    record: dict[str, Any] = {
        "id": call.request_id,
        "at": iso_us(call.started_us),
        "until": iso_us(call.ended_us),
        "customer": call.owner.tenant,
        "cached": call.gateway_hit,
        "cost": usd_number(0 if call.gateway_hit else call.reported_nano),
    }
    if call.gateway_hit:
        record |= {"age_s": age_seconds(call), "ttl_s": TTL_SECONDS}
    return _ENCODE(record)


def iso_us(us: int) -> str:
    """`2026-08-11T08:00:00.000123Z`."""
    return f"{iso_z(us)[:-1]}.{us % 1_000_000:06d}Z"


def _payer(owner: Owner) -> dict[str, str]:
    stated = {"tenant_id": owner.tenant, "feature": owner.feature, "task_id": owner.task_id,
              "task_type": owner.task_type, "team": owner.team}  # fmt: skip
    return {f"app.{name}": text for name, text in stated.items() if text is not None}


def _call(call: Call) -> dict[str, Any]:
    span = call.span
    if span is None:
        raise ValueError(f"{call.request_id} stands in no trace")
    if call.model == MARKET_DATA:
        name = f"execute_tool {MARKET_DATA}"
        stated: dict[str, Any] = {"gen_ai.operation.name": "execute_tool",
                                  "gen_ai.tool.name": MARKET_DATA}  # fmt: skip
    else:
        name = f"chat {call.model}"
        uncached, *_, output = call.tokens
        stated = {"gen_ai.operation.name": "chat", "gen_ai.request.model": call.model,
                  "gen_ai.response.model": call.model, "gen_ai.response.id": call.response_id,
                  "gen_ai.usage.input_tokens": uncached,
                  "gen_ai.usage.output_tokens": output}  # fmt: skip
    stated |= {
        "gen_ai.provider.name": call.provider,
        "gen_ai.usage.cost": usd_number(call.reported_nano),
    }
    stated |= _payer(call.owner) if span.states_payer else {}
    return _span(span, name, call.started_us, call.ended_us, stated)


def _span(span: Span, name: str, start: int, end: int, stated: Mapping[str, Any]) -> dict[str, Any]:
    made = {
        "traceId": span.trace, "spanId": span.span, "name": name, "kind": 3, "status": {},
        "startTimeUnixNano": f"{start}000", "endTimeUnixNano": f"{end}000",
        "attributes": _attributes(stated),
    }  # fmt: skip
    return made | ({"parentSpanId": span.above} if span.above else {})


def _attributes(stated: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(of)} for key, of in stated.items()]


def _value(of: str | int | float) -> dict[str, object]:
    if isinstance(of, float):
        return {"doubleValue": of}
    return {"intValue": str(of)} if isinstance(of, int) else {"stringValue": of}


def text_of(lines: Iterable[str]) -> str:
    """Lines of a file."""
    return "".join(f"{line}\n" for line in lines)
