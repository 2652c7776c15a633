"""What one file may ask of a run. Beyond a limit the record, or else the file, is refused by name.

The limits guard against damage and bombs; no file that a gateway or a provider was seen to write
comes near them. They stand here and nowhere else. Only nesting has a limit of Python's own: lists
and objects may lie some 900 deep in each other on an API page or in a JSON array; in JSON lines as
deep as they like, for nothing in them is followed but the paths asked for.
"""

from __future__ import annotations

from pathlib import Path

LONGEST_RECORD = 32 << 20
"""Bytes of one record: a line of JSON or CSV, an element of a JSON array, one page of an API.
Read and typed, a record takes some twelve times that, and a run has a gigabyte for it."""

LARGEST_EXPANSION = 250
"""Times that a compressed file may grow when it is unpacked; logs and bills grow 5 to 40 times,
the emptiest of usage exports 100 times."""

HARMLESS_BYTES = 64 << 20
"""Unpacked, below which a file may grow as much as it likes."""

READING_SECONDS = 120.0
SECONDS_A_MEGABYTE = 2.0
"""Time to read a batch of files or a file; the slowest reader takes a tenth of it."""

READING_BYTES = 4 << 30
"""Memory of a process that reads one file apart from the others."""

BATCH_FILES = 500
BATCH_BYTES = 512 << 20
"""Files, and their bytes, that are read and committed together; a larger file is read alone."""

SMALL_BYTES = 4 << 20
"""Of a batch, as it lies on disk: up to here its rows are staged in memory."""

TOO_LONG = f"the record is longer than {LONGEST_RECORD >> 20} MB"


def reading_seconds(size_bytes: int) -> float:
    """How long reading that many bytes may take."""
    return READING_SECONDS + SECONDS_A_MEGABYTE * size_bytes / 1e6


def unpacked_bytes(path: Path) -> int:
    """How many bytes a compressed file may have when it is unpacked."""
    return max(HARMLESS_BYTES, LARGEST_EXPANSION * path.stat().st_size)
