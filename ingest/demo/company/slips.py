"""What the providers' bills say otherwise than the gateway, and why: each a known cause of a gap.

Usage that passes no gateway, days that are not billed yet, and charges that no call makes are
planted elsewhere; here are the causes that hide inside a line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass

from ingest.demo.clock import day_index, utc
from ingest.demo.company.prices import FABLE, HAIKU, MID, OPUS, PREVIEW, billed_rates_at

BilledKey = tuple[int, str, int, bool, str]
"""Day, model, token class, whether it bypassed the gateway, and its region, `` for any."""

Usage = MutableMapping[BilledKey, list[int]]
"""Tokens and nano-dollars."""


def _day(text: str) -> int:
    return day_index(utc(text))


METERED = (_day("2026-08-18"), FABLE)
"""Three in ten tokens that the gateway saw read from the cache are billed as uncached input."""

SHIFTED = (_day("2026-08-20"), MID)
"""A quarter of the day's tokens of every class is billed on the day after."""

DEARER = tuple((_day(f"2026-08-{number}"), OPUS) for number in (24, 25))
"""Two days are billed at 1.1 times the price list, as inference pinned to one country is."""

IN_CENTS = (_day("2026-08-27"), HAIKU)
"""The day's lines are rounded to whole cents."""

UNPRICED = (_day("2026-08-28"), PREVIEW)
"""A preview that no price list names: the calls have no estimate."""

TOUCHED = {METERED, SHIFTED, (SHIFTED[0] + 1, MID), *DEARER, IN_CENTS, UNPRICED}
"""Days and models that nothing else may disturb, so that each cause stays alone."""

_READ, _UNCACHED = 1, 0
_CENT = 10_000_000


@dataclass(frozen=True, slots=True)
class Slip:
    """Nano-dollars by which one day of a model is billed above the calls' estimate, and why."""

    cause: str
    day: int
    model: str
    nano: int


def apply_slips(usage: Usage) -> list[Slip]:
    """Change what is billed and say by how much, cause by cause."""
    found: Counter[tuple[str, int, str]] = Counter()
    for day, model, change in (
        (*METERED, _metered),
        (*SHIFTED, _shifted),
        *((day, model, _dearer) for day, model in DEARER),
        (*IN_CENTS, _in_cents),
        (*UNPRICED, _unpriced),
    ):
        found.update(change(usage, day, model))
    return [Slip(*key, nano) for key, nano in sorted(found.items()) if nano]


def _lines(usage: Usage, day: int, model: str) -> list[tuple[int, list[int]]]:
    """Token class and (tokens, nano-dollars) of what passed the gateway."""
    return [
        (key[2], line)
        for key, line in sorted(usage.items())
        if key[:2] == (day, model) and not key[3]
    ]


def _move(
    usage: Usage,
    source: BilledKey,
    target: BilledKey,
    count: int,
    rates: tuple[int, int],
) -> None:
    usage[source][0] -= count
    usage[source][1] -= count * rates[0]
    there = usage.setdefault(target, [0, 0])
    there[0] += count
    there[1] += count * rates[1]


def _metered(usage: Usage, day: int, model: str) -> Counter[tuple[str, int, str]]:
    read = usage.get((day, model, _READ, False, ""))
    if not read:
        return Counter()
    prices = billed_rates_at(model, "standard", day)
    count = read[0] * 3 // 10
    _move(
        usage,
        (day, model, _READ, False, ""),
        (day, model, _UNCACHED, False, ""),
        count,
        (prices[_READ], prices[_UNCACHED]),
    )
    return Counter({("token_class", day, model): count * (prices[_UNCACHED] - prices[_READ])})


def _shifted(usage: Usage, day: int, model: str) -> Counter[tuple[str, int, str]]:
    moved: Counter[tuple[str, int, str]] = Counter()
    prices = billed_rates_at(model, "standard", day)
    for token_class, (tokens, _) in _lines(usage, day, model):
        count = tokens // 4
        rate = prices[token_class]
        _move(
            usage,
            (day, model, token_class, False, ""),
            (day + 1, model, token_class, False, ""),
            count,
            (rate, rate),
        )
        moved["day_shift", day, model] -= count * rate
        moved["day_shift", day + 1, model] += count * rate
    return moved


def _dearer(usage: Usage, day: int, model: str) -> Counter[tuple[str, int, str]]:
    more = 0
    for _, line in _lines(usage, day, model):
        more += line[1] // 10
        line[1] += line[1] // 10
    return Counter({("price", day, model): more})


def _in_cents(usage: Usage, day: int, model: str) -> Counter[tuple[str, int, str]]:
    off = 0
    for _, line in _lines(usage, day, model):
        rounded = (line[1] + _CENT // 2) // _CENT * _CENT
        off += rounded - line[1]
        line[1] = rounded
    return Counter({("rounding", day, model): off})


def _unpriced(usage: Usage, day: int, model: str) -> Counter[tuple[str, int, str]]:
    return Counter(
        {("unpriced", day, model): sum(line[1] for _, line in _lines(usage, day, model))}
    )
