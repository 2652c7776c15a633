"""A generator of payloads for every format that a gateway, a trace or a judge writes.

Each states drawn counts in its format's own way of counting: what input includes, where a cache
stands, whether a total is beside it. To add a format, add its entry to `PAYLOADS`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.ingest.gateways import test_bedrock, test_kong, test_phoenix
from tests.ingest.gateways.langfuse.rows import observation
from tests.ingest.gateways.litellm.spend_rows import row
from tests.ingest.gateways.litellm.test_payloads import record
from tests.ingest.gateways.otel.otlp_lines import CHAT, line, span
from tests.ingest.gateways.presets import (
    test_azure_apim,
    test_cloudflare,
    test_coding_agents,
    test_envoy,
    test_helicone,
    test_openrouter_calls,
    test_portkey,
)

Counts = Mapping[str, int]
Record = dict[str, Any]

CLASSES = {
    "plain": "input_uncached_tokens", "read": "cache_read_tokens",
    "brief": "cache_write_5m_tokens", "hour": "cache_write_1h_tokens",
    "written": "cache_write_other_tokens", "heard": "input_audio_tokens",
    "out": "output_tokens", "thought": "reasoning_tokens", "spoken": "output_audio_tokens",
}  # fmt: skip
"""What can be drawn, and the column that it must be found in; `thought` is a part of `out`."""

INPUT = ("plain", "read", "brief", "hour", "written", "heard")


@dataclass(frozen=True)
class Payload:
    """How one format says things.

    Attributes:
        knows: classes that its records can state; the others are 0 or unknown.
        make: (number of the record, number of its identifier, counts) -> record.
        time: path of the start (or of the evaluation) in a record.
        early: a time of 1970 as the format writes it.
        output: path of the count of output tokens; None where there is none.
        number: how a number is written there.
        folder: where in the inbox its files lie.
    """

    format: str
    knows: str
    make: Callable[[int, int, Counts], Record]
    time: tuple[str | int, ...]
    early: Any
    output: tuple[str | int, ...] | None
    number: Callable[[Any], Any] = lambda value: value
    folder: str = ""
    table: str = "gateway_calls"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def classes(self) -> list[str]:
        return self.knows.split()


def changed(of: Record, path: tuple[str | int, ...], value: Any) -> Record:
    """A copy of a record with one value replaced."""
    found: Any = copy.deepcopy(of)
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return found  # type: ignore[no-any-return]


def _sum(counts: Counts, *names: str) -> int:
    return sum(counts[name] for name in names)


def _iso(number: int) -> str:
    return f"2026-10-{1 + number % 3:02d}T12:{number // 60:02d}:{number % 60:02d}.250Z"


def _seconds(number: int) -> float:
    return 1790856000.25 + 86400 * (number % 3) + number


def _openai(counts: Counts) -> Record:
    """Chat completions: prompt and completion include everything."""
    return {
        "prompt_tokens": _sum(counts, *INPUT),
        "completion_tokens": _sum(counts, "out", "spoken"),
        "prompt_tokens_details": {
            "cached_tokens": counts["read"], "audio_tokens": counts["heard"],
            "cache_creation_tokens": _sum(counts, "brief", "hour", "written"),
            "cache_creation_token_details": {
                "ephemeral_5m_input_tokens": counts["brief"],
                "ephemeral_1h_input_tokens": counts["hour"],
            },
        },
        "completion_tokens_details": {
            "reasoning_tokens": counts["thought"], "audio_tokens": counts["spoken"],
        },
    }  # fmt: skip


def _litellm(number: int, identifier: int, counts: Counts) -> Record:
    usage = _openai(counts)
    return record(
        id=f"r{identifier}", litellm_call_id=f"c{identifier}", startTime=_seconds(number),
        endTime=_seconds(number) + 1, prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"], metadata={"usage_object": usage},
    )  # fmt: skip


def _spend_logs(number: int, identifier: int, counts: Counts) -> Record:
    usage = _openai(counts)
    return row(
        request_id=f"r{identifier}", litellm_call_id=f"c{identifier}", startTime=_iso(number),
        endTime=_iso(number), prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"], metadata=json.dumps({"usage_object": usage}),
    )  # fmt: skip


def _otel(number: int, identifier: int, counts: Counts) -> Record:
    stated = {
        "gen_ai.usage.output_tokens": _sum(counts, "out", "spoken"),
        "gen_ai.usage.input_tokens": _sum(counts, *INPUT),
        "gen_ai.usage.cache_read.input_tokens": counts["read"],
        "gen_ai.usage.cache_creation.input_tokens": counts["written"],
        "gen_ai.usage.audio.input_tokens": counts["heard"],
        "gen_ai.usage.reasoning.output_tokens": counts["thought"],
        "gen_ai.usage.audio.output_tokens": counts["spoken"],
    }  # fmt: skip
    own = {name: value for name, value in CHAT.items() if name not in stated}
    nanoseconds = int(_seconds(number)) * 10**9
    made = span(
        identifier,
        a=stated | own | {"app.tenant_id": f"t{number % 2}"},
        startTimeUnixNano=str(nanoseconds),
        endTimeUnixNano=str(nanoseconds + 10**9),
    )
    return json.loads(line(made))  # type: ignore[no-any-return]


def _attribute(value: Any) -> Record:
    return {"doubleValue": value} if isinstance(value, float) else {"intValue": str(value)}


def _langfuse(number: int, identifier: int, counts: Counts) -> Record:
    usage = {
        "input": counts["plain"], "input_cached_tokens": counts["read"],
        "input_cache_creation_5m": counts["brief"], "input_cache_creation_1h": counts["hour"],
        "input_audio_tokens": counts["heard"], "output": counts["out"] - counts["thought"],
        "output_reasoning_tokens": counts["thought"], "output_audio_tokens": counts["spoken"],
    }  # fmt: skip
    return observation(
        f"o{identifier}", usage_details=usage | {"total": sum(usage.values())},
        start_time=_iso(number)[:-1].replace("T", " "), total_cost=0.00028,
        cost_details={"total": 0.00028},
    )  # fmt: skip


def _kong(number: int, identifier: int, counts: Counts) -> Record:
    block = test_kong.NEW_BLOCK | {"usage": _openai(counts)}
    return test_kong.line(ai_proxy=block) | {
        "started_at": int(_seconds(number) * 1000), "request": {"id": f"r{identifier}"},
    }  # fmt: skip


def _bedrock(number: int, identifier: int, counts: Counts) -> Record:
    written = _sum(counts, "brief", "hour", "written")
    usage = {
        "input_tokens": counts["plain"], "cache_read_input_tokens": counts["read"],
        "output_tokens": counts["out"], "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_5m_input_tokens": counts["brief"],
                           "ephemeral_1h_input_tokens": counts["hour"]},
    }  # fmt: skip
    return test_bedrock.LOG | {
        "requestId": f"r{identifier}", "timestamp": _iso(number),
        "input": {"inputTokenCount": counts["plain"], "cacheReadInputTokenCount": counts["read"],
                  "cacheWriteInputTokenCount": written},
        "output": {"outputBodyJson": {"usage": usage}},
    }  # fmt: skip


def _claude_code(number: int, identifier: int, counts: Counts) -> Record:
    found = test_coding_agents.claude(f"r{identifier}", counts["out"], 0, timestamp=_iso(number))
    usage = {
        "input_tokens": counts["plain"], "cache_read_input_tokens": counts["read"],
        "cache_creation_input_tokens": _sum(counts, "brief", "hour", "written"),
        "cache_creation": {"ephemeral_5m_input_tokens": counts["brief"],
                           "ephemeral_1h_input_tokens": counts["hour"]},
    }  # fmt: skip
    return changed(found, ("message", "usage"), found["message"]["usage"] | usage)


MAPPING = {
    "file_type": "jsonl",
    "fields": {"call_id": "id", "started_at": "ts", "request_model": "model"},
    "tokens": {"input": "in", "input_includes_cache": True, "cache_read": "read",
               "cache_write_5m": "brief", "cache_write_1h": "hour", "cache_write_other": "written",
               "output": "out", "reasoning": "thought"},
}  # fmt: skip


def _mapped(number: int, identifier: int, counts: Counts) -> Record:
    stated = {name: counts[name] for name in ("read", "brief", "hour", "written", "thought")}
    return stated | {
        "id": f"c{identifier}", "ts": _iso(number), "model": "gpt-4.1",
        "in": _sum(counts, *INPUT), "out": counts["out"],
    }  # fmt: skip


def _preset(
    example: Mapping[str, Any], identifies: str, time: str, stated: Callable[[Counts], Record]
) -> Callable[[int, int, Counts], Record]:
    def make(number: int, identifier: int, counts: Counts) -> Record:
        found = {identifies: f"r{identifier}", time: _iso(number)}
        return {**example, **found, **stated(counts)}

    return make


def _plain(input_name: str, output_name: str) -> Callable[[Counts], Record]:
    return lambda counts: {input_name: counts["plain"], output_name: counts["out"]}


PLAIN, EARLY = "plain out", "1970-01-01T00:00:17Z"
OTEL_SPAN = ("resourceSpans", 0, "scopeSpans", 0, "spans", 0)
RESOLVED = {"success": ">= 0.5"}

PAYLOADS = (
    Payload("litellm", " ".join(CLASSES), _litellm, ("startTime",), 17.0, ("completion_tokens",)),
    Payload("litellm_spendlogs", " ".join(CLASSES), _spend_logs, ("startTime",), EARLY,
            ("completion_tokens",)),
    Payload("otel", "plain read written heard out thought spoken", _otel,
            (*OTEL_SPAN, "startTimeUnixNano"), "17000000000",
            (*OTEL_SPAN, "attributes", 0, "value"), _attribute),
    Payload("langfuse", "plain read brief hour heard out thought spoken", _langfuse,
            ("start_time",), "1970-01-01 00:00:17.000", ("usage_details", "output"),
            folder="p1/observations_v2/"),
    Payload("kong", "plain read heard out thought spoken", _kong, ("started_at",), 17000,
            ("ai", "ai-proxy", "usage", "completion_tokens")),
    Payload("bedrock", "plain read brief hour written out", _bedrock, ("timestamp",), EARLY,
            ("output", "outputBodyJson", "usage", "output_tokens")),
    Payload("claude_code", "plain read brief hour written out", _claude_code, ("timestamp",), EARLY,
            ("message", "usage", "output_tokens")),
    Payload("mapped", "plain read brief hour written out thought", _mapped, ("ts",), EARLY,
            ("out",), options=MAPPING),
    Payload("azure_apim", PLAIN,
            _preset(test_azure_apim.ROW, "RequestId", "TimeGenerated",
                    _plain("PromptTokens", "CompletionTokens")),
            ("TimeGenerated",), EARLY, ("CompletionTokens",)),
    Payload("cloudflare", PLAIN,
            _preset(test_cloudflare.ENTRY, "id", "created_at", _plain("tokens_in", "tokens_out")),
            ("created_at",), EARLY, ("tokens_out",)),
    Payload("envoy", PLAIN,
            _preset(test_envoy.EXAMPLE, "x-request-id", "start_time",
                    _plain("genai_tokens_input", "genai_tokens_output")),
            ("start_time",), EARLY, ("genai_tokens_output",)),
    Payload("helicone", "plain read written out thought",
            _preset(test_helicone.REQUEST, "request_id", "request_created_at", lambda c: {
                "prompt_tokens": c["plain"], "completion_tokens": c["out"] - c["thought"],
                "reasoning_tokens": c["thought"], "prompt_cache_read_tokens": c["read"],
                "prompt_cache_write_tokens": c["written"],
            }),
            ("request_created_at",), EARLY, ("completion_tokens",)),
    Payload("openrouter_calls", "plain read out thought",
            _preset(test_openrouter_calls.RECORD, "id", "created_at", lambda c: {
                "native_tokens_prompt": c["plain"] + c["read"], "native_tokens_cached": c["read"],
                "native_tokens_completion": c["out"], "native_tokens_reasoning": c["thought"],
            }),
            ("created_at",), EARLY, ("native_tokens_completion",)),
    Payload("portkey", PLAIN,
            _preset(test_portkey.LOG, "id", "created_at", _plain("req_units", "res_units")),
            ("created_at",), EARLY, ("res_units",)),
    Payload("portkey_feedback", "",
            _preset(test_portkey.FEEDBACK, "trace_id", "created_at", lambda _: {}),
            ("created_at",), EARLY, None, table="task_outcomes",
            options={"outcomes": {"feedback": RESOLVED}}),
    Payload("phoenix", "",
            _preset(json.loads(test_phoenix.annotation()), "trace_id", "updated_at",
                    lambda _: {"created_at": None}),
            ("updated_at",), EARLY, None, table="task_outcomes",
            options={"outcomes": {"correctness": RESOLVED}}),
)  # fmt: skip
"""Every format whose records are made here."""
