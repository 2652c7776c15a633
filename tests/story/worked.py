"""The tables of this room's pages, as the values that a test expects."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path

README = Path(__file__).parent / "README.md"
SHARED = README.with_name("shared_cost.md")

Value = Decimal | str | None


def worked(heading: str, page: Path = README) -> list[dict[str, str]]:
    """Rows of the table under a heading, by column name."""
    section = page.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(header, row, strict=True)) for row in rows]


def value(cell: str) -> Value:
    """A cell as a number, a word, or None for an empty, unknown or absent value."""
    if cell in ("", "unknown", "none"):
        return None
    try:
        return Decimal(cell)
    except InvalidOperation:
        return cell


def values(heading: str, *columns: str, page: Path = README) -> list[tuple[Value, ...]]:
    """Some columns of a table, row by row."""
    return [tuple(value(row[column]) for column in columns) for row in worked(heading, page)]
