"""Experiments of a workspace, `config/experiments.csv`: registered before they begin.

A row says beforehand what is compared, what counts as proof, and when the change is taken back.
Once it has begun, the row stays as it is (`pipelines/config_history/registrations.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated

import pyarrow as pa

from ingest.reference.columns import (
    SOURCE,
    Validity,
    computed,
    decimal,
    optional_number,
    text,
    word,
)
from ingest.reference.guardrails.sequential_bounds import MOST_LOOKS, sequential_bounds
from ingest.reference.row import Row
from ingest.reference.table import Column, Concern, Note, ReferenceRow, ReferenceTable

UNITS = ("task", "tenant")
"""Who is given a variant at random: tasks of one tenant are alike, and count as one."""

_LATER_RULES = frozenset({"error_margin", "p95_limit"})
"""Columns that older files lack: empty, they say what a file without them says."""

_VALIDITY = Validity(
    "experiment",
    missing="an experiment has a start and a deadline: write both moments",
    most_days=366,
)


def _rule(doc: str) -> Column:
    return optional_number(doc, empty="no such rule", above_zero=True)


def _count(row: Row, column: str, what: str, most: int) -> int:
    stated = row[column]
    if not stated.isdecimal() or not 1 <= int(stated) <= most:
        row.refuse(column, f"{stated!r} is not {what}: write a whole number, 1 to {most:,}")
    return int(stated)


def _looks(row: Row, column: str) -> int:
    return _count(row, column, "a number of looks", MOST_LOOKS)


def _bounds(row: Row) -> tuple[float, ...]:
    return sequential_bounds(_looks(row, "looks"))


def _planned(row: Row, column: str) -> int:
    return _count(row, column, "a number of tasks", 1_000_000_000)


def _margin(row: Row, column: str) -> Decimal:
    return decimal(
        row, column, "the success rate that may be lost", places=6, below=1, above_zero=True
    )


def _error_margin(row: Row, column: str) -> Decimal | None:
    if not row[column]:
        return None
    return decimal(
        row, column, "the error rate that may be added", places=6, below=1, above_zero=False
    )


def _p95_limit(row: Row, column: str) -> Decimal | None:
    if not row[column]:
        return None
    stated = decimal(
        row, column, "a factor of the control's p95", places=6, below=1000, above_zero=True
    )
    if stated < 1:
        row.refuse(column, "write 1 or more: a candidate that is as fast as the control is fine")
    return stated


def _registration(row: Row) -> str:
    """A hash of what was registered: everything but the note, and rules that are not stated."""
    stated = [
        f"{name}={cell}"
        for name, cell in row.cells
        if name != "note" and (cell or name not in _LATER_RULES)
    ]
    return sha256("\n".join(stated).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Experiment(ReferenceRow):
    """One variant beside the control, and the rules by which it is kept or taken back."""

    experiment: Annotated[str, text("the experiment", empty="name the experiment as calls do")]
    control: Annotated[str, text("variant that is in use", empty="name the variant as calls do")]
    candidate: Annotated[str, text("variant on trial", empty="name the variant as calls do")]
    hypothesis: Annotated[str, text("what it is to show", empty="say what you expect, and why")]
    unit: Annotated[str, word("what is given a variant at random", UNITS)]
    success_margin: Annotated[
        Decimal,
        Column(
            "success rate that the candidate may lose, for example 0.02",
            _margin,
            type=pa.decimal128(9, 6),
            is_required=True,
        ),
    ]
    cost_goal: Annotated[
        Decimal | None,
        _rule("the candidate's cost per success over the control's, which it must not exceed"),
    ]
    cost_limit: Annotated[
        Decimal | None, _rule("the same ratio beyond which the candidate is taken back")
    ]
    cost_cap_usd: Annotated[
        Decimal | None, _rule("USD of candidate's tasks at which it is taken back")
    ]
    error_margin: Annotated[
        Decimal | None,
        Column(
            "error rate of calls that the candidate may have above the control's, for example 0.02,"
            " before it is taken back; empty: no such rule",
            _error_margin,
            type=pa.decimal128(9, 6),
            is_optional=True,
        ),
    ]
    p95_limit: Annotated[
        Decimal | None,
        Column(
            "p95 of the time that models take for a task, of the candidate over the control's,"
            " beyond which it is taken back; empty: no such rule",
            _p95_limit,
            type=pa.decimal128(9, 6),
            is_optional=True,
        ),
    ]
    planned_tasks: Annotated[
        int, Column("closed tasks of each variant by the deadline", _planned, type=pa.int64(),
                    is_required=True)
    ]  # fmt: skip
    looks: Annotated[
        int,
        Column("how often it is judged, at even distances; the last at the deadline", _looks,
               type=pa.int64(), is_required=True),
    ]  # fmt: skip
    owner: Annotated[str, text("who decides", empty="name a team or a person")]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    registration: Annotated[str, computed("hash of the row without its note", _registration,
                                          pa.string())]  # fmt: skip
    z_bounds: Annotated[
        tuple[float, ...],
        computed(
            "standard errors by which each look must prove its margin",
            _bounds,
            pa.list_(pa.float64()),
            to_raw=list,
        ),
    ]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


def _refuse_itself(rows: tuple[Experiment, ...]) -> None:
    for one in rows:
        if one.candidate == one.control:
            one.row.refuse("candidate", "is the control: name the variant on trial")


EXPERIMENTS = ReferenceTable(
    name="experiments",
    file="config/experiments.csv",
    title="experiments and the rules by which a variant is kept or taken back",
    row_type=Experiment,
    key=("experiment", "candidate"),
    verb="registers",
    concern=Concern(without_data=True),
    check=_refuse_itself,
)


def experiment_of(cells: Mapping[str, str]) -> Experiment:
    """The experiment of a row that was read before; a column that is not there was empty."""
    return EXPERIMENTS.parsed(Row(EXPERIMENTS.file, 0, tuple(cells.items())))
