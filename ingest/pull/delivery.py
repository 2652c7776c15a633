"""What was pulled of one window as one file of the inbox: there as a whole, or not at all.

Half a bucket must never replace a complete one, so a file is written under a hidden name, which
landing does not look at, and renamed when it is complete.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from ingest.files import flush, make_folder, put_in_place
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


class HiddenFile:
    """A gzipped file while it is being written.

    Args:
        inbox: the source's inbox folder.
        file: its path below that folder.
    """

    def __init__(self, inbox: Path, file: str) -> None:
        self.file = file
        self.target = inbox / file
        self.hidden = inbox / HIDDEN / file.replace("/", "_")

    def __enter__(self) -> Self:
        """Begin it."""
        self.hidden.parent.mkdir(parents=True, exist_ok=True)
        self._raw = self.hidden.open("wb")
        # no name and no time inside: the same content is the same bytes
        self._stream = gzip.GzipFile("", "wb", compresslevel=6, fileobj=self._raw, mtime=0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove it, unless it was finished."""
        self._close()
        self.hidden.unlink(missing_ok=True)

    def write(self, content: bytes) -> None:
        """Write what comes next."""
        self._stream.write(content)

    def end(self) -> None:
        """Write no more; it is complete and safe on disk, and still hidden."""
        self._close()
        flush(self.hidden)

    def show(self) -> None:
        """Make it visible after its end; one of the same name is replaced."""
        make_folder(self.target.parent)
        put_in_place(self.hidden, self.target)

    def _close(self) -> None:
        self._stream.close()
        cast("IO[bytes]", self._raw).close()


class Delivery(HiddenFile):
    """One window's pages.

    Args:
        inbox: the source's inbox folder.
        name: the report's name.
        asked_at: when the window's first page was asked for. All its pages carry this one time:
            of one bucket the newest answer counts, and parts of one answer must not outdate each
            other.
    """

    def __init__(self, inbox: Path, name: str, window: Window, asked_at: datetime) -> None:
        self._asked_at = asked_at.astimezone(UTC)
        self._digest = hashlib.sha256()
        super().__init__(
            inbox,
            f"{FOLDER}/{name}/{window.first:%Y-%m}/"
            f"{window.first}_to_{window.last}_asked_{self._asked_at:%Y%m%dT%H%M%SZ}.jsonl.gz",
        )

    def add(self, path: str, params: Params, answer: Answer) -> None:
        """Write one page with its request, in the very digits of the answer."""
        request = json.dumps({"path": path, "params": params})
        asked_at = f"{self._asked_at:%Y-%m-%dT%H:%M:%SZ}"
        # a line break in JSON stands between values only, never within a text
        response = answer.text.replace("\r", " ").replace("\n", " ").strip()
        line = f'{{"request": {request}, "fetched_at": "{asked_at}", "response": {response}}}\n'
        self.write(line.encode())
        said = json.dumps([path, dict(params) | {"page": None}, content(answer.body)])
        self._digest.update(said.encode())

    def finish(self) -> None:
        """End it and make it visible."""
        self.end()
        self.show()

    @property
    def digest(self) -> str:
        """What was added, the same for the same requests and facts, whenever they were asked."""
        return self._digest.hexdigest()
