"""SQL of one canonical column, over the leaves of a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ingest.records.fields import Leaf
from ingest.sql import quote


@dataclass(frozen=True)
class Expression:
    """SQL of one canonical column.

    Attributes:
        sql: expression over leaf columns.
        fault: predicate that is true when a value is present but cannot be typed, or None.
        leaves: leaves it reads.
        origin: the mapping key, for messages.
        needs: columns of a table file; of each group the file must have one.
        checks: predicates of a value that cannot be right, each with what is wrong with it.
        earlier: windows that carry a value from an earlier record, by the column under which the
            expression reads them; `with_earlier` adds these columns.
    """

    sql: str
    origin: str
    leaves: tuple[Leaf, ...] = ()
    fault: str | None = None
    needs: tuple[tuple[str, ...], ...] = ()
    checks: tuple[tuple[str, str], ...] = ()
    earlier: Mapping[str, str] = field(default_factory=dict)


def with_earlier(relation: str, expressions: Iterable[Expression]) -> str:
    """The relation of records with the values that expressions take from earlier records."""
    windows = {name: sql for e in expressions for name, sql in e.earlier.items()}
    if not windows:
        return relation
    columns = ", ".join(f"{sql} as {quote(name)}" for name, sql in windows.items())
    return f"(select *, {columns} from {relation})"
