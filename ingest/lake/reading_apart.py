"""Reading in a process of its own, which may run out of memory or time, or die, alone.

`python -m ingest.lake.reading_apart` takes a pickled job on its standard input and answers with
what came of it. No run needs one before something went wrong: it costs a second.
"""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from ingest.errors import SourceFileError
from ingest.lake.catalog import reading_database
from ingest.lake.reading import DIED, OUT_OF_TIME, ReadingFailedError, ReadingJob, read_job
from ingest.lake.row_writer import WrittenRows
from ingest.records.limits import READING_BYTES


def read_apart(job: ReadingJob, scratch: Path) -> WrittenRows:
    """Read a job in a process of its own, within its time and memory.

    Args:
        scratch: where it may spill; no other database's.

    Raises:
        SourceFileError: a reader refuses a file.
        ReadingFailedError: the process failed, died or took too long.
    """
    try:
        ended = subprocess.run(  # noqa: S603 - this very module
            [sys.executable, "-P", "-m", __name__],
            input=pickle.dumps((job, scratch)),
            stdout=subprocess.PIPE,
            # what an engine says when it dies may quote the file
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=job.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReadingFailedError(OUT_OF_TIME) from None
    if ended.returncode or not ended.stdout:
        raise ReadingFailedError(DIED)
    kind, *answer = pickle.loads(ended.stdout)  # noqa: S301 - from the process that was just run
    if kind == "refused":
        error: SourceFileError = answer[0]
        raise error
    if kind == "failed":
        raise ReadingFailedError(*answer)
    written: WrittenRows = answer[0]
    return written


def _answer(job: ReadingJob, scratch: Path) -> tuple[Any, ...]:
    try:
        return "read", read_job(reading_database(scratch, job.threads), job)
    except SourceFileError as error:
        return "refused", error
    except ReadingFailedError as error:
        return "failed", error.reason, error.said


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (READING_BYTES, READING_BYTES))
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing that a library prints may get between
    job, scratch = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the run that started this
    answer = pickle.dumps(_answer(job, scratch))
    with os.fdopen(answers, "wb") as stream:
        stream.write(answer)


if __name__ == "__main__":
    _main()
