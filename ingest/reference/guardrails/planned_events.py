"""Planned events of a workspace, `config/calendar.csv`: days on which more is usual, dated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ingest.reference.columns import SOURCE, Validity, number, text
from ingest.reference.table import Concern, Note, ReferenceRow, ReferenceTable

_VALIDITY = Validity(
    "event", missing="a planned event begins and ends: write both moments", most_days=366
)


@dataclass(frozen=True)
class PlannedEvent(ReferenceRow):
    """One event, and by how much it is expected to multiply what is usual."""

    event: Annotated[str, text("the event", empty="name the event, as incidents shall call it")]
    feature: Annotated[str | None, text("whose calls it multiplies; empty: everybody's")]
    uplift: Annotated[
        Decimal,
        number("factor of usual spend", digits=9, places=4, below=1000, above_zero=True),
    ]
    owner: Annotated[str, text("who planned it", empty="name a team or a person")]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


PLANNED_EVENTS = ReferenceTable(
    name="planned_events",
    file="config/calendar.csv",
    title="planned events and their uplift",
    row_type=PlannedEvent,
    key=("event", "feature"),
    verb="plans",
    # forecasts reach five weeks ahead
    concern=Concern(("gateway_calls",), noted_as="planned_events", days_before=36),
)
