"""Objects that left their delivery in a store: written by a pull, read by landing."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from ingest.files import replace_file

_NAME = ".unlisted.json"


def left_the_store(folder: Path) -> Collection[str]:
    """Return the names, below a source's inbox folder, of objects that left their delivery."""
    try:
        found = json.loads((folder / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return [str(name) for name in found] if isinstance(found, list) else ()


def write_store_list(folder: Path, names: Collection[str]) -> None:
    """Replace the list; a reader sees the old one or the new one."""
    replace_file(folder / _NAME, json.dumps(list(names), indent=1).encode())
