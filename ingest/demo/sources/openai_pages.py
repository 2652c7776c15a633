"""The OpenAI bill as its API answers: organization costs and completions usage, in dollars."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from ingest.demo.clock import DAY, SECOND, day_start, iso_z
from ingest.demo.company.prices import EMBEDDER, PROVIDER_OF
from ingest.demo.money import usd_number, usd_text
from ingest.demo.sources.bills import PARTIAL, Bills, Line, Pull, pulls, seen

_DIRECTION = {0: "input", 1: "cached input", 4: "output"}
_ITEMS = {
    "web_search": "Web search tool calls",
    "file_search": "File search tool calls",
    "image_models": "Image models",
    "audio_models": "Audio models",
}
_UNITS = {"file_search": "requests", "image_models": "images", "audio_models": "seconds"}
"""Of web searches, the API states no quantity."""

Lines = Mapping[tuple[str, int], list[Line]]


def write_openai(folder: Path, bills: Bills) -> None:
    """Write one costs page and one usage page for each weekly pull."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = bills.lines()
    for pull in pulls(bills.days):
        day = iso_z(pull.fetched_us)[:10]
        _write(
            folder / f"costs-{day}.json",
            "/v1/organization/costs",
            "line_item",
            pull,
            [
                _bucket(number, _costs(_day(lines, pull, number), as_text=pull.days.start == 0))
                for number in pull.days
            ],
        )
        path = "/v1/organization/usage/completions"
        _write(
            folder / f"usage-completions-{day}.json",
            path,
            "model",
            pull,
            [
                _bucket(number, _usage(_day(lines, pull, number), _requests(bills, pull, number)))
                for number in pull.days
            ],
        )


def _write(path: Path, endpoint: str, group: str, pull: Pull, buckets: list[Any]) -> None:
    document = {
        "request": {
            "path": endpoint,
            "params": {
                "start_time": day_start(pull.days.start) // SECOND,
                "bucket_width": "1d",
                "group_by": [group],
                "limit": 31,
            },
        },
        "fetched_at": iso_z(pull.fetched_us),
        "response": {"object": "page", "data": buckets, "has_more": False, "next_page": None},
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _bucket(day: int, results: list[dict[str, Any]]) -> dict[str, Any]:
    start = day_start(day)
    return {
        "object": "bucket",
        "start_time": start // SECOND,
        "end_time": (start + DAY) // SECOND,
        "results": results,
    }


def _part(pull: Pull, day: int) -> Fraction:
    return PARTIAL if day == pull.partial_day else Fraction(1)


def _day(lines: Lines, pull: Pull, day: int) -> list[Line]:
    return [seen(line, _part(pull, day)) for line in lines.get(("openai", day), ())]


def _requests(bills: Bills, pull: Pull, day: int) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for (number, model, _), count in bills.requests.items():
        if number == day and PROVIDER_OF[model] == "openai":
            found[model] += int(count * _part(pull, day))
    return found


def _costs(lines: list[Line], *, as_text: bool) -> list[dict[str, Any]]:
    """One result for each line item; direct and gateway usage of a model are one item.

    Amounts stand `as_text` on the oldest pages; the API has been seen to do both.
    """
    merged: dict[str, list[int]] = {}
    units: dict[str, str | None] = {}
    for line in lines:
        item = _ITEMS[line.fee] if line.fee else f"{line.model}, {_DIRECTION[line.token_class]}"
        units[item] = _UNITS.get(line.fee) if line.fee else "tokens"
        total = merged.setdefault(item, [0, 0])
        total[0] += line.quantity
        total[1] += line.nano
    return [
        {
            "object": "organization.costs.result",
            "amount": {"value": usd_text(nano) if as_text else usd_number(nano), "currency": "usd"},
            "line_item": item,
            "project_id": None,
            "api_key_id": None,
            "quantity": quantity if units[item] else None,
            "quantity_unit": units[item],
        }
        for item, (quantity, nano) in merged.items()
    ]


def _usage(lines: list[Line], requests: Mapping[str, int]) -> list[dict[str, Any]]:
    """One result for each model; embeddings have an endpoint of their own."""
    merged: dict[str, list[int]] = {}
    for line in lines:
        if line.model and line.model != EMBEDDER:
            merged.setdefault(line.model, [0] * 5)[line.token_class] += line.quantity
    return [
        {
            "object": "organization.usage.completions.result",
            "input_tokens": uncached + cached,
            "input_cached_tokens": cached,
            "input_cache_write_tokens": 0,
            "input_uncached_tokens": uncached,
            "output_tokens": output,
            "num_model_requests": requests.get(model, 0),
            "project_id": None,
            "user_id": None,
            "api_key_id": None,
            "model": model,
            "batch": None,
            "service_tier": None,
        }
        for model, (uncached, cached, _, _, output) in merged.items()
    ]
