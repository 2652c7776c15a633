"""Freeze windows of a workspace, `config/freezes.csv`: when its configuration must not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.reference.csv_table import Row, read_rows

HEADER = ("name", "scope", "valid_from", "valid_to", "note")

SCOPES = ("prices", "rules", "all")


@dataclass(frozen=True)
class Freeze:
    """One window.

    Attributes:
        name: as messages call it.
        scope: what must not change: `prices`, `rules` or `all`.
        valid_from: UTC, inclusive, naive.
        valid_to: UTC, exclusive, naive.
    """

    name: str
    scope: str
    valid_from: datetime
    valid_to: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether the window is open at a moment (UTC, naive)."""
        return self.valid_from <= moment < self.valid_to

    def covers(self, scope: str) -> bool:
        """Whether it forbids a change of that scope."""
        return self.scope in ("all", scope)


def read_freezes(path: Path, shown_as: str = "config/freezes.csv") -> tuple[Freeze, ...]:
    """Read the windows of a workspace; one without the file has none.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: names the row and column of what is wrong.
    """
    return tuple(map(_freeze, read_rows(path, shown_as, HEADER)))


def freeze_of(cells: Mapping[str, str], shown_as: str = "config/freezes.csv") -> Freeze:
    """The window of a row that was read before; a column that is not there was empty."""
    return _freeze(Row(shown_as, 0, tuple((name, cells.get(name, "")) for name in HEADER)))


def _freeze(row: Row) -> Freeze:
    if not row["name"]:
        row.refuse("name", "name the window, as messages shall call it")
    scope = row["scope"].lower()
    if scope not in SCOPES:
        row.refuse("scope", f"{row['scope']!r} is not one of {', '.join(SCOPES)}")
    return Freeze(row["name"], scope, *row.validity("freeze"))
