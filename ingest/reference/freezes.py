"""Freeze windows of a workspace, `config/freezes.csv`: when its configuration must not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from ingest.reference.columns import Validity, text, word
from ingest.reference.row import Row
from ingest.reference.table import Note, ReferenceRow, ReferenceTable

SCOPES = ("prices", "rules", "all")

_VALIDITY = Validity("freeze")


@dataclass(frozen=True)
class Freeze(ReferenceRow):
    """One window."""

    name: Annotated[str, text("the window", empty="name the window, as messages shall call it")]
    scope: Annotated[str, word("what must not change", SCOPES, any_case=True)]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    note: Note = field(default="", compare=False)

    def holds(self, moment: datetime) -> bool:
        """Whether the window is open at a moment (UTC, naive)."""
        return self.valid_from <= moment < self.valid_to

    def covers(self, scope: str) -> bool:
        """Whether it forbids a change of that scope."""
        return self.scope in ("all", scope)


FREEZES = ReferenceTable(
    name="freezes",
    file="config/freezes.csv",
    title="when prices (`prices`), rules (`rules`) or anything (`all`) must not change",
    row_type=Freeze,
)


def freeze_of(cells: Mapping[str, str]) -> Freeze:
    """The window of a row that was read before; a column that is not there was empty."""
    return FREEZES.parsed(Row(FREEZES.file, 0, tuple(cells.items())))
