"""A row of a CSV file as text, whose errors name row and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from ingest.errors import ConfigError


@dataclass(frozen=True)
class Row:
    """One row of a file.

    Attributes:
        file: path as shown to users.
        line: line of the file, header included.
        cells: columns with their text, stripped.
        salt: the workspace's salt, for the keys and users that the row names.
    """

    file: str
    line: int
    cells: tuple[tuple[str, str], ...]
    salt: str = field(default="", compare=False, repr=False)

    def __getitem__(self, column: str) -> str:
        """The text of a column; empty where the file does not have it."""
        return dict(self.cells).get(column, "")

    def refuse(self, column: str, reason: str) -> NoReturn:
        """Raise the error about one cell.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(self.file, f"row {self.line}, column {column}", reason)
