"""Dated names of models: a workspace's own, `config/models.csv`, and those that Outlay ships.

A row says what a name meant while: a deployment that moved to another model, a word of a bill that
no rule reads. The workspace's rows go before everything else, the shipped ones after the price
book's own names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated

from ingest.prices.lookup import name_candidates
from ingest.prices.vocabulary import canonical_provider
from ingest.reference.columns import Validity
from ingest.reference.row import Row
from ingest.reference.table import Column, Note, ReferenceRow, ReferenceTable

_SHIPPED = Path(__file__).with_name("model_aliases.csv")
_VALIDITY = Validity("name")


def _provider(row: Row, column: str) -> str | None:
    return canonical_provider(row[column])


def _name(row: Row, column: str) -> str:
    if not row[column]:
        row.refuse(
            column,
            "is empty: write the name that calls or bills use under `model`, "
            "what it means under `model_id`",
        )
    return row[column].lower()


@dataclass(frozen=True)
class Alias(ReferenceRow):
    """What one name means."""

    provider: Annotated[str | None, Column("who uses the name; empty: any", _provider)]
    model: Annotated[str, Column("the name as calls or bills have it", _name, is_required=True)]
    model_id: Annotated[
        str,
        Column(
            "what it means: a model's name in the price book, or one that the book lacks",
            _name,
            is_required=True,
        ),
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    note: Note = field(default="", compare=False)


MODEL_NAMES = ReferenceTable(
    name="model_names",
    file="config/models.csv",
    title="what names of models mean; `outlay unmapped` proposes",
    row_type=Alias,
    key=("provider", "model"),
    verb="explains",
)


@cache
def shipped_aliases() -> tuple[Alias, ...]:
    """The names that come with Outlay, each with its source in its note."""
    return MODEL_NAMES.read(_SHIPPED, shown_as=_SHIPPED.name)


def aliases_of(provider: str | None, model: str, aliases: Sequence[Alias]) -> Iterator[Alias]:
    """The rows about a name, in the order in which they count: of its provider, then of any."""
    names = list(name_candidates(canonical_provider(provider), model))
    for wanted in (*names, *((None, name) for _, name in names)):
        yield from (alias for alias in aliases if (alias.provider, alias.model) == wanted)
