"""Golden cases as the records that gateways and tracers would have written."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

TRACES = """
format = "mapped"
file_type = "jsonl"
[fields]
call_id = "case"
started_at = "at"
provider = { constant = "anthropic" }
request_model = "model"
[tokens]
input = "input"
input_includes_cache = false
cache_read = "cache_read"
cache_write_other = "cache_write"
output = "output"
"""
"""A tracer that states input without cached tokens, as Anthropic does."""

PLAIN = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
task_id = "task"
task_type = { constant = "accepted_task" }
feature = "feature"
provider = { constant = "openai" }
request_model = { constant = "golden" }
[tokens]
input = "tokens"
"""

OUTCOMES = """
format = "outcomes"
file_type = "csv"
[fields]
task_id = "task"
judged_at = "at"
outcome = "says"
evaluator_type = { constant = "business_system" }
"""

DETAILS = "prompt_tokens_details"


def litellm(
    case: str, provider: str, prompt: int, output: int = 0, reasoning: int = 0, **details: Any
) -> str:
    """One LiteLLM line; `details` are the provider's prompt token details."""
    usage = {
        "prompt_tokens": prompt, "completion_tokens": output, DETAILS: details,
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }  # fmt: skip
    record = {
        "id": case, "litellm_call_id": case, "trace_id": case, "session_id": "",
        "call_type": "acompletion", "status": "success", "cache_hit": None, "stream": None,
        "custom_llm_provider": provider, "model": f"{provider}/golden", "model_group": "golden",
        "model_id": "d", "startTime": 1791000000.0, "endTime": 1791000001.0,
        "completionStartTime": 1791000001.0, "prompt_tokens": prompt, "completion_tokens": output,
        "response_cost": 0.01, "metadata": {"usage_object": usage},
    }  # fmt: skip
    return json.dumps(record) + "\n"


def trace(case: str, uncached: int, cache_read: int, cache_write: int, output: int) -> str:
    """One line of the tracer."""
    return json.dumps({
        "case": case, "at": "2026-10-03T00:00:00Z", "model": "golden", "input": uncached,
        "cache_read": cache_read, "cache_write": cache_write, "output": output,
    }) + "\n"  # fmt: skip


def hourly(start: datetime, hours: int, first_tokens: int) -> list[tuple[datetime, int]]:
    """One call an hour, each of another size, so that no two of them can be mistaken."""
    return [
        (start + timedelta(hours=number), first_tokens + 1000 * number) for number in range(hours)
    ]


def plain(rows: list[tuple[str, str, str, str, int]]) -> str:
    """CSV of (id, time, task, feature, tokens)."""
    lines = [",".join(str(cell) for cell in row) for row in rows]
    return "\n".join(["id,at,task,feature,tokens", *lines]) + "\n"
