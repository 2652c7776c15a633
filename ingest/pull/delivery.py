"""The pages of one window as one file of the inbox: there as a whole, or not at all.

Half a bucket must never replace a complete one, so pages are written under a hidden name, which
landing does not look at, and renamed when the window is complete.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from ingest.pull.answers import content
from ingest.pull.api import Params
from ingest.pull.client import Answer
from ingest.pull.windows import Window

HIDDEN = ".pulling"
"""Folder of unfinished files in a source's inbox folder; emptied when a pull starts."""

FOLDER = "pulled"
"""Folder of finished ones."""


def clear_unfinished(inbox: Path) -> None:
    """Remove what a killed pull left behind."""
    shutil.rmtree(inbox / HIDDEN, ignore_errors=True)


class Delivery:
    """One window's file while it is being written.

    Args:
        inbox: the source's inbox folder.
        name: the report's name.
        asked_at: when the window's first page was asked for. All its pages carry this one time:
            of one bucket the newest answer counts, and parts of one answer must not outdate each
            other.
    """

    def __init__(self, inbox: Path, name: str, window: Window, asked_at: datetime) -> None:
        self._inbox = inbox
        self._asked_at = asked_at.astimezone(UTC)
        self._digest = hashlib.sha256()
        self.file = (
            f"{FOLDER}/{name}/{window.first:%Y-%m}/"
            f"{window.first}_to_{window.last}_asked_{self._asked_at:%Y%m%dT%H%M%SZ}.jsonl.gz"
        )
        self._hidden = inbox / HIDDEN / self.file.replace("/", "_")

    def __enter__(self) -> Delivery:
        """Begin a hidden file."""
        self._hidden.parent.mkdir(parents=True, exist_ok=True)
        self._raw = self._hidden.open("wb")
        # no name and no time inside: the same pages are the same bytes
        self._stream = gzip.GzipFile("", "wb", fileobj=self._raw, mtime=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Remove it, unless it was finished."""
        self._close()
        self._hidden.unlink(missing_ok=True)

    def add(self, path: str, params: Params, answer: Answer) -> None:
        """Write one page with its request, in the very digits of the answer."""
        request = json.dumps({"path": path, "params": params})
        asked_at = f"{self._asked_at:%Y-%m-%dT%H:%M:%SZ}"
        # a line break in JSON stands between values only, never within a text
        response = answer.text.replace("\r", " ").replace("\n", " ").strip()
        line = f'{{"request": {request}, "fetched_at": "{asked_at}", "response": {response}}}\n'
        self._stream.write(line.encode())
        said = json.dumps([path, dict(params) | {"page": None}, content(answer.body)])
        self._digest.update(said.encode())

    @property
    def digest(self) -> str:
        """What was added, the same for the same requests and facts, whenever they were asked."""
        return self._digest.hexdigest()

    def finish(self) -> None:
        """Make the file visible, complete and safe on disk."""
        self._stream.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._close()
        target = self._inbox / self.file
        target.parent.mkdir(parents=True, exist_ok=True)
        self._hidden.replace(target)

    def _close(self) -> None:
        self._stream.close()
        cast("IO[bytes]", self._raw).close()
