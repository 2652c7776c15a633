"""Dated names of models: a workspace's own, `config/models.csv`, and those that Outlay ships.

A row says what a name meant while: a deployment that moved to another model, a word of a bill that
no rule reads. The workspace's rows go before everything else, the shipped ones after the price
book's own names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from ingest.prices.lookup import name_candidates
from ingest.prices.vocabulary import canonical_provider
from ingest.reference.csv_table import Row, read_rows, refuse_overlaps

HEADER = ("provider", "model", "model_id", "valid_from", "valid_to", "note")

_SHIPPED = Path(__file__).with_name("model_aliases.csv")


@dataclass(frozen=True)
class Alias:
    """One row of a file of names.

    Attributes:
        provider: canonical provider; None for any.
        model: the name as calls or bills have it, lower case.
        model_id: what it means: a model's name in the price book, or one that the book lacks.
        valid_from: UTC, inclusive, naive.
        valid_to: UTC, exclusive, naive.
        row: where it stands.
    """

    provider: str | None
    model: str
    model_id: str
    valid_from: datetime
    valid_to: datetime
    row: Row

    @property
    def cell(self) -> tuple[str | None, str]:
        """What the row names; two rows of one cell must not overlap in time."""
        return self.provider, self.model


def read_aliases(path: Path, shown_as: str = "config/models.csv") -> tuple[Alias, ...]:
    """Read a file of names; a workspace without one has none.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: a wrong header or cell, or two rows that explain one name at one time.
    """
    aliases = tuple(map(_alias, read_rows(path, shown_as, HEADER)))
    refuse_overlaps(aliases, "explains")
    return aliases


@cache
def shipped_aliases() -> tuple[Alias, ...]:
    """The names that come with Outlay, each with its source in its note."""
    return read_aliases(_SHIPPED, _SHIPPED.name)


def aliases_of(provider: str | None, model: str, aliases: Sequence[Alias]) -> Iterator[Alias]:
    """The rows about a name, in the order in which they count: of its provider, then of any."""
    names = list(name_candidates(canonical_provider(provider), model))
    for wanted in (*names, *((None, name) for _, name in names)):
        yield from (alias for alias in aliases if alias.cell == wanted)


def _alias(row: Row) -> Alias:
    for column in ("model", "model_id"):
        if not row[column]:
            row.refuse(
                column,
                "is empty: write the name that calls or bills use under `model`, "
                "what it means under `model_id`",
            )
    valid_from, valid_to = row.validity("name")
    return Alias(
        canonical_provider(row["provider"]),
        row["model"].lower(),
        row["model_id"].lower(),
        valid_from,
        valid_to,
        row,
    )
