"""SQL of one canonical column, over the leaves of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.records.fields import Leaf


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
        earlier: SQL of values that come from the last record of the file that has one, by the
            column under which the expression reads them.
    """

    sql: str
    origin: str
    leaves: tuple[Leaf, ...] = ()
    fault: str | None = None
    needs: tuple[tuple[str, ...], ...] = ()
    checks: tuple[tuple[str, str], ...] = ()
    earlier: Mapping[str, str] = field(default_factory=dict)
