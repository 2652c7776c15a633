"""Which table of Langfuse a file of its blob export holds.

An export writes `{project}/{table}/{time}.{ext}[.gz]`, one file a table and window.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ingest.errors import SourceFileError
from ingest.records.file_bytes import open_bytes
from ingest.records.format import InputFile

_log = logging.getLogger(__name__)

TABLES = ("observations_v2", "observations", "traces", "scores", "manifests")
"""Tables of an export, and its lists of written files, which hold no records."""


def table_of(file: InputFile) -> str:
    """The table that a file holds, by its folder, else by the beginning of its name.

    Raises:
        SourceFileError: neither names one.
    """
    path = PurePosixPath(file.relative)
    for folder in reversed(path.parts[:-1]):
        if folder in TABLES:
            return folder
    for table in TABLES:
        if path.name.startswith(table):
            return table
    raise SourceFileError(
        file.relative,
        "neither folder nor name say which table this is; keep the export's folders"
        " (observations_v2, observations, traces, scores)",
    )


def by_table(files: Sequence[InputFile]) -> dict[str, list[InputFile]]:
    """Files by their table, those of an export's windows without records left out.

    Raises:
        SourceFileError: a file's table cannot be told.
    """
    found: dict[str, list[InputFile]] = {table: [] for table in TABLES}
    for file in files:
        table = table_of(file)
        if _is_empty(file.path):
            _log.warning("%s: no %s in this window", file.relative, table)
        else:
            found[table].append(file)
    return found


def _is_empty(path: Path) -> bool:
    with open_bytes(path) as stream:
        return not stream.read(1)
