"""Readers in which something goes wrong, as the names of files ask for it."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence

import duckdb

from ingest.errors import SourceFileError
from ingest.gateways import mapped
from ingest.records.format import InputFile, Refusal, SourceConfig, Staged

SECRET = "SECRET PROMPT TEXT"  # noqa: S105 - what must not be told

LARGE_BYTES = 20_000
"""Of a file that asks for too much of a reader that smaller ones do not trouble."""


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Read mapped files; those that are named for a fault have it."""
    for file in files:
        fault = file.path.stem.partition("-")[0]
        if fault.startswith("large_") and file.path.stat().st_size > LARGE_BYTES:
            fault = fault.removeprefix("large_")
        if fault == "refused":
            raise SourceFileError(file.relative, "is refused", line=7)
        if fault == "unforeseen":
            raise KeyError(SECRET)
        if fault == "memory":
            raise MemoryError(SECRET)
        if fault == "fatal":
            raise duckdb.FatalException(SECRET)
        if fault == "invalid":
            con.execute("select error($secret)", {"secret": SECRET})
        if fault == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if fault == "endless":
            con.execute("select count(*) from range(1_000_000_000_000) where hash(range) = 1")
        if fault == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "stuck":
            if "pytest" in sys.modules:  # in the run itself, somebody has enough
                raise KeyboardInterrupt
            signal.pause()
        if fault == "growing":
            with file.path.open("a") as stream:
                stream.write(file.path.read_text())
    yield from mapped.read(con, files, config)
