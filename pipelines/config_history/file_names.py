"""The names that files of `config/` may have: a table under another name would do nothing."""

from __future__ import annotations

from pathlib import Path

from ingest.errors import ConfigError, nearest
from ingest.warehouse.reference_tables import REFERENCE_TABLES

TABLE_FILES = tuple(sorted(Path(table.file).name for table in REFERENCE_TABLES))
"""Every table of `config/`, by the name of its file."""

SOURCES = "sources"
"""The folder beside them, of one settings file for each source."""

_FOR_PEOPLE = (".md", ".example", ".bak", "~")
"""Endings of what nobody reads on purpose: notes, examples and copies."""

_CURE = "rename it, or move it away (.md, .example and .bak may stay)"


def refuse_unread_files(config: Path) -> None:
    """Refuse a file of `config/` that no run reads, such as a table whose name is misspelt.

    Hidden files, notes, examples and copies may lie there.

    Raises:
        ConfigError: names the file, and the name that was probably meant.
    """
    for path in _visible(config):
        if path.name in TABLE_FILES and path.is_file():
            continue
        if path.name == SOURCES and path.is_dir():
            continue
        known = (*TABLE_FILES, SOURCES)
        meant = nearest(path.name, known) or f"; there are {', '.join(known)}"
        raise ConfigError(f"config/{path.name}", "file name", f"nobody reads it{meant}; {_CURE}")
    for path in _visible(config / SOURCES):
        if path.suffix != ".toml" or not path.is_file():
            raise ConfigError(
                f"config/{SOURCES}/{path.name}",
                "file name",
                f"nobody reads it; the settings of a source stand in {path.stem}.toml; {_CURE}",
            )


def _visible(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(p for p in found if p.name[0] != "." and not p.name.endswith(_FOR_PEOPLE))
