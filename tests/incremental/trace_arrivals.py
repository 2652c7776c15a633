"""Traces that last for days, made with dice, and the files that they come in."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.ingest.gateways.langfuse.rows import exported, observation, score, trace
from tests.ingest.gateways.otel.otlp_lines import CHAT, attributes, evaluation, line, log_line
from tests.support.warehouse import Workspace

FIRST = datetime(2026, 7, 1, 18, tzinfo=UTC)
OTEL = """
format = "otel"
[labels]
ring = "ring"
[outcomes.resolved]
success = ">= 0.5"
"""
LANGFUSE = """
format = "langfuse"
[attribution]
task_id = "metadata.ticket"
[labels]
ring = "metadata.ring"
[outcomes.resolved]
success = ">= 0.5"
"""

Delivery = tuple[str, str, bytes]
"""Source, path and content of a file."""


def _stated(dice: random.Random) -> dict[str, str]:
    """What one span happens to say of whose it is: mostly nothing."""
    said = {
        "tenant_id": dice.choice(["ada", "bob"]),
        "feature": dice.choice(["chat", "search"]),
        "ring": dice.choice(["inner", "outer"]),
        "ticket": f"T-{dice.randrange(30)}",
    }
    return {key: value for key, value in said.items() if dice.random() < 0.3}


def _tree(dice: random.Random) -> list[tuple[int, int | None, datetime]]:
    """Spans of one trace: number, parent, start; a child starts up to a day after its parent."""
    start = FIRST + timedelta(hours=dice.randrange(90))
    spans: list[tuple[int, int | None, datetime]] = [(1, None, start)]
    for number in range(2, dice.randrange(4, 12)):
        parent, _, began = dice.choice(spans)
        wait = dice.choice([1, 30, 400, dice.randrange(1440)])
        spans.append((number, parent, began + timedelta(minutes=wait, seconds=number)))
    return spans


def otel_requests(seed: int, traces: int = 14) -> list[str]:
    """Export requests of one span or one evaluation each."""
    dice = random.Random(seed)
    found = []
    for n in range(traces):
        identifier = f"{seed * 1000 + n + 1:032x}"
        for number, parent, start in _tree(dice):
            kind = dice.choice(["agent", "http", "tool", "chat", "chat", "chat"])
            stated = {f"app.{key}": value for key, value in _stated(dice).items()}
            if "app.ticket" in stated:
                stated["app.task_id"] = stated.pop("app.ticket")
            if "app.ring" in stated:
                stated["ring"] = stated.pop("app.ring")
            own: dict[str, Any] = {
                "agent": {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": f"a{n}"},
                "http": {"http.request.method": "GET"},
                "tool": {"gen_ai.operation.name": "execute_tool",
                         "gen_ai.tool.name": dice.choice(["search", "mail"])},
                "chat": CHAT | {"gen_ai.response.id": f"r-{seed}-{n}-{number}"},
            }[kind]  # fmt: skip
            nanoseconds = int(start.timestamp()) * 10**9
            made = {
                "traceId": identifier, "spanId": f"{number:016x}", "name": kind,
                "startTimeUnixNano": str(nanoseconds),
                "endTimeUnixNano": str(nanoseconds + 10**9), "status": {},
                "attributes": attributes(own | stated),
            }  # fmt: skip
            if parent:
                made["parentSpanId"] = f"{parent:016x}"
            found.append(line(made))
            if dice.random() < 0.3:
                found.append(log_line(_evaluation(dice, made, own)))
    return found


def _evaluation(dice: random.Random, span: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """An evaluation of a span some days later, by its identifier or by its answer."""
    at = int(span["startTimeUnixNano"]) + dice.randrange(20) * 86400 * 10**9
    place: dict[str, Any] = {"traceId": span["traceId"], "spanId": span["spanId"]}
    named: dict[str, Any] = {}
    if "gen_ai.response.id" in own and dice.random() < 0.5:
        place = {"traceId": "", "spanId": ""}
        named = {"gen_ai.response.id": own["gen_ai.response.id"]}
    return evaluation("resolved", at=at, value=dice.choice([0, 1]), a=named, **place)


def otel_files(seed: int, parts: int) -> list[Delivery]:
    """The same requests in so many files, cut without regard to traces."""
    requests = otel_requests(seed)
    random.Random(seed + parts).shuffle(requests)
    cut = [requests[part::parts] for part in range(parts)]
    return [("otel", f"{n}.jsonl", "".join(some).encode()) for n, some in enumerate(cut)]


def langfuse_rows(seed: int, traces: int = 14) -> list[tuple[str, dict[str, Any]]]:
    """Rows of an export with their table: observations, traces and scores."""
    dice = random.Random(seed)
    found: list[tuple[str, dict[str, Any]]] = []
    for n in range(traces):
        tree = _tree(dice)
        of_trace = {
            "metadata": _stated(dice), "user_id": f"u{dice.randrange(3)}", "session_id": f"s{n}",
            "tags": [], "timestamp": _text(tree[0][2]), "updated_at": _text(tree[0][2]),
        }  # fmt: skip
        found.append(("traces", trace(f"t{n}", **of_trace)))
        if dice.random() < 0.5:  # changed and exported again
            newer = {"session_id": f"s{n}b", "updated_at": _text(tree[0][2] + timedelta(hours=9))}
            found.append(("traces", trace(f"t{n}", **(of_trace | newer))))
        for number, parent, start in tree:
            made = observation(
                f"o{number}", trace_id=f"t{n}", metadata=_stated(dice), start_time=_text(start),
                type=dice.choice(["SPAN", "AGENT", "TOOL", "GENERATION", "GENERATION"]),
                parent_observation_id=f"o{parent}" if parent else "", end_time=_text(start),
            )  # fmt: skip
            found.append(("observations", made))
        late = _text(tree[0][2] + timedelta(days=dice.randrange(20)))
        found.append(("scores", score(
            f"q{n}", trace_id=f"t{n}", value=dice.choice([0, 1]), timestamp=late, created_at=late,
            updated_at=late, observation_id=dice.choice([None, "o1", "o2", "elsewhere"]),
        )))  # fmt: skip
    return found


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.000")


def langfuse_files(seed: int, parts: int, scratch: Path) -> list[Delivery]:
    """The same rows in so many windows of an export, cut without regard to traces."""
    rows = langfuse_rows(seed)
    random.Random(seed + parts).shuffle(rows)
    found = []
    for part in range(parts):
        for table in ("observations", "traces", "scores"):
            some = [row for name, row in rows[part::parts] if name == table]
            content = exported(table, some, "jsonl", scratch) if some else b""
            found.append(("langfuse", f"p1/{table}/2026-07-{part + 10}T00-00-00.jsonl", content))
    return found


def deliver(workspace: Workspace, files: Sequence[Delivery]) -> None:
    for source, name, content in files:
        workspace.drop(source, name, content)


CHANGED_BY_TRACES = (
    "fct_duplicate_calls", "fct_tasks", "fct_usage_daily", "rpt_unit_cost", "rpt_unattributed",
)  # fmt: skip
"""With what they are made of; the rest of the marts is made of these."""


def configured(root: Path) -> Workspace:
    workspace = Workspace(root, models=CHANGED_BY_TRACES)
    workspace.configure("otel", OTEL)
    workspace.configure("langfuse", LANGFUSE)
    workspace.prices("openai,gpt-4.1,standard,input_uncached,2,2026-01-01,,,test",
                     "openai,gpt-4.1,standard,output,8,2026-01-01,,,test")  # fmt: skip
    return workspace
