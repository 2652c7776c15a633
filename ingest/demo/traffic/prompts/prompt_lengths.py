"""Prompts that became longer or shorter: by a release, and by a compressor before the model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from ingest.demo.clock import day_date, day_index, local, utc
from ingest.demo.company.prices import rates_at
from ingest.demo.company.workloads import PROMPT_VERSIONS, SHORTER_STARTS
from ingest.demo.money import usd_text
from ingest.demo.traffic.calls import Call

COMPRESSED_FEATURE, COMPRESSED_FROM = "contract_check", utc("2026-07-13")
"""Whose prompts pass a compressor from a Monday on; the application states what they were."""

COMPRESSED_TO = Fraction(4, 5)

RELEASES = {
    later[1]: (feature, earlier[1], later[0])
    for feature, versions in PROMPT_VERSIONS.items()
    for earlier, later in pairwise(versions)
    if earlier[1] in SHORTER_STARTS
}
"""Versions that changed how long prompts begin: feature, version before, first moment."""


def uncompressed_tokens(call: Call) -> int | None:
    """Input tokens before compression, as the application states them."""
    compressed = call.owner.feature == COMPRESSED_FEATURE and call.started_us >= COMPRESSED_FROM
    return int(sum(call.tokens[:4]) / COMPRESSED_TO) if compressed and any(call.tokens) else None


@dataclass
class LengthTotals:
    """What shorter prompts saved; of longer ones below 0.

    Attributes:
        compression: nano-dollars by local month.
        releases: nano-dollars and tokens of a version's calls, by task and UTC month.
    """

    compression: Counter[str] = field(default_factory=Counter)
    releases: dict[tuple[str, str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def add(self, call: Call) -> None:
        """Add one call."""
        rates = rates_at(call.model, call.tier, call.started_us)
        if rates is None or call.gateway_hit or not any(call.tokens) or call.operation != "chat":
            return
        before = uncompressed_tokens(call)
        if before is not None:
            sent = sum(call.tokens[:4])
            cost = sum(n * rate for n, rate in zip(call.tokens[:4], rates, strict=False))
            saved = round(Fraction((before - sent) * cost, sent))
            self.compression[f"{local(call.started_us):%Y-%m}"] += saved
        owner = call.owner
        version = owner.prompt_version or ""
        if version in RELEASES and owner.task_id and call.tier == "standard":
            month = f"{day_date(day_index(call.started_us)):%Y-%m}"
            fewer = -SHORTER_STARTS[RELEASES[version][1]]
            totals = self.releases[owner.task_id, version, month]
            totals["nano"] += fewer * rates[_start_class(call)]
            totals["tokens"] += fewer

    def as_truth(self, closed: Iterable[str]) -> Mapping[str, object]:
        """The known answers; of releases those of `closed` tasks."""
        tasks = set(closed)
        found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for (task, version, month), totals in self.releases.items():
            if task in tasks:
                for name, count in totals.items():  # an update would drop what is below 0
                    found[version, month][name] += count
        return {
            "compression": [
                {"month": month, "usd": usd_text(nano)}
                for month, nano in sorted(self.compression.items())
            ],
            "prompt_releases": [
                {"month": month, "prompt_version": version, "feature": RELEASES[version][0],
                 "tokens": totals["tokens"], "usd": usd_text(totals["nano"])}
                for (version, month), totals in sorted(found.items())
            ],
        }  # fmt: skip


def _start_class(call: Call) -> int:
    """Class of the tokens that a prompt begins with: read, written for an hour, for less, plain."""
    return next((place for place in (1, 3, 2) if call.tokens[place]), 0)
