"""The files of October 2026: what a gateway, a batch job, a ticket system and three bills say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.warehouse import Workspace

PRICES = (
    "openai,scribe-large,standard,input_uncached,10,2026-01-01,,,",
    "openai,scribe-large,standard,cache_read,1,2026-01-01,,,",
    "openai,scribe-large,standard,output,40,2026-01-01,,,",
    "openai,scribe-small,standard,input_uncached,1,2026-01-01,,,",
    "openai,scribe-small,standard,cache_read,0.1,2026-01-01,,,",
    "openai,scribe-small,standard,output,4,2026-01-01,,,",
    "anthropic,sonata,standard,input_uncached,4,2026-01-01,,,",
    "anthropic,sonata,standard,cache_read,0.4,2026-01-01,,,",
    "anthropic,sonata,standard,cache_write_5m,5,2026-01-01,,,",
    "anthropic,sonata,standard,output,12,2026-01-01,,,",
)

BATCH_LOG = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
task_id = "task"
task_type = { constant = "letter" }
feature = { constant = "drafts" }
tenant_id = "customer"
provider = { constant = "openai" }
request_model = "model"
[tokens]
input = "tokens_in"
output = "tokens_out"
"""

EVALUATIONS = """
format = "outcomes"
file_type = "csv"
[fields]
task_id = "task"
judged_at = "at"
outcome = "says"
evaluator_type = "judge"
"""

TASK_TYPES = {"answers": "ticket", "drafts": "letter"}


@dataclass(frozen=True)
class Turn:
    """One record of the gateway; tokens in thousands, each class apart."""

    call: str
    day: int
    model: str
    feature: str | None
    tenant: str | None
    task: str | None
    cost: float
    uncached: int
    output: float
    read: int = 0
    written: int = 0
    outcome: str = "ok"
    request: str | None = None


TURNS = (
    Turn("c01", 2, "scribe-large", "answers", "acme", "T1", 0.20, 20, 0, outcome="error"),
    Turn("c02", 2, "scribe-large", "answers", "acme", "T1", 1.40, 100, 10, request="c01"),
    Turn("c03", 2, "scribe-large", "answers", "acme", "T1", 0.75, 50, 5, read=50),
    Turn("c04", 2, "scribe-large", "answers", "acme", "T1", 1.40, 100, 10, outcome="hit"),
    Turn("c05", 2, "scribe-large", "answers", "acme", "T2", 1.20, 60, 15),
    Turn("c06", 5, "scribe-small", "answers", "bolt", "T3", 0.40, 200, 50),
    Turn("c07", 5, "scribe-small", "answers", "bolt", "T3", 0.20, 100, 25, outcome="aborted"),
    Turn("c08", 5, "scribe-small", "answers", "bolt", "T3", 0.40, 200, 50),
    Turn("c09", 8, "sonata", "drafts", "acme", "T4", 1.50, 100, 50, written=100),
    Turn("c10", 8, "sonata", "drafts", "acme", "T4", 1.04, 100, 50, read=100),
    Turn("c13", 14, "scribe-small", "answers", "bolt", "T6", 0.20, 100, 25),
    Turn("c14", 13, "scribe-small", "answers", "acme", "T7", 0.20, 100, 25),
    Turn("c15", 5, "scribe-large", None, None, None, 1.00, 50, 12.5),
    Turn("c16", 5, "scribe-large", "answers", None, None, 0.50, 40, 2.5),
    Turn("c17", 28, "scribe-small", "answers", "acme", None, 0.20, 100, 25),
)

_ERRORS = {
    "error": {"error_code": "500", "error_class": "InternalServerError"},
    "aborted": {"error_code": "499", "error_class": "ClientDisconnected"},
}


def payload(turn: Turn) -> dict[str, Any]:
    """The LiteLLM record of a turn: cached and written tokens stand inside `prompt_tokens`."""
    provider = "anthropic" if turn.model == "sonata" else "openai"
    start = datetime(2026, 10, turn.day, 9, int(turn.call[1:]), tzinfo=UTC).timestamp()
    request = f"request-{turn.request or turn.call}"
    is_hit = turn.outcome == "hit"
    given = {
        "feature": turn.feature,
        "tenant_id": turn.tenant,
        "task_id": turn.task,
        "task_type": TASK_TYPES.get(turn.feature or "") if turn.task else None,
    }
    details = {
        "cached_tokens": turn.read * 1000,
        "cache_creation_tokens": turn.written * 1000,
        "cache_creation_token_details": {
            "ephemeral_5m_input_tokens": turn.written * 1000, "ephemeral_1h_input_tokens": 0,
        },
    }  # fmt: skip
    return {
        "id": request if turn.outcome == "error" else f"response-{turn.call}",
        "litellm_call_id": request,
        "trace_id": turn.task or turn.call,
        "session_id": "",
        "call_type": "acompletion",
        "cache_hit": True if is_hit else None,
        "stream": None,
        "status": "failure" if turn.outcome == "error" else "success",
        "custom_llm_provider": provider,
        "model": f"{provider}/{turn.model}",
        "model_group": turn.model,
        "model_id": f"deployment-{turn.model}",
        "startTime": start,
        "endTime": start + 2,
        "completionStartTime": start + 2,
        "prompt_tokens": (turn.uncached + turn.read + turn.written) * 1000,
        "completion_tokens": int(turn.output * 1000),
        "response_cost": 0.0 if is_hit else turn.cost,
        "saved_cache_cost": turn.cost if is_hit else 0.0,
        "cost_breakdown": {"total_cost": turn.cost, "service_tier": None},
        "error_information": _ERRORS.get(turn.outcome, {"error_code": "", "error_class": ""}),
        "request_tags": [f"feature:{turn.feature}"] if turn.feature else [],
        "metadata": {
            "spend_logs_metadata": {name: text for name, text in given.items() if text} or None,
            "requester_metadata": {},
            "usage_object": {"prompt_tokens_details": details},
        },
    }


def _json_lines(turns: tuple[Turn, ...]) -> str:
    return "".join(json.dumps(payload(turn)) + "\n" for turn in turns)


BATCH_CSV = """\
id,at,task,customer,model,tokens_in,tokens_out
c11,2026-10-08T02:00:00Z,T5,bolt,scribe-small,500000,125000
c12,2026-10-08T02:05:00Z,T5,bolt,scribe-beta,100000,10000
"""

EVALUATIONS_CSV = """\
task,at,judge,says
T1,2026-10-03T10:00:00Z,business_system,success
T2,2026-10-03T10:00:00Z,model,success
T2,2026-10-06T10:00:00Z,human,failure
T3,2026-10-06T10:00:00Z,business_system,success
T3,2026-10-20T10:00:00Z,business_system,reopened
T4,2026-10-09T10:00:00Z,human,success
T5,2026-10-10T10:00:00Z,business_system,success
T6,2026-10-15T10:00:00Z,human,pending
"""

OPENAI_COSTS = {
    2: {"scribe-large, input": 2.30, "scribe-large, cached input": 0.05,
        "scribe-large, output": 1.20},
    5: {"scribe-small, input": 0.50, "scribe-small, output": 0.52,
        "scribe-large, input": 1.10, "scribe-large, output": 0.70},
    8: {"scribe-small, input": 0.45, "scribe-small, output": 0.45,
        "scribe-beta, input": 0.25, "Web search tool calls": 0.10},
    13: {"scribe-small, input": 0.10, "scribe-small, output": 0.10},
    27: {"scribe-large, input": 2.00},
}  # fmt: skip
"""Dollars by day of October and line item."""

ANTHROPIC_CENTS = {
    8: {"uncached_input_tokens": "80", "cache_creation.ephemeral_5m_input_tokens": "50",
        "cache_read_input_tokens": "4", "output_tokens": "120.0"},
    9: {"uncached_input_tokens": "300"},
}  # fmt: skip

INVOICE_CSV = """\
BilledCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeDescription,\
ChargePeriodStart,ChargePeriodEnd,EffectiveCost,InvoiceId,InvoiceIssuerName,ProviderName
1.11,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Tax,Sales tax,\
2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,1.11,INV-10,OpenAI,OpenAI
-0.50,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Credit,Service credit,\
2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,-0.50,INV-10,OpenAI,OpenAI
"""


def openai_page(costs: dict[int, dict[str, float]], fetched_at: str) -> str:
    """A page of the OpenAI costs API, in dollars, as a fetcher wraps it."""
    buckets = []
    for day, items in costs.items():
        start = int(datetime(2026, 10, day, tzinfo=UTC).timestamp())
        results = [
            {"object": "organization.costs.result", "amount": {"value": cost, "currency": "usd"},
             "line_item": item, "project_id": None}
            for item, cost in items.items()
        ]  # fmt: skip
        buckets.append({"object": "bucket", "start_time": start, "end_time": start + 86400,
                        "results": results})  # fmt: skip
    return json.dumps({
        "request": {"path": "/v1/organization/costs", "params": {"group_by": ["line_item"]}},
        "fetched_at": fetched_at,
        "response": {"object": "page", "data": buckets, "has_more": False},
    })  # fmt: skip


def anthropic_page(cents_by_day: dict[int, dict[str, str]] = ANTHROPIC_CENTS) -> str:
    """A page of the Anthropic cost report, in cents."""
    buckets = []
    for day, items in cents_by_day.items():
        start = datetime(2026, 10, day)
        results = [
            {"currency": "USD", "amount": cents, "cost_type": "tokens", "model": "sonata",
             "token_type": token_type, "description": f"Sonata, {token_type}",
             "service_tier": "standard", "workspace_id": None}
            for token_type, cents in items.items()
        ]  # fmt: skip
        buckets.append({"starting_at": f"{start.isoformat()}Z",
                        "ending_at": f"{(start + timedelta(days=1)).isoformat()}Z",
                        "results": results})  # fmt: skip
    return json.dumps({"data": buckets, "has_more": False, "next_page": None})


def fill(workspace: Workspace) -> None:
    """Put the month's settings and files into a workspace."""
    workspace.prices(*PRICES)
    for source, settings in {
        "gateway": 'format = "litellm"', "batch-log": BATCH_LOG, "tickets": EVALUATIONS,
        "openai": 'format = "openai"', "anthropic": 'format = "anthropic"',
        "invoice": 'format = "focus"',
    }.items():  # fmt: skip
        workspace.configure(source, settings)
    workspace.drop("gateway", "october.jsonl", _json_lines(TURNS))
    workspace.drop("gateway", "again.jsonl", _json_lines(TURNS[5:6]) + "\n")
    workspace.drop("batch-log", "october.csv", BATCH_CSV)
    workspace.drop("tickets", "october.csv", EVALUATIONS_CSV)
    early = {2: {"scribe-large, input": 3.00}}
    workspace.drop("openai", "z-early.json", openai_page(early, "2026-10-03T06:00:00Z"))
    workspace.drop("openai", "october.json", openai_page(OPENAI_COSTS, "2026-10-28T06:00:00Z"))
    workspace.drop("anthropic", "october.json", anthropic_page())
    workspace.drop("invoice", "INV-10.csv", INVOICE_CSV)
