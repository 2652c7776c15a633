"""Task types, `config/task_types.csv`: what is a success of each, and what it is worth.

A row holds for the evaluations of its days. A type without a row, and whatever a row leaves empty,
is as the evaluations have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import pyarrow as pa

from ingest.reference.columns import SOURCE, Validity, decimal, optional_number, text
from ingest.reference.row import Row
from ingest.reference.table import Column, Concern, Note, ReferenceRow, ReferenceTable

VERDICTS = ("success", "failure", "neutral")
"""What a task can be: columns of the words that say so."""

LONGEST_HOLD_DAYS = 366
"""A longer hold would keep figures of closed years open."""

_VALIDITY = Validity(
    "row", "day", "an evaluation is judged by the row of its UTC day: write YYYY-MM-DD"
)


def _words(row: Row, column: str) -> tuple[str, ...]:
    """Words of a cell, lower case; a word that stands in two columns could mean either."""
    words = _split(row[column])
    if "" in words:
        row.refuse(column, "write outcomes with | between: resolved | answered")
    for other in VERDICTS[: VERDICTS.index(column)]:
        for word in words:
            if word in _split(row[other]):
                row.refuse(column, f"{word!r} stands under {other} too: keep one of them")
    return words


def _split(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w.strip().lower() for w in cell.split("|"))) if cell else ()


def _outcomes(verdict: str) -> Column:
    doc = (
        f"outcomes that are a {verdict}, `|` between: the source's own words, in any case, or"
        " `success`, `failure`, `reopened`, `pending` where it has none; others stay what the"
        " source's settings make of them"
        if verdict != "neutral"
        else "outcomes that are neither; their cost stays, and is a part of the waste"
    )
    return Column(doc, _words, type=pa.list_(pa.string()), to_raw=list)


def _hold(row: Row, column: str) -> int | None:
    if not row[column]:
        return None
    what = "a whole number of days"
    return int(decimal(row, column, what, places=0, below=LONGEST_HOLD_DAYS + 1, above_zero=True))


_HOURLY = optional_number("USD for an hour")


def _rate(row: Row, column: str) -> Decimal | None:
    if row["human_minutes"] and not row[column]:
        row.refuse(column, "human_minutes need the rate of an hour: write USD")
    found: Decimal | None = _HOURLY.parse(row, column)
    return found


@dataclass(frozen=True)
class TaskType(ReferenceRow):
    """What one type of task counts as, and what it is worth."""

    task_type: Annotated[str, text("the type", empty="name the task type as calls do")]
    success: Annotated[tuple[str, ...], _outcomes("success")]
    failure: Annotated[tuple[str, ...], _outcomes("failure")]
    neutral: Annotated[tuple[str, ...], _outcomes("neutral")]
    min_score: Annotated[
        Decimal | None, optional_number("the score below which no task is a success")
    ]
    hold_days: Annotated[
        int | None,
        Column(
            "days after which a success stays one: a later reopening is a reversal of its own day;"
            " empty: a reopening takes it back whenever it comes",
            _hold,
            type=pa.int64(),
        ),
    ]
    human_minutes: Annotated[
        Decimal | None,
        optional_number("minutes of people's work on a task, where its evaluations state none"),
    ]
    human_usd_per_hour: Annotated[
        Decimal | None, Column("USD for an hour of it", _rate, type=pa.decimal128(18, 9))
    ]
    value_usd: Annotated[Decimal | None, optional_number("USD that a success is worth")]
    baseline_usd: Annotated[
        Decimal | None, optional_number("USD that the same success cost before, without models")
    ]
    one_off_usd: Annotated[
        Decimal | None,
        replace(
            optional_number("USD that it cost, once, to have models do it", above_zero=True),
            is_optional=True,
        ),
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


TASK_TYPES = ReferenceTable(
    name="task_types",
    file="config/task_types.csv",
    title="what is a success of each type of task, and what it is worth",
    row_type=TaskType,
    key=("task_type",),
    verb="states",
    concern=Concern(("task_outcomes",), noted_as="task_outcomes"),
)
