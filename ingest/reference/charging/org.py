"""Who belongs to whom, `config/org.csv`: feature -> team -> cost centre -> cost centre, dated.

A reorganisation is an end (`valid_to`) of one row and the start of another; a charge goes to
whoever a feature belonged to on its UTC day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import pyarrow as pa

from ingest.reference.columns import ALWAYS, OPEN, Validity, text, word
from ingest.reference.row import Row
from ingest.reference.table import Column, Concern, Note, ReferenceRow, ReferenceTable

PARENT_KIND = {"feature": "team", "team": "cost_centre", "cost_centre": "cost_centre"}

_VALIDITY = Validity("row", "day", "a charge belongs to its UTC day: write YYYY-MM-DD")


def _name(row: Row, column: str) -> str:
    if not row[column]:
        row.refuse(column, f"name the {row['kind']} as the calls do")
    return row[column]


def _parent(row: Row, column: str) -> str | None:
    kind = row["kind"]
    if not row[column] and kind != "cost_centre":
        row.refuse(column, f"name the {PARENT_KIND[kind]} that the {kind} belongs to")
    return row[column] or None


@dataclass(frozen=True)
class Unit(ReferenceRow):
    """Where one feature, team or cost centre stands in the tree."""

    kind: Annotated[str, word("what the unit is", tuple(PARENT_KIND))]
    name: Annotated[
        str, Column("the unit, as calls name it", _name, type=pa.string(), is_required=True)
    ]
    parent: Annotated[
        str | None,
        Column(
            "the team of a feature, the cost centre of a team or cost centre; empty: a root",
            _parent,
            type=pa.string(),
        ),
    ]
    owner: Annotated[str | None, text("who answers for it; empty: the owner of the unit above")]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    note: Note = field(default="", compare=False)

    @property
    def place(self) -> tuple[str, str]:
        """Its kind and name."""
        return self.kind, self.name


def _check_tree(units: tuple[Unit, ...]) -> None:
    """Refuse a parent that is not there for all of a row's time, and a cost centre above itself."""
    tree: dict[tuple[str, str], list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.valid_from):
        tree.setdefault(unit.place, []).append(unit)
    for unit in units:
        _refuse_gap(unit, _parents(unit, tree))
    for unit in units:
        _refuse_loop(unit, tree)


def _parents(unit: Unit, tree: dict[tuple[str, str], list[Unit]]) -> list[Unit]:
    """Rows of the parent that hold at some time of the unit's, by time."""
    if unit.parent is None:
        return []
    return [
        other
        for other in tree.get((PARENT_KIND[unit.kind], unit.parent), [])
        if other.valid_from < unit.valid_to and unit.valid_from < other.valid_to
    ]


def _refuse_gap(unit: Unit, parents: Sequence[Unit]) -> None:
    covered = unit.valid_from
    for parent in parents:
        if parent.valid_from > covered:
            break
        covered = parent.valid_to
    if unit.parent is not None and covered < unit.valid_to:
        ends = [other.valid_from for other in parents if other.valid_from > covered]
        unit.row.refuse(
            "parent",
            f"no row of kind {PARENT_KIND[unit.kind]} lists {unit.parent!r}"
            f" {_span(covered, min(ends, default=unit.valid_to))}: add one, or correct the dates",
        )


def _span(start: datetime, end: datetime) -> str:
    """A stretch of time in words; without an end on both sides it is all of it."""
    words = [f"from {start:%Y-%m-%d}"] if start > ALWAYS else []
    words += [f"to {end:%Y-%m-%d}"] if end < OPEN else []
    return " ".join(words) or "at any time"


def _refuse_loop(unit: Unit, tree: dict[tuple[str, str], list[Unit]]) -> None:
    for chain in _chains(unit, tree, (unit,), unit.valid_from, unit.valid_to):
        names = " -> ".join(repr(other.name) for other in chain)
        unit.row.refuse("parent", f"a cost centre stands above itself: {names}")


def _chains(
    unit: Unit,
    tree: dict[tuple[str, str], list[Unit]],
    chain: tuple[Unit, ...],
    start: datetime,
    end: datetime,
) -> Iterator[tuple[Unit, ...]]:
    """Ways up from a unit, all of whose rows hold at one time, that come back to a unit."""
    for parent in _parents(unit, tree):
        since, until = max(start, parent.valid_from), min(end, parent.valid_to)
        if since >= until:
            continue
        if any(parent.place == other.place for other in chain):
            yield (*chain, parent)
            return
        yield from _chains(parent, tree, (*chain, parent), since, until)


ORG_UNITS = ReferenceTable(
    name="org_units",
    file="config/org.csv",
    title="who belongs to whom, feature to team to cost centre",
    row_type=Unit,
    key=("kind", "name"),
    verb="places",
    concern=Concern(("billing_charges", "task_outcomes"), noted_as="org_units"),
    check=_check_tree,
)
