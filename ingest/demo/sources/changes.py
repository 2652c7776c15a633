"""What Larkspur changed: prompt versions, a provider's price, and releases that moved nothing.

Whoever looks for causes finds each planted one among many that look as good by their date.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from ingest.demo.clock import HOUR, day_index, day_start, iso_z
from ingest.demo.company.incidents import FALLBACK_STORM, INCIDENTS, PRICE_CUT
from ingest.demo.company.workloads import PROMPT_VERSIONS
from ingest.demo.traffic.calls import dice
from ingest.demo.traffic.prompts.cached_answers import PUBLISHED_FEATURE, PUBLISHES

HARMLESS = 35
"""Releases that moved nothing, none within four days of what did: no data tells those apart."""

_SERVICES = {
    "support-web": "support_assistant",
    "invoice-worker": "invoice_capture",
    "review-bot": "code_review_bot",
    "gateway": None,
}
"""What is released, with the feature that it serves; the gateway serves all."""


def write_changes(inbox: Path, seed: int, days: int) -> list[dict[str, Any]]:
    """Write `inbox/changes`, a file a month, and return its records."""
    records = [
        # a version that is taken up again is another change
        _record(f"{feature}-{version}-{number}", since, "prompt", feature, version, feature)
        for feature, versions in PROMPT_VERSIONS.items()
        for number, (since, version) in enumerate(versions[1:], start=1)
    ]
    model = PRICE_CUT.scope["model"]
    records.append(_record(f"price-{model}", PRICE_CUT.start_us, "price", model, None, None))
    storm = FALLBACK_STORM.scope["model"]
    records.append(_record(f"storm-{storm}", FALLBACK_STORM.start_us, "trouble", storm, None, None))
    rng = dice(seed, "changes")
    moved = [record["us"] for record in records]
    moved += [at_us for incident in INCIDENTS for at_us in (incident.start_us, incident.end_us)]
    taken = {day_index(at_us) for at_us in moved}
    free = [day for day in range(7, 113) if not taken & set(range(day - 4, day + 5))]
    for number in range(HARMLESS):
        service = rng.choice(list(_SERVICES))
        at_us = day_start(rng.choice(free)) + rng.randrange(7, 17) * HOUR
        version = f"1.{number}"
        records.append(
            _record(f"r{number}", at_us, "release", service, version, _SERVICES[service])
        )
    records += [
        _record(f"help-{number}", at_us, "publish", "help-pages", str(number), PUBLISHED_FEATURE)
        for number, at_us in enumerate(PUBLISHES, start=1)
    ]
    records = sorted(
        (record for record in records if day_index(record.pop("us")) < days),
        key=lambda record: (record["at"], record["id"]),
    )
    months = defaultdict(list)
    for record in records:
        months[record["at"][:7]].append(json.dumps(record) + "\n")
    folder = inbox / "changes"
    folder.mkdir(parents=True, exist_ok=True)
    for month, lines in months.items():
        (folder / f"{month}.jsonl").write_text("".join(lines), encoding="utf-8")
    return records


def _record(
    identifier: str, at_us: int, what: str, name: str, version: str | None, feature: str | None
) -> dict[str, Any]:
    return {
        "us": at_us, "id": identifier, "at": iso_z(at_us), "what": what, "name": name,
        "version": version, "feature": feature,
    }  # fmt: skip
