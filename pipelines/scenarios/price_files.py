"""A file of prices beside `config/prices.csv`: what it leaves out, and both as one file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ingest.prices.overrides import PRICES, Override
from ingest.reference.columns import ALWAYS, OPEN


@dataclass(frozen=True)
class PriceFile:
    """The prices of a file that a user gave.

    Attributes:
        path: the file.
        rows: its prices.
        own: those of the workspace's `config/prices.csv`.
    """

    path: Path
    rows: tuple[Override, ...]
    own: tuple[Override, ...]

    @classmethod
    def read(cls, path: Path, own: Path) -> PriceFile:
        """Read both files.

        Raises:
            ConfigError: a row is wrong; names its own file.
        """
        return cls(path, PRICES.read(path, shown_as=str(path)), PRICES.read(own))

    def left_out(self, first: datetime, last: datetime) -> list[Override]:
        """Prices of the workspace that the file does not state, as far as they hold in a time.

        Args:
            first: its beginning, UTC, naive.
            last: its end, exclusive.
        """
        return [
            price for price in self._kept() if price.valid_from < last and first < price.valid_to
        ]

    def write_added(self, target: Path) -> None:
        """Write both as one file: the file's prices, and the workspace's where it has none."""
        columns = (*PRICES.header, *PRICES.optional)
        with target.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows(map(_cells, [*self._kept(), *self.rows]))

    def _kept(self) -> Iterator[Override]:
        stated: dict[tuple[object, ...], list[Override]] = {}
        for row in self.rows:
            stated.setdefault(_key(row), []).append(row)
        for row in self.own:
            yield from _beside(row, stated.get(_key(row), ()))


def in_words(price: Override) -> str:
    """A price as a message names it: `openai gpt-5 output (batch) 3 from 2026-10-01`."""
    tier = "" if price.service_tier == "standard" else f" ({price.service_tier})"
    place = f" in {price.region}" if price.region else ""
    least = f" from {price.min_input_tokens:,} tokens" if price.min_input_tokens else ""
    start = "" if price.valid_from == ALWAYS else f" from {_stamp(price.valid_from)}"
    end = "" if price.valid_to == OPEN else f" to {_stamp(price.valid_to)}"
    name = f"{price.provider or 'any provider'} {price.model} {price.token_class}"
    return f"{name}{tier}{place}{least} {price.usd_per_mtok:f}{start}{end}"


def _beside(row: Override, others: Iterable[Override]) -> Sequence[Override]:
    """What is left of a price's time once others of the same cell are laid over it."""
    parts = [row]
    for other in others:
        parts = [
            replace(part, valid_from=start, valid_to=end)
            for part in parts
            for start, end in (
                (part.valid_from, min(part.valid_to, other.valid_from)),
                (max(part.valid_from, other.valid_to), part.valid_to),
            )
            if start < end
        ]
    return parts


def _key(row: Override) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in PRICES.key)


def _cells(row: Override) -> dict[str, str]:
    """A row as its file has it, with the time that is left of it."""
    start = "" if row.valid_from == ALWAYS else row.valid_from.isoformat()
    end = "" if row.valid_to == OPEN else row.valid_to.isoformat()
    return {**dict(row.row.cells), "valid_from": start, "valid_to": end}


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if moment.time() == datetime.min.time() else f"{moment} UTC"
