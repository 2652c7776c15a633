"""What the invented company says of a month, as a person would write it."""

from __future__ import annotations

from pathlib import Path

from ingest.demo.clock import day_date

MONTH = "2026-09"
_FIRST_DAY_AFTER = "2026-10-01"

WORDS = """\
A success cost more in September, for two reasons:

- **Dearer work**: contracts and code reviews were a larger part of the month.
- **One day of loops**: on 17 September eight tasks of the code review bot went on without end, see
  [Loops](loops.html). Developer Tools carries it.

From 3 to 9 September invoice capture failed more often, after prompt version `cap-5`.
"""


def write_commentary(folder: Path, days: int) -> None:
    """Write the commentary of a month that the data hold whole."""
    if day_date(days).isoformat() >= _FIRST_DAY_AFTER:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{MONTH}.md").write_text(WORDS, encoding="utf-8")
