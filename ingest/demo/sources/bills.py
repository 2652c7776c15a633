"""What the providers bill: exact sums of the usage they saw, and when each page was pulled.

A bill cell is one provider x UTC day x model x token class x source. `gateway` usage also stands
in the logs; `direct` usage passes no gateway, so only the bill knows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ingest.demo.clock import HOUR, day_index, day_start, utc
from ingest.demo.company.prices import (
    BATCH_MODEL,
    EMBEDDER,
    FEE_NANO,
    IN_HOUSE,
    LONG_FROM,
    MID,
    OFF_GATEWAY_ONLY,
    PROVIDER_OF,
    WEB_SEARCH,
    billed_rates_at,
)
from ingest.demo.company.slips import TOUCHED, BilledKey, Slip, apply_slips
from ingest.demo.traffic.calls import Call, dice

LAG_DAYS = 2
"""The newest days that no bill covers yet."""

PULL_EVERY, PULL_WINDOW, PULL_HOUR = 7, 9, 4
"""A weekly pull at 04:00 UTC of the nine newest billed days, so that days are pulled again."""

PARTIAL = Fraction(3, 5)
"""Part of the newest day's usage that a pull already sees; the next pull restates the day."""

SHARED_PER_DAY, ALONE_PER_DAY, SEARCHES_PER_DAY = 0.3, 0.35, 0.5

SEARCHES = 100
"""Web searches come by the hundred."""

PIECES_FROM = utc("2026-07-14")
PIECES = {"image_models": (10, 40), "audio_models": (6_000, 15_000), "file_search": (200, 500)}
"""What the design team's tools use of OpenAI a day from then on: images, seconds, requests."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Key of one bill cell; `direct` marks usage that only the bill sees.

    Attributes:
        from_tokens: tokens in from which the prices of its requests hold.
    """

    day: int
    model: str
    tier: str
    token_class: int
    direct: bool
    region: str | None = None
    from_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a day's bill: token usage of a model, or pieces of a `fee` without a model."""

    model: str | None
    token_class: int
    direct: bool
    quantity: int
    nano: int
    region: str | None = None
    fee: str | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull: the days it covers and the day of which it sees only a part, if any."""

    fetched_us: int
    days: range
    partial_day: int | None


def pulls(days: int) -> Iterator[Pull]:
    """The pulls of a `days` long history, oldest first; the last one is complete."""
    last = days - 1
    for fetched in [*range(PULL_EVERY + 1, last, PULL_EVERY), last]:
        newest = fetched - LAG_DAYS
        window = range(max(0, newest - PULL_WINDOW + 1), newest + 1)
        partial = newest if fetched < last else None
        yield Pull(day_start(fetched) + PULL_HOUR * HOUR, window, partial)


@dataclass
class Bills:
    """Usage by bill cell, filled call by call, completed by `add_direct_usage`.

    Attributes:
        hosted_tokens: of the company's own model, by day; who hosts it bills them.
        modified: days and models of which some usage does not cost the standard price.
    """

    seed: int
    days: int
    tokens: dict[Cell, int] = field(default_factory=lambda: defaultdict(int))
    modified: set[tuple[int, str]] = field(default_factory=set)
    requests: dict[tuple[int, str, bool], int] = field(default_factory=lambda: defaultdict(int))
    fees: dict[tuple[int, str, str], int] = field(default_factory=dict)
    hosted_tokens: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def billed_days(self) -> range:
        """Days that the newest pull covers or an older one did."""
        return range(max(0, self.days - LAG_DAYS))

    def add(self, call: Call) -> None:
        """Count what the provider bills for one call."""
        day = day_index(call.started_us)
        if call.model == IN_HOUSE:
            self.hosted_tokens[day] += sum(call.billable_tokens)
            return
        if not any(call.billable_tokens):
            return
        self.requests[day, call.model, False] += 1
        is_long = call.model == MID and sum(call.tokens[:4]) >= LONG_FROM
        for token_class, count in enumerate(call.billable_tokens):
            if count:
                cell = Cell(
                    day, call.model, call.tier, token_class, False, call.region,
                    LONG_FROM if is_long else 0,
                )  # fmt: skip
                self.tokens[cell] += count
                if cell != Cell(day, call.model, "standard", token_class, False):
                    self.modified.add((day, call.model))

    def add_direct_usage(self) -> None:
        """Add what never passed the gateway: shared cells, models of its own, fees.

        In a cell that the gateway also used it is at least nine percent of the gateway's usage of
        every token class, hence of its cost; that usage is at standard prices alone, so that what
        passed no gateway can be told from what was dearer.
        """
        shared: dict[tuple[int, str], list[str]] = defaultdict(list)
        for day, model, _ in sorted(self.requests):
            if model not in (EMBEDDER, BATCH_MODEL) and (day, model) not in TOUCHED:
                shared[day, PROVIDER_OF[model]].append(model)
        for day in range(self.days):
            for provider in ("openai", "anthropic"):
                rng = dice(self.seed, "direct", provider, day)
                models = shared[day, provider]
                if models and rng.random() < SHARED_PER_DAY:
                    self._add_beside(day, rng.choice(models), rng.randint(9, 28))
                if rng.random() < ALONE_PER_DAY:
                    self._add_alone(day, OFF_GATEWAY_ONLY[provider], rng.randint(20, 90))
                if rng.random() < SEARCHES_PER_DAY:
                    self.fees[day, provider, WEB_SEARCH] = rng.randint(3, 40) * SEARCHES
            if day_start(day) >= PIECES_FROM:
                rng = dice(self.seed, "pieces", day)
                for fee, (least, most) in PIECES.items():
                    self.fees[day, "openai", fee] = rng.randint(least, most)

    def _add_beside(self, day: int, model: str, percent: int) -> None:
        """Direct usage of `percent` of the gateway's usage, rounded up in every class."""
        if (day, model) in self.modified:
            return
        for token_class in range(5):
            used = self.tokens.get(Cell(day, model, "standard", token_class, False), 0)
            if used:
                cell = Cell(day, model, "standard", token_class, True)
                self.tokens[cell] = -(-used * percent // 100)
        self.requests[day, model, True] = 20 + percent

    def _add_alone(self, day: int, model: str, calls: int) -> None:
        for token_class, each in ((0, 90_000), (4, 6_000)):
            self.tokens[Cell(day, model, "standard", token_class, True)] = each * calls
        self.requests[day, model, True] = calls

    def lines(self) -> dict[tuple[str, int], list[Line]]:
        """Bill lines by provider and day: tiers are merged, as the providers' line items do."""
        merged, _ = self._merged()
        by_day: dict[tuple[str, int], list[Line]] = defaultdict(list)
        for (day, model, token_class, direct, region), (count, nano) in sorted(merged.items()):
            line = Line(model, token_class, direct, count, nano, region or None)
            by_day[PROVIDER_OF[model], day].append(line)
        for (day, provider, fee), count in sorted(self.fees.items()):
            line = Line(None, -1, True, count, count * FEE_NANO[fee], fee=fee)
            by_day[provider, day].append(line)
        return by_day

    def slips(self) -> list[Slip]:
        """What the bills say otherwise than the gateway, on days that are billed."""
        _, slips = self._merged()
        return [slip for slip in slips if slip.day in self.billed_days]

    def _merged(self) -> tuple[dict[BilledKey, list[int]], list[Slip]]:
        merged: dict[BilledKey, list[int]] = defaultdict(lambda: [0, 0])
        for cell, count in self.tokens.items():
            rates = billed_rates_at(cell.model, cell.tier, cell.day, cell.region, cell.from_tokens)
            total = merged[cell.day, cell.model, cell.token_class, cell.direct, cell.region or ""]
            total[0] += count
            total[1] += count * rates[cell.token_class]
        return merged, apply_slips(merged)


def seen(line: Line, part: Fraction) -> Line:
    """The line as a pull sees it that knows only `part` of the day's usage."""
    if part == 1:
        return line
    quantity = int(line.quantity * part)
    nano = line.nano // line.quantity * quantity if line.quantity else 0
    return replace(line, quantity=quantity, nano=nano)
