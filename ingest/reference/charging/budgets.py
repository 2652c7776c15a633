"""Monthly budgets of a workspace, `config/budgets.csv`: who may be charged how much, dated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ingest.reference.columns import SOURCE, Validity, number, text, word
from ingest.reference.table import Note, ReferenceRow, ReferenceTable

KINDS = ("cost_centre", "team", "feature", "tenant")
"""Kinds of members that get a statement."""

_VALIDITY = Validity(
    "budget", "month", "a budget holds for whole months: write the first day of one"
)


@dataclass(frozen=True)
class Budget(ReferenceRow):
    """What one member may be charged in a month."""

    kind: Annotated[str, word("what the member is", KINDS)]
    name: Annotated[str, text("the member", empty="name the member as its statement does")]
    monthly_usd: Annotated[Decimal, number("USD for a month")]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


BUDGETS = ReferenceTable(
    name="budgets",
    file="config/budgets.csv",
    title="monthly budgets",
    row_type=Budget,
    key=("kind", "name"),
    verb="budgets",
)
