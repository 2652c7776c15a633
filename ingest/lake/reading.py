"""Reading a batch of files, so that whatever goes wrong is one of three things.

A file is refused by its reader (`SourceFileError`), the settings are wrong (`ConfigError`), or the
reading failed (`ReadingFailedError`): the engine gave up, memory or time ran out, or a reader met
what nobody foresaw. The last says nothing of which file it was; landing finds that out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingest.contracts.tables import TABLES
from ingest.errors import OutlayError
from ingest.lake.catalog import reading_database
from ingest.lake.row_writer import RowWriter, WrittenRows
from ingest.records.format import InputFile, Reader, Refusal, SourceConfig
from ingest.records.limits import SMALL_BYTES, reading_seconds

MISFIT = "a value fits no type that the settings ask of it; check units"
OUT_OF_TIME = "reading it took too long; deliver it in smaller files"
OUT_OF_MEMORY = "reading it took more memory than a run has; deliver it in smaller files"
DIED = "it ended the process that read it; export it again, or deliver it in smaller files"


_OF_THE_MOMENT = (
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.InterruptException,
    MemoryError,
)
"""What may come of the state of a process, and not of a file."""


class ReadingFailedError(Exception):
    """A batch could not be read, and no reader says why.

    Attributes:
        reason: what happened and what to do, without anything of the content: the words of an
            engine may quote it.
        said: the engine's own words, to see whether the disk was full. Never shown or kept.
        is_certain: another try in a process of its own would come to the same.
    """

    def __init__(self, reason: str, said: str = "", *, is_certain: bool = False) -> None:
        self.reason = reason
        self.said = said
        self.is_certain = is_certain
        super().__init__(reason)


@dataclass(frozen=True)
class ReadingJob:
    """What is read, and where its rows go.

    Attributes:
        read: the source's reader.
        lake: the lake's folder.
        commit_id: number of the commit that will make the rows count.
        size_bytes: of all files, for how long reading may take.
    """

    read: Reader
    config: SourceConfig
    files: Sequence[InputFile]
    lake: Path
    commit_id: int
    threads: int
    size_bytes: int

    @property
    def seconds(self) -> float:
        """How long it may take."""
        return reading_seconds(self.size_bytes)

    @property
    def is_small(self) -> bool:
        """Whether planning its statements costs more than running them."""
        return self.size_bytes <= SMALL_BYTES


def read_job(con: duckdb.DuckDBPyConnection, job: ReadingJob) -> WrittenRows:
    """Read the files of a job on a database, and write their rows.

    Raises:
        SourceFileError: a reader refuses a file.
        ConfigError: the settings are wrong.
        ReadingFailedError: anything else went wrong; the database may be of no use any more.
    """
    names = {file.file_id: file.relative for file in job.files}
    writer = RowWriter(con, job.lake, job.config.name, job.commit_id, names, job.is_small)
    # a list of words is made a join, which costs more to set up than a small batch to compare
    con.execute(f"set disabled_optimizers = '{'in_clause' if job.is_small else ''}'")
    try:
        for staged in job.read(con, job.files, job.config):
            if isinstance(staged, Refusal):
                writer.written.refused.append(staged.error)
            else:
                writer.write(TABLES[staged.table], staged.relation)
    except OutlayError:
        raise
    except Exception as error:
        certain = not isinstance(error, _OF_THE_MOMENT)
        raise ReadingFailedError(_reason(error), str(error), is_certain=certain) from error
    return writer.written


def _reason(error: Exception) -> str:
    """What an engine's error means, without its words."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return OUT_OF_MEMORY
    if isinstance(error, duckdb.DataError):
        return MISFIT
    return f"it cannot be read ({type(error).__name__}): it may be damaged; export it again"


@dataclass
class ReadingRoom:
    """The database in which a run reads its files, made anew when it broke.

    Attributes:
        scratch: where it may spill; no other database's.
    """

    scratch: Path
    threads: int
    _con: duckdb.DuckDBPyConnection | None = field(default=None, init=False)

    def read(self, job: ReadingJob) -> WrittenRows:
        """Read a job within its time.

        Raises:
            SourceFileError: a reader refuses a file.
            ConfigError: the settings are wrong.
            ReadingFailedError: anything else went wrong.
        """
        con = self._con = self._con or reading_database(self.scratch, self.threads)
        try:
            with _interrupted_after(con, job.seconds) as is_late:
                try:
                    return read_job(con, job)
                except ReadingFailedError as error:
                    if is_late.is_set():
                        raise ReadingFailedError(OUT_OF_TIME) from error
                    if isinstance(error.__cause__, duckdb.InterruptException):
                        raise KeyboardInterrupt from error  # Ctrl-C, in the engine's words
                    raise
        except ReadingFailedError:
            self.close()
            raise

    def close(self) -> None:
        """Let the database go."""
        if self._con is not None:
            self._con.close()
            self._con = None


@contextmanager
def _interrupted_after(con: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    """Interrupt a query that runs for too long; the event tells that it was."""
    is_late = threading.Event()

    def interrupt() -> None:
        is_late.set()
        con.interrupt()

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield is_late
    finally:
        timer.cancel()
