"""Reads the generated files with nothing but json, csv and gzip, and prices with genai-prices.

Nothing here imports the generator, so that what the tests recompute is independent of it.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import genai_prices
from genai_prices import Usage

CLASSES = ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output")
BATCH_RATES = {"input_uncached": "0.2", "cache_read": "0.1", "output": "0.8"}
TOOL_PRICES = {"market-data": Decimal("0.60"), "help-search": Decimal("0.45")}
"""USD for one call; what sells them sends no bill."""
BERLIN = ZoneInfo("Europe/Berlin")


@cache
def rate(model: str, tier: str, token_class: str, day: date) -> Decimal | None:
    """USD per token by genai-prices as of noon of `day`; None when it knows no such model."""
    if tier == "batch":
        return Decimal(BATCH_RATES[token_class]).scaleb(-6)
    n = 100_000
    usage = {
        "input_uncached": Usage(input_tokens=n),
        "cache_read": Usage(input_tokens=n, cache_read_tokens=n),
        "cache_write_5m": Usage(input_tokens=n, cache_write_tokens=n),
        "cache_write_1h": Usage(input_tokens=n, cache_write_tokens=n, cache_write_1h_tokens=n),
        "output": Usage(output_tokens=n),
    }[token_class]
    try:
        price = genai_prices.calc_price(
            usage,
            model,
            provider_id="anthropic" if model.startswith("claude") else "openai",
            genai_request_timestamp=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        )
    except LookupError:
        return None
    return price.total_price / n


@dataclass(frozen=True)
class PlainCall:
    """One record of a call file, typed by hand."""

    source: str
    file: str
    id: str
    request: str
    started: Decimal
    model: str
    tier: str
    operation: str
    tokens: dict[str, int]
    hit: bool
    status: str
    reported: Decimal
    tenant: str | None
    feature: str | None
    task: str | None
    task_type: str | None
    traffic_class: str | None = None

    @property
    def moment(self) -> datetime:
        whole = datetime.fromtimestamp(int(self.started), UTC)
        return whole.replace(microsecond=int(self.started % 1 * 1_000_000))

    @property
    def day(self) -> date:
        return self.moment.date()

    def cost(self, *, hits_too: bool = False) -> Decimal | None:
        """Tokens times price; 0 for gateway hits, None when a price is missing."""
        if self.hit and not hits_too:
            return Decimal(0)
        if self.model in TOOL_PRICES:
            return TOOL_PRICES[self.model]
        total = Decimal(0)
        for token_class, count in self.tokens.items():
            if count:
                price = rate(self.model, self.tier, token_class, self.day)
                if price is None:
                    return None
                total += count * price
        return total


@dataclass(frozen=True)
class Demo:
    """A generated workspace and its known answers."""

    folder: Path
    truth: dict[str, Any]

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @cached_property
    def rows(self) -> list[PlainCall]:
        """Every readable row of the call sources, duplicates included."""
        return [*self.gateway_rows(), *self.batch_rows(), *self.traced_rows(), *self.searches()]

    @cached_property
    def calls(self) -> list[PlainCall]:
        """Distinct calls: a gateway record is known by its id and start."""
        return list({(row.source, row.id, row.started): row for row in self.rows}.values())

    def gateway_lines(self) -> Iterator[tuple[str, int, str]]:
        for path in sorted((self.inbox / "litellm").iterdir()):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for number, text in enumerate(lines, 1):
                    yield path.name, number, text

    def bad_lines(self) -> list[tuple[str, int]]:
        return [(name, n) for name, n, text in self.gateway_lines() if _record(text) is None]

    def gateway_rows(self) -> Iterator[PlainCall]:
        for name, _, text in self.gateway_lines():
            record = _record(text)
            if record is not None:
                yield _gateway_call(name, record)

    def batch_rows(self) -> Iterator[PlainCall]:
        for path in sorted((self.inbox / "batch-jobs").iterdir()):
            for text in path.read_text("utf-8").splitlines():
                yield _batch_call(path.name, json.loads(text, parse_float=Decimal))

    def traced_rows(self) -> Iterator[PlainCall]:
        """Calls of the agents' spans; whose they are, the first span of a trace says."""
        for path in sorted((self.inbox / "agents").iterdir()):
            for text in path.read_text("utf-8").splitlines():
                request = json.loads(text, parse_float=Decimal)
                spans = request["resourceSpans"][0]["scopeSpans"][0]["spans"]
                payer = _attributes(spans[0])
                for span in spans[2:]:
                    yield _traced_call(path.name, span, payer)

    def searches(self) -> Iterator[PlainCall]:
        for path in sorted((self.inbox / "help-search").iterdir()):
            for text in path.read_text("utf-8").splitlines():
                yield _search(path.name, json.loads(text, parse_float=Decimal))

    def evaluations(self) -> list[tuple[str, str, str, datetime]]:
        """(task, evaluator, outcome, UTC time) of every evaluation."""
        return [*self._business(), *self._reviews()]

    def _business(self) -> Iterator[tuple[str, str, str, datetime]]:
        meaning = {
            "resolved": "success",
            "posted": "success",
            "merged": "success",
            "escalated": "failure",
            "withdrawn": "neutral",
            "rejected": "failure",
            "closed_unmerged": "failure",
            "reopened": "reopened",
            "reverted": "reopened",
            "waiting": "pending",
        }
        for path in sorted((self.inbox / "outcomes").iterdir()):
            with path.open(encoding="utf-8", newline="") as text:
                for row in csv.DictReader(text):
                    closed = datetime.fromisoformat(row["closed_at"]).replace(tzinfo=BERLIN)
                    outcome = meaning[row["resolution"]]
                    yield row["ticket_id"], "business_system", outcome, closed.astimezone(UTC)

    def _reviews(self) -> Iterator[tuple[str, str, str, datetime]]:
        meaning = {"pass": "success", "fail": "failure"}
        for path in sorted((self.inbox / "reviews").iterdir()):
            for text in path.read_text("utf-8").splitlines():
                row = json.loads(text)
                at = datetime.fromisoformat(row["at"])
                yield row["task"], row["judge"]["type"], meaning[row["verdict"]], at

    def scores(self) -> dict[str, float]:
        """Of each task that the model scored, its score."""
        return {
            row["task"]: row["score"]
            for path in sorted((self.inbox / "reviews").iterdir())
            for row in map(json.loads, path.read_text("utf-8").splitlines())
            if row["score"] is not None
        }

    def pages(self, source: str, prefix: str) -> list[dict[str, Any]]:
        """Pages of one endpoint, oldest fetch first."""
        pages = [
            json.loads(path.read_text("utf-8"), parse_float=Decimal)
            for path in (self.inbox / source).glob(f"{prefix}*.json")
        ]
        return sorted(pages, key=lambda page: str(page["fetched_at"]))


def _record(text: str) -> dict[str, Any] | None:
    """The record of a line that is a call; None for anything else."""
    try:
        record: dict[str, Any] = json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
    return record if record["startTime"] is not None else None


def _gateway_call(file: str, record: dict[str, Any]) -> PlainCall:
    usage = record["metadata"]["usage_object"]
    details = usage.get("prompt_tokens_details") or {}
    written = details.get("cache_creation_token_details") or {}
    read = details.get("cached_tokens") or 0
    write_5m = written.get("ephemeral_5m_input_tokens", 0)
    write_1h = written.get("ephemeral_1h_input_tokens", 0)
    uncached = record["prompt_tokens"] - read - write_5m - write_1h
    gone = record["error_information"]["error_class"] == "ClientDisconnected"
    logged = record["metadata"]["spend_logs_metadata"] or {}
    tags = dict(tag.split(":", 1) for tag in record["request_tags"])
    status = "aborted" if gone else ("ok" if record["status"] == "success" else "error")
    return PlainCall(
        "litellm",
        file,
        record["id"],
        record["litellm_call_id"],
        Decimal(record["startTime"]),
        record["model"].split("/", 1)[1],
        "standard",
        "embeddings" if record["call_type"] == "aembedding" else "chat",
        dict(
            zip(
                CLASSES,
                (uncached, read, write_5m, write_1h, record["completion_tokens"]),
                strict=True,
            )
        ),
        record["cache_hit"] is True,
        status,
        Decimal(record["response_cost"]),
        logged.get("tenant_id"),
        tags.get("feature"),
        logged.get("task_id"),
        logged.get("task_type"),
        logged.get("traffic_class"),
    )


def _batch_call(file: str, record: dict[str, Any]) -> PlainCall:
    usage, job = record["usage"], record["job"]
    tags = dict(tag.split(":", 1) for tag in record["labels"])
    counts = (usage["in"] - usage["cached"], usage["cached"], 0, 0, usage["out"])
    call_id = f"{job['id']}/{record['step']}"
    return PlainCall(
        "batch-jobs",
        file,
        call_id,
        call_id,
        Decimal(record["ts"]).scaleb(-3),
        record["model"],
        "batch",
        "chat",
        dict(zip(CLASSES, counts, strict=True)),
        False,
        "ok" if record["result"] == "completed" else "error",
        Decimal(record["cost_cents"]).scaleb(-2),
        job["customer"],
        tags.get("feature"),
        job["task"],
        job["kind"],
    )


def _attributes(span: dict[str, Any]) -> dict[str, Any]:
    return {item["key"]: next(iter(item["value"].values())) for item in span["attributes"]}


def _traced_call(file: str, span: dict[str, Any], payer: dict[str, Any]) -> PlainCall:
    own = _attributes(span)
    return PlainCall(
        "agents",
        file,
        span["spanId"],
        span["spanId"],
        Decimal(span["startTimeUnixNano"]).scaleb(-9),
        own.get("gen_ai.request.model") or own["gen_ai.tool.name"],
        "standard",
        own["gen_ai.operation.name"],
        dict.fromkeys(CLASSES, 0)
        | {
            "input_uncached": int(own.get("gen_ai.usage.input_tokens", 0)),
            "output": int(own.get("gen_ai.usage.output_tokens", 0)),
        },
        False,
        "ok",
        Decimal(own["gen_ai.usage.cost"]),
        payer.get("app.tenant_id"),
        payer["app.feature"],
        payer["app.task_id"],
        payer["app.task_type"],
    )


def _search(file: str, record: dict[str, Any]) -> PlainCall:
    started = datetime.fromisoformat(record["at"])
    return PlainCall(
        "help-search",
        file,
        record["id"],
        record["id"],
        Decimal(int(started.replace(microsecond=0).timestamp()))
        + started.microsecond * Decimal("0.000001"),
        "help-search",
        "standard",
        "retrieval",
        dict.fromkeys(CLASSES, 0),
        record["cached"],
        "ok",
        Decimal(record["cost"]),
        record["customer"],
        "support_assistant",
        None,
        None,
    )
