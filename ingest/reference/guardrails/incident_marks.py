"""Marks of a workspace on its incidents, `config/incident_marks.csv`: seen, planned or false."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import pyarrow as pa

from ingest.reference.columns import SOURCE, moment_of, text, word
from ingest.reference.table import Column, Concern, Note, ReferenceRow, ReferenceTable

STATUSES = ("acknowledged", "planned", "false_alarm")
"""Somebody acts on it; it was meant; it is none."""


@dataclass(frozen=True)
class IncidentMark(ReferenceRow):
    """What somebody said of one incident."""

    incident_id: Annotated[
        str, text("the incident", empty="name the incident as rpt_incidents does")
    ]
    status: Annotated[str, word("what it is", STATUSES)]
    marked_by: Annotated[str, text("who says so", name="by", empty="name a person")]
    until: Annotated[
        datetime | None,
        Column(
            "moment (UTC) until which the mark holds for later incidents of the same scope, member"
            " and measure too; empty: for this one alone",
            moment_of,
            type=pa.timestamp("us"),
        ),
    ]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


def _refuse_repeated(marks: tuple[IncidentMark, ...]) -> None:
    """Refuse two marks on one incident: nobody could say which counts."""
    seen: dict[str, IncidentMark] = {}
    for mark in marks:
        first = seen.setdefault(mark.incident_id, mark)
        if first is not mark:
            mark.row.refuse("incident_id", f"line {first.row.line} marks it too: keep one")


INCIDENT_MARKS = ReferenceTable(
    name="incident_marks",
    file="config/incident_marks.csv",
    title="what people said of incidents",
    row_type=IncidentMark,
    concern=Concern(without_data=True),
    check=_refuse_repeated,
)
