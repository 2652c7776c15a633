"""A little company's files, in two orders of arrival: as life brings them, and all at once."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.support.warehouse import Workspace

FIRST_DAY = date(2026, 7, 1)
DAYS = 75

LOG = """
format = "mapped"
file_type = "jsonl"
[fields]
call_id = "id"
request_id = "request"
task_id = "task"
started_at = "ts"
provider = { constant = "openai" }
request_model = "model"
operation = "op"
tool_name = "tool"
status = "status"
cached_hit = "hit"
reported_cost_usd = "usd"
tenant_id = "tenant"
feature = "feature"
task_type = { constant = "ticket" }
is_interactive = "waits"
route_decision = "route"
baseline_model = { constant = "gpt-4.1" }
cache_similarity = "near"
cache_source_tenant_id = "origin"
cache_source_call_id = "writer"
sample_group = "group"
prompt_version = "version"
prompt_hash = "asked"
prompt_prefix_hash = "start"
[tokens]
input = "in"
input_includes_cache = true
cache_read = "cached"
output = "out"
"""

OUTCOMES = """
format = "outcomes"
file_type = "jsonl"
[fields]
task_id = "task"
judged_at = "at"
outcome = "outcome"
evaluator_type = "by"
"""


def calls(day: int, seed: int = 0) -> list[dict[str, Any]]:
    """Twelve calls of one day; a task can go on for days."""
    dice = random.Random(1000 * seed + day)
    start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
    return [
        {
            "id": f"c{seed}-{day}-{n}",
            "request": f"r{seed}-{day}-{n % 4}-{n // 8}",
            "task": None if n == 11 else f"t{seed}-{(day - dice.choice([0, 0, 0, 1, 3]))}-{n % 4}",
            "ts": (start + timedelta(minutes=115 * n + dice.randrange(60))).isoformat(),
            "model": dice.choice(["gpt-4.1", "gpt-4.1-mini", "in-house"]),
            "status": dice.choice(["ok", "ok", "ok", "aborted" if n % 3 else "error"]),
            "hit": dice.random() < 0.1,
            "tenant": dice.choice(["ada", "bob", None]),
            "feature": dice.choice(["chat", "search", None]),
            "op": "retrieval" if n == 5 else "chat",
            "tool": "lookup" if n == 5 else None,
            "in": 1000 + dice.randrange(500),
            "cached": dice.randrange(900),
            "out": dice.randrange(200),
            "usd": (1000 + n) / 10**6,
            "waits": n % 3 > 0,
            "route": "simple" if n % 2 else "complex",
            "near": 0.9 if n % 4 else None,
            "origin": "ada",
            "writer": f"c0-{day}-{n % 2}",
            "group": f"g{n % 4}" if day % 2 else None,
            "version": f"v{day // 30}",
            "start": f"begins {day // 30} {n % 2}",
            "asked": f"prompt {n % 3}",
        }
        for n in range(12)
    ]


def evaluations(day: int) -> list[dict[str, Any]]:
    """Verdicts on the tasks that started some days ago; a third is never judged."""
    dice = random.Random(5000 + day)
    at = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
    return [
        {
            "task": f"t0-{day - dice.randrange(1, 6)}-{n}",
            "at": (at + timedelta(hours=20 + n)).isoformat(),
            "outcome": dice.choice(["success", "success", "failure", "reopened"]),
            "by": dice.choice(["model", "human", "business_system"]),
        }
        for n in range(3)
    ]


def costs(first: int, last: int, cents_more: int, fetched: str) -> str:
    """An OpenAI costs answer for some days, wrapped with its request."""
    buckets = []
    for day in range(first, last + 1):
        start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
        buckets.append(
            {
                "object": "bucket",
                "start_time": int(start.timestamp()),
                "end_time": int(start.timestamp()) + 86400,
                "results": [
                    {
                        "object": "organization.costs.result",
                        "amount": {"value": f"0.0{value + cents_more:02d}", "currency": "usd"},
                        "line_item": item,
                    }
                    for item, value in (
                        ("gpt-4.1, input", 20 + day % 7),
                        ("gpt-4.1-mini, output", 5),
                        ("Web search tool calls", 3),
                    )
                ],
            }
        )
    page = {"object": "page", "data": buckets, "has_more": False, "next_page": None}
    return json.dumps(
        {
            "request": {"path": "/v1/organization/costs", "params": {"group_by": ["line_item"]}},
            "fetched_at": fetched,
            "response": page,
        }
    )


def usage(first: int, last: int, more: int, fetched: str) -> str:
    """An OpenAI completions usage answer for some days, by model."""
    buckets = []
    for day in range(first, last + 1):
        start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
        results = [
            {
                "object": "organization.usage.completions.result",
                "input_tokens": 900 + day + more, "output_tokens": 50, "num_model_requests": 3,
                "model": model,
            }
            for model in ("gpt-4.1", "in-house")
        ]  # fmt: skip
        buckets.append(
            {
                "start_time": int(start.timestamp()),
                "end_time": int(start.timestamp()) + 86400,
                "results": results,
            }
        )
    return json.dumps(
        {
            "request": {"path": "/v1/organization/usage/completions", "params": {}},
            "fetched_at": fetched,
            "response": {"object": "page", "data": buckets, "has_more": False},
        }
    )


def usage_export(day: int) -> str:
    """The dashboard's export of one day, in minutes; what it says is older than any answer."""
    start = int(datetime.combine(FIRST_DAY, datetime.min.time(), UTC).timestamp()) + 86400 * day
    minutes = [f"{start + 60 * n},{start + 60 * n + 60},gpt-4.1,7,1" for n in (0, 700, 1439)]
    return "\n".join(["start_time,end_time,model,input_tokens,output_tokens", *minutes]) + "\n"


def lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def configure(workspace: Workspace) -> None:
    """Settings and facts; chat changes its team amid the history, ada's price amid it too."""
    workspace.org(
        "feature,chat,web,,,2026-07-20,", "feature,chat,core,,2026-07-20,,",
        "team,web,service,,,,", "team,core,tech,,,,", "cost_centre,service,,,,,",
        "cost_centre,tech,service,,,,",
    )  # fmt: skip
    workspace.allocation(
        "searches,x_line_item = Web search*,driver,successful_tasks,,,2026-08-10,",
        "searches,x_line_item = Web search*,fixed,feature,chat = 60 and lab = 40,2026-08-10,,",
        "small models,model_id = gpt-4.1-mini,even,tenant,,,,",
    )
    workspace.task_types(
        "ticket,,failure,reopened,,,,,,,,2026-07-11,", "ticket,,,,,9,3,40,0.02,,2026-07-11,,",
    )  # fmt: skip
    workspace.revenue("ada,100,,2026-08-01,", "ada,120,2026-08-01,,")
    workspace.configure("log", LOG)
    workspace.configure("outcomes", OUTCOMES)
    workspace.configure("openai", 'format = "openai"\n')


def corrected(day: int) -> list[dict[str, Any]]:
    """A day's log as delivered anew: calls gone, a task renamed, tokens changed."""
    records = calls(day)[2:]
    records[0]["task"] = "t-renamed"
    records[1]["out"] += 1000
    return records


def deliver_bills(workspace: Workspace) -> None:
    """What the provider billed and counted, as first fetched."""
    workspace.drop("openai", "costs-1.json", costs(0, 60, 0, "2026-09-01T00:00:00Z"))
    workspace.drop("openai", "usage-1.json", usage(0, 60, 0, "2026-09-01T00:00:00Z"))


def deliver_history(workspace: Workspace, days: range) -> None:
    """One log and one outcome file a day."""
    for day in days:
        workspace.drop("log", f"{day:03d}.jsonl", lines(calls(day)))
        workspace.drop("outcomes", f"{day:03d}.jsonl", lines(evaluations(day)))


def deliver_surprises(workspace: Workspace) -> None:
    """Everything that comes late, twice, split or corrected."""
    late = calls(12, seed=9)
    workspace.drop("log", "late-60-days.jsonl", lines(late))
    workspace.drop("log", "030.jsonl", lines(corrected(30)))
    workspace.drop("log", "copy-of-040.jsonl", lines(calls(40)))
    workspace.drop("log", "part1/050.jsonl", lines(calls(50)[:7]))
    workspace.drop("log", "part2/050.jsonl", lines(calls(50)[7:]))
    workspace.drop("openai", "costs-2.json", costs(40, 60, 1, "2026-09-20T00:00:00Z"))
    workspace.drop("openai", "usage-2.json", usage(20, 30, 5, "2026-09-20T00:00:00Z"))
    workspace.drop("openai", "completions_usage_covered.csv", usage_export(25))
    workspace.drop("openai", "completions_usage_before.csv", usage_export(-3))
    workspace.drop(
        "outcomes",
        "late-override.jsonl",
        lines(
            [
                {
                    "task": f"t0-{day}-1",
                    "at": "2026-09-13T10:00:00Z",
                    "outcome": "failure",
                    "by": "business_system",
                }
                for day in (10, 11, 55)
            ]
        ),
    )
    workspace.drop("outcomes", "020.jsonl", lines(evaluations(20)[:1]))
    workspace.drop("outcomes", "done-again.jsonl", lines(done_again(range(30, 40))))


def done_again(days: range) -> list[dict[str, Any]]:
    """Tasks that nobody else judges, taken back at noon and resolved four days later."""
    return [
        {"task": f"t0-{day}-3", "at": f"{FIRST_DAY + timedelta(days=day + later)}T12:00:00Z",
         "outcome": outcome, "by": "human"}
        for day in days
        for later, outcome in ((0, "reopened"), (4, "success"))
    ]  # fmt: skip
