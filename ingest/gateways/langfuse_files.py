"""Which table of Langfuse a file of its blob export holds, and the traces that lie beside it.

An export writes `{project}/{table}/{time}.{ext}[.gz]`, one file a table and window. Observations of
the older export name neither user nor session: those are on the trace, in the file of the same
window or, when an observation began in a later one, of the window before.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ingest.errors import SourceFileError
from ingest.filebytes import open_bytes
from ingest.reading import InputFile

_log = logging.getLogger(__name__)

TABLES = ("observations_v2", "observations", "traces", "scores", "manifests")
"""Tables of an export, and its lists of written files, which hold no records."""

WINDOWS_BEFORE = 1
"""Earlier windows whose traces are looked at: a trace longer than a window is rare."""


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


def traces_beside(
    observations: Sequence[InputFile], traces: Sequence[InputFile]
) -> list[InputFile]:
    """Files of traces that belong to observations and are not read with them."""
    known = {file.path for file in traces}
    listed: dict[Path, list[Path]] = {}
    wanted: dict[Path, InputFile] = {}
    for file in observations:
        folder = file.path.parent.parent / "traces"
        if folder not in listed:
            listed[folder] = sorted(path for path in folder.glob("*") if path.is_file())
        window = _window(file.path)
        before = [path for path in listed[folder] if _window(path) <= window]
        for path in before[-1 - WINDOWS_BEFORE :]:
            if path not in known and not _is_empty(path):
                wanted[path] = InputFile(0, path, path.name)
    return [wanted[path] for path in sorted(wanted)]


def _window(path: Path) -> str:
    """The window that a file's name states: its name less its endings."""
    return path.name.partition(".")[0]


def _is_empty(path: Path) -> bool:
    with open_bytes(path) as stream:
        return not stream.read(1)
