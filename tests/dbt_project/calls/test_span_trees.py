"""What must hold of every trace: each token that its provider counted is in one call, once.

Traces are made from what really happened, the calls of a provider, around which spans are put that
state their usage again, as frameworks do. Only what happened may come out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

import pytest

from tests.ingest.gateways.otel.otlp_lines import CHAT, START, attributes, line
from tests.support.warehouse import Workspace

TREES = 240
SEED = 20261129

OWN = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.response.id")
CALLING = {name: value for name, value in CHAT.items() if name not in OWN}
AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "triage"}


@dataclass(frozen=True)
class Usage:
    """Tokens, and the calls that they are of."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )

    @property
    def attributes(self) -> dict[str, int]:
        return {
            "gen_ai.usage.input_tokens": self.input_tokens,
            "gen_ai.usage.output_tokens": self.output_tokens,
        }


@dataclass
class Span:
    """A span with what is inside it; `usage` is what really happened in it, all in all."""

    attributes: dict[str, Any]
    usage: Usage
    inside: Sequence[Span] = field(default_factory=list)


class Trees:
    """Made traces of a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.answers = 0
        self.tools = 0

    def call(self) -> Span:
        """A call of a provider: a span of its own, of no usage that any other states."""
        self.answers += 1
        usage = Usage(1, self.random.randint(1, 10**9), self.random.randint(1, 10**9))
        response = {"gen_ai.response.id": f"resp-{self.answers}"}
        return Span(CALLING | response | usage.attributes, usage)

    def span(self, levels: int) -> Span:
        """A span of at most so many levels that state usage."""
        if levels == 1:
            return self.call()
        inside = [self.span(levels - 1) for _ in range(self.random.randint(1, 3))]
        usage = sum((span.usage for span in inside), Usage())
        match self.random.choice(("wrapper", "agent", "remainder", "own", "silent", "tool")):
            case "wrapper":
                return Span(CALLING | usage.attributes, usage, inside)
            case "agent":
                return Span(AGENT | usage.attributes, usage, inside)
            case "remainder":  # calls that the agent made, and that have no span
                usage += Usage(1, self.random.randint(1, 10**9), self.random.randint(0, 10**9))
                return Span(AGENT | usage.attributes, usage, inside)
            case "own":  # a call whose answer made others, as a tool that runs while it streams
                own = self.call()
                return Span(own.attributes, own.usage + usage, inside)
            case "silent":
                return Span({"app.step": "plan"}, usage, inside)
            case _:  # of a name of its own: two of one name would be the two sides of one call
                self.tools += 1
                named = {"gen_ai.tool.name": f"tool {self.tools}"}
                tool = {"gen_ai.operation.name": "execute_tool"} | named
                return Span(tool, usage + Usage(1), inside)


def otlp(tree: Span, trace: str) -> Iterator[dict[str, Any]]:
    """The spans of a tree, the outer ones around the inner ones."""
    number = 0

    def of(span: Span, parent: int | None, start: int, end: int) -> Iterator[dict[str, Any]]:
        nonlocal number
        number += 1
        own = number
        made = {
            "traceId": trace, "spanId": f"{own:016x}", "name": "span", "kind": 3, "status": {},
            "startTimeUnixNano": str(start), "endTimeUnixNano": str(end),
            "attributes": attributes(span.attributes),
        }  # fmt: skip
        yield made if parent is None else made | {"parentSpanId": f"{parent:016x}"}
        step = (end - start) // (len(span.inside) + 1)
        for n, inner in enumerate(span.inside):
            yield from of(inner, own, start + n * step + 1000, start + (n + 1) * step)

    return of(tree, None, START, START + 3_600_000_000_000)


@pytest.fixture(scope="module")
def trees() -> dict[str, Span]:
    made = Trees(SEED)
    return {md5(b"%d" % n).hexdigest(): made.span(1 + n % 6) for n in range(TREES)}  # noqa: S324


@pytest.fixture(scope="module")
def workspace(trees: dict[str, Span], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The traces in files as an exporter cuts them: inner spans end first, in any batch."""
    workspace = Workspace(
        tmp_path_factory.mktemp("trees"), models=("fct_calls", "fct_duplicate_calls")
    )
    workspace.configure("traces", 'format = "otel"\n')
    spans = [span for trace, tree in trees.items() for span in reversed([*otlp(tree, trace)])]
    random.Random(SEED).shuffle(spans)
    for number in range(4):
        workspace.drop("traces", f"{number}.jsonl", line(*spans[number::4]))
    workspace.build()
    return workspace


def test_what_happened_is_what_is_counted(workspace: Workspace, trees: dict[str, Span]) -> None:
    counted = {
        trace: Usage(calls, tokens_in, tokens_out)
        for trace, calls, tokens_in, tokens_out in workspace.query(
            "select trace_id, count(*), sum(coalesce(input_tokens, 0)),"
            " sum(coalesce(output_tokens, 0)) from marts.fct_calls group by trace_id"
        )
    }
    wrong = {
        trace: (tree.usage, counted.get(trace))
        for trace, tree in trees.items()
        if counted.get(trace) != tree.usage
    }
    assert not wrong


def test_every_span_that_states_usage_is_a_call_or_a_duplicate(workspace: Workspace) -> None:
    """Nothing stated is lost: what is no call of its own stands among the duplicates."""
    (stated,) = workspace.query("select count(*) from raw.gateway_calls")
    (calls,) = workspace.query("select count(*) from marts.fct_calls")
    (dropped,) = workspace.query("select count(*) from marts.fct_duplicate_calls")
    assert stated[0] == calls[0] + dropped[0]
