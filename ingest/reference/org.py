"""Who belongs to whom, `config/org.csv`: feature -> team -> cost centre -> cost centre, dated.

A reorganisation is an end (`valid_to`) of one row and the start of another; a charge goes to
whoever a feature belonged to on its UTC day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

import pyarrow as pa

from ingest.reference.csv_table import ALWAYS, OPEN, Row, read_rows, refuse_overlaps

HEADER = ("kind", "name", "parent", "owner", "valid_from", "valid_to", "note")

PARENT_KIND = {"feature": "team", "team": "cost_centre", "cost_centre": "cost_centre"}

ORG_UNITS = pa.schema(
    [
        ("kind", pa.string()),
        ("name", pa.string()),
        ("parent", pa.string()),
        ("owner", pa.string()),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Unit:
    """One row of the file.

    Attributes:
        kind: `feature`, `team` or `cost_centre`.
        name: as calls name it.
        parent: name of the unit above, of kind `PARENT_KIND`; None for a root.
        owner: who answers for it; None when it is the owner of the unit above.
        valid_from: start of a UTC day, inclusive, naive.
        valid_to: start of a UTC day, exclusive, naive.
        row: where it stands.
    """

    kind: str
    name: str
    parent: str | None
    owner: str | None
    valid_from: datetime
    valid_to: datetime
    row: Row

    @property
    def cell(self) -> tuple[str, str]:
        """What the row is about; two rows of one unit must not overlap in time."""
        return self.kind, self.name


def read_org(path: Path, shown_as: str = "config/org.csv") -> tuple[Unit, ...]:
    """Read the org tree of a workspace; one without the file has none.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: a wrong cell, two rows of one unit that overlap, a parent that is not there
            for all of a row's time, or a cost centre above itself.
    """
    units = tuple(map(_unit, read_rows(path, shown_as, HEADER)))
    refuse_overlaps(units, "places")
    tree: dict[tuple[str, str], list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.valid_from):
        tree.setdefault(unit.cell, []).append(unit)
    for unit in units:
        _refuse_gap(unit, _parents(unit, tree))
    for unit in units:
        _refuse_loop(unit, tree)
    return units


def org_table(units: Iterable[Unit]) -> pa.Table:
    """The tree with the columns of `ORG_UNITS`."""
    return pa.Table.from_pylist(
        [{name: getattr(unit, name) for name in ORG_UNITS.names} for unit in units],
        schema=ORG_UNITS,
    )


def _unit(row: Row) -> Unit:
    kind = row["kind"]
    if kind not in PARENT_KIND:
        row.refuse("kind", f"{kind!r} is not one of {', '.join(PARENT_KIND)}")
    if not row["name"]:
        row.refuse("name", f"name the {kind} as the calls do")
    if not row["parent"] and kind != "cost_centre":
        row.refuse("parent", f"name the {PARENT_KIND[kind]} that the {kind} belongs to")
    valid_from, valid_to = row.validity("row")
    for column, moment in (("valid_from", valid_from), ("valid_to", valid_to)):
        if moment.time() != time():
            row.refuse(column, "a charge belongs to its UTC day: write YYYY-MM-DD")
    return Unit(
        kind, row["name"], row["parent"] or None, row["owner"] or None, valid_from, valid_to, row
    )


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
        if any(parent.cell == other.cell for other in chain):
            yield (*chain, parent)
            return
        yield from _chains(parent, tree, (*chain, parent), since, until)
