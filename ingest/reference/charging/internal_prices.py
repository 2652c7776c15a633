"""What members are charged instead of cost, `config/internal_prices.csv`: a mark-up or a price.

A price changes what a member is charged and never what its work cost: a statement shows both, and
their difference on a line of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import pyarrow as pa

from ingest.reference.charging.budgets import KINDS
from ingest.reference.columns import MOST, SOURCE, Validity, decimal, one_of, text, word
from ingest.reference.row import Row
from ingest.reference.table import Column, Note, ReferenceRow, ReferenceTable

UNITS = {
    "percent": ("cost_centre", "team", "feature", "tenant"),
    "call": ("team", "feature", "tenant"),
    "million_tokens": ("team", "feature", "tenant"),
    "successful_task": ("feature", "tenant"),
}
"""What a value is for, and the kinds of members of which so much is known."""

_VALIDITY = Validity("price", "month", "a price holds for whole months: write the first day of one")


def _unit(row: Row, column: str) -> str:
    unit, kind = one_of(row, column, tuple(UNITS)), row["kind"]
    if kind not in UNITS[unit]:
        row.refuse(
            column,
            f"a {kind} cannot be charged by {unit}; those that can: " + ", ".join(UNITS[unit]),
        )
    return unit


def _value(row: Row, column: str) -> Decimal:
    what = "percent on top of cost" if row["unit"] == "percent" else "USD for one unit"
    return decimal(row, column, what, places=9, below=MOST, above_zero=False)


@dataclass(frozen=True)
class InternalPrice(ReferenceRow):
    """What one member, or every member of a kind without a row of its own, is charged."""

    kind: Annotated[str, word("what the member is", KINDS)]
    name: Annotated[
        str,
        text("the member; `*`: every other one", empty="name the member as its statement does"),
    ]
    unit: Annotated[
        str,
        Column(
            "what the value is for",
            _unit,
            type=pa.string(),
            is_required=True,
            allowed=tuple(UNITS),
        ),
    ]
    value: Annotated[
        Decimal,
        Column(
            "percent on top of cost, or USD for one unit",
            _value,
            type=pa.decimal128(18, 9),
            is_required=True,
        ),
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


INTERNAL_PRICES = ReferenceTable(
    name="internal_prices",
    file="config/internal_prices.csv",
    title="what is charged instead of cost",
    row_type=InternalPrice,
    key=("kind", "name"),
    verb="prices",
)
