"""The Anthropic bill as its API answers: cost report in fractional cents, messages usage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from ingest.demo.clock import DAY, day_start, iso_z
from ingest.demo.company.prices import OFF_GATEWAY_ONLY
from ingest.demo.money import cents_text
from ingest.demo.sources.bills import PARTIAL, Bills, Line, Pull, pulls, seen

WORKSPACES = {False: None, True: "wrkspc_data_science"}
"""Gateway traffic uses the default workspace (null), direct traffic one of its own."""

_TOKEN_TYPE = (
    ("uncached_input_tokens", "Input Tokens"),
    ("cache_read_input_tokens", "Input Tokens, Cache Read"),
    ("cache_creation.ephemeral_5m_input_tokens", "Input Tokens, Cache Write 5m"),
    ("cache_creation.ephemeral_1h_input_tokens", "Input Tokens, Cache Write 1h"),
    ("output_tokens", "Output Tokens"),
)

Lines = Mapping[tuple[str, int], list[Line]]


def write_anthropic(folder: Path, bills: Bills) -> None:
    """Write one cost page and one usage page for each weekly pull."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = bills.lines()
    reports = (
        ("cost_report", "/v1/organizations/cost_report", "description", _cost_results),
        ("usage-messages", "/v1/organizations/usage_report/messages", "model", _usage_results),
    )
    for pull in pulls(bills.days):
        for name, endpoint, group, results in reports:
            buckets = [
                {
                    "starting_at": iso_z(day_start(number)),
                    "ending_at": iso_z(day_start(number) + DAY),
                    "results": results(_day(lines, pull, number)),
                }
                for number in pull.days
            ]
            path = folder / f"{name}-{iso_z(pull.fetched_us)[:10]}.json"
            _write(path, endpoint, group, pull, buckets)


def _write(path: Path, endpoint: str, group: str, pull: Pull, buckets: list[Any]) -> None:
    document = {
        "request": {
            "path": endpoint,
            "params": {
                "starting_at": iso_z(day_start(pull.days.start)),
                "bucket_width": "1d",
                "group_by": [group, "workspace_id"],
                "limit": 31,
            },
        },
        "fetched_at": iso_z(pull.fetched_us),
        "response": {"data": buckets, "has_more": False, "next_page": None},
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _day(lines: Lines, pull: Pull, day: int) -> list[Line]:
    part = PARTIAL if day == pull.partial_day else Fraction(1)
    return [seen(line, part) for line in lines.get(("anthropic", day), ())]


def _cost_results(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [_search_cost(line) if line.model is None else _token_cost(line) for line in lines]


def _token_cost(line: Line) -> dict[str, Any]:
    token_type, words = _TOKEN_TYPE[line.token_class]
    return {
        "amount": cents_text(line.nano),
        "currency": "USD",
        "description": f"{line.model} Usage - {words}",
        "cost_type": "tokens",
        "model": line.model,
        "token_type": token_type,
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": line.region or "global",
        "workspace_id": WORKSPACES[line.direct],
    }


def _search_cost(line: Line) -> dict[str, Any]:
    return {
        "amount": cents_text(line.nano),
        "currency": "USD",
        "description": "Web Search Usage",
        "cost_type": "web_search",
        "model": None,
        "token_type": None,
        "service_tier": None,
        "context_window": None,
        "inference_geo": None,
        "workspace_id": WORKSPACES[line.direct],
    }


def _usage_results(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """One result for each model and workspace; the last number of a sum counts web searches."""
    merged: dict[tuple[str, bool], list[int]] = {}
    for line in lines:
        model = line.model or OFF_GATEWAY_ONLY["anthropic"]
        merged.setdefault((model, line.direct), [0] * 6)[line.token_class] += line.quantity
    return [
        {
            "uncached_input_tokens": uncached,
            "cache_read_input_tokens": read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": write_5m,
                "ephemeral_1h_input_tokens": write_1h,
            },
            "output_tokens": output,
            "server_tool_use": {"web_search_requests": searches},
            "account_id": None,
            "api_key_id": None,
            "service_account_id": None,
            "workspace_id": WORKSPACES[direct],
            "model": model,
            "service_tier": None,
            "context_window": None,
            "inference_geo": None,
        }
        for (model, direct), (
            uncached,
            read,
            write_5m,
            write_1h,
            output,
            searches,
        ) in merged.items()
    ]
