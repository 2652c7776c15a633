"""What people wrote of months, `commentary/2026-09.md`: pages show it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")

MOST_CHARACTERS = 20_000
"""Of one file that a page shows: a page stays light."""


def read_commentary(folder: Path) -> dict[date, str]:
    """Markdown by the first day of its month; a file under any other name is left alone."""
    found = {}
    for path in sorted(folder.glob("*.md")):
        named = _MONTH.fullmatch(path.stem)
        if named:
            text = path.read_text(encoding="utf-8-sig", errors="replace").strip()
            if text:
                found[date(int(named[1]), int(named[2]), 1)] = text[:MOST_CHARACTERS]
    return found
