"""Fixed prices of tools and outside APIs, `config/tools.csv`: USD for a call, dated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ingest.reference.columns import SOURCE, Validity, number, text
from ingest.reference.table import Concern, Note, ReferenceRow, ReferenceTable

_LIMIT = 1_000_000  # more for one call is a mistake
_VALIDITY = Validity("price")


@dataclass(frozen=True)
class ToolPrice(ReferenceRow):
    """USD for a call of one tool that was answered."""

    tool: Annotated[str, text("the tool", empty="name the tool as the calls do")]
    usd_per_call: Annotated[Decimal, number("USD for one call", below=_LIMIT)]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


TOOL_PRICES = ReferenceTable(
    name="tool_prices",
    file="config/tools.csv",
    title="fixed prices of tools and outside APIs",
    row_type=ToolPrice,
    key=("tool",),
    verb="prices",
    concern=Concern(("gateway_calls",)),
)
