"""Pull one source from an object store: copy what is new or changed below its inbox folder.

The objects of a source become visible together, when all of them are copied: the parts of one
export belong together, and half of an export must not replace a complete one. Copied ones wait in a
hidden folder, so an interrupted pull does not copy them again.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import PullError
from ingest.files import make_folder, put_in_place
from ingest.pull.client import Waiting
from ingest.pull.objects.stores import RemoteSettings, in_words, open_store
from ingest.pull.plan import KeyOf, Progress, PullPlan, PullReport, Span
from ingest.pull.state import load_state, save_state
from ingest.pull.windows import DAY, Window, last_settled
from ingest.records.format import SourceConfig
from ingest.records.store_list import left_the_store, write_store_list

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

HIDDEN = ".copied"
"""Folder of objects that wait for the others, in a source's inbox folder."""

_AT_ONCE = 8
"""Objects copied at a time."""

_CHUNK = 8 * 1024 * 1024
_LISTED_AT_ONCE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Listed:
    """One object as the store lists it.

    Attributes:
        key: below the source's root, and below its inbox folder.
        identity: changes whenever the object does.
        modified_ns: when it was written, in nanoseconds since 1970.
    """

    key: str
    size: int
    identity: str
    modified_ns: int

    @property
    def waiting_name(self) -> str:
        """Its file's name while it waits: another version never takes its place."""
        return hashlib.sha256(f"{self.key}|{self.identity}".encode()).hexdigest()

    def is_like(self, path: Path) -> bool:
        """Whether a file has its size and time."""
        if not path.is_file():
            return False
        stat = path.stat()
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.modified_ns)


@dataclass
class Copies:
    """What is remembered of a source that is copied from a store.

    Attributes:
        settled: every folder of a day up to it was listed when it could not change any more.
        objects: identity by key, of the last listing.
        moving: key by waiting name, of objects that are all copied and about to become visible.
    """

    path: Path
    settled: date | None
    objects: dict[str, str]
    moving: dict[str, str]

    def save(self) -> None:
        """Write it down."""
        settled = self.settled.isoformat() if self.settled else None
        save_state(self.path, {"settled": settled, "objects": self.objects, "moving": self.moving})


def load_copies(path: Path) -> Copies:
    """What is remembered; nothing when the file is missing or of another shape."""
    found = load_state(path)
    try:
        settled = date.fromisoformat(found["settled"]) if found["settled"] else None
        return Copies(path, settled, dict(found["objects"]), dict(found["moving"]))
    except (KeyError, TypeError, ValueError):
        return Copies(path, None, {}, {})


@dataclass(frozen=True)
class ObjectSource:
    """A source that is copied from an object store.

    Attributes:
        config: its settings; they have a `[remote]` table.
        inbox: its inbox folder.
        state_file: where it is remembered what was copied.
    """

    config: SourceConfig
    settings: RemoteSettings
    inbox: Path
    state_file: Path

    def pull_plans(self, today: date, span: Span | None = None) -> list[PullPlan]:
        """The folders that a pull would list today."""
        days = self._days(load_copies(self.state_file), today, span or Span())
        return [
            PullPlan(
                self.config.name,
                self._address(folder),
                days.label if self.settings.has_days else "all",
                1,
            )
            for folder in self._folders(days)
        ]

    def pull(
        self,
        _: KeyOf,
        waiting: Waiting,
        progress: Progress | None = None,
        span: Span | None = None,
    ) -> PullReport:
        """Copy what is new or changed; nothing becomes visible unless all of it was copied."""
        report = PullReport(self.config.name)
        copies = load_copies(self.state_file)
        try:
            self._move(copies)
            days = self._days(copies, waiting.now().date(), span or Span())
            store = self._asked(partial(open_store, self.settings, waiting.timeout_seconds))
            listed = self._listed(store, days, copies, report)
            due = [found for found in listed if not self._is_here(found, copies)]
            self._copy_all(store, due, progress)
            self._note_gone(copies, listed, due)
            copies.moving = {found.waiting_name: found.key for found in due}
            copies.objects = {found.key: found.identity for found in listed}
            if span is None or span == Span():
                copies.settled = self._last_settled(waiting.now().date())
            copies.save()
            self._move(copies)
            report.files_new, report.unchanged = len(due), len(listed) - len(due)
        except PullError as error:
            report.problems.append(error)
        return report

    def _days(self, copies: Copies, today: date, span: Span) -> Window:
        """The days whose folders are listed."""
        settled = self._last_settled(today)
        due = copies.settled + DAY if copies.settled else self.settings.start or settled + DAY
        return Window(span.first or min(due, settled + DAY), span.last or today)

    def _last_settled(self, today: date) -> date:
        return last_settled(today, self.settings.lookback_days)

    def _folders(self, days: Window) -> list[str]:
        return self.settings.folders(days.first, days.last)

    def _address(self, key: str) -> str:
        return f"{self.settings.root.rstrip('/')}/{key}" if key else self.settings.root

    def _listed(
        self, store: ObjectStore, days: Window, copies: Copies, report: PullReport
    ) -> list[Listed]:
        """The objects that are wanted.

        Raises:
            PullError: a folder cannot be listed, or there is nothing at all.
        """
        found = [
            item
            for folder in self._folders(days)
            for item in self._asked(partial(_list, store, folder), folder)
        ]
        wanted = [item for item in found if self._is_wanted(item["path"])]
        if empty := sum(not item["size"] for item in wanted):
            report.notes.append(f"{empty} without content, left out")
        if not wanted and not copies.objects:
            raise PullError(
                f"{self.settings.url}: no object is there",
                f"correct remote.url or remote.include in {self.config.path}",
            )
        return [_as_listed(item) for item in wanted if item["size"]]

    def _is_wanted(self, key: str) -> bool:
        """Hidden names are what landing does not read; patterns are the user's."""
        if any(part.startswith(".") for part in key.split("/")):
            return False
        included = any(fnmatchcase(key, pattern) for pattern in self.settings.include)
        return included and not any(fnmatchcase(key, p) for p in self.settings.exclude)

    def _note_gone(self, copies: Copies, listed: Sequence[Listed], due: Sequence[Listed]) -> None:
        """Write down which objects left the delivery that is now in their folder.

        An object that vanishes while its folder is written anew is of an older delivery. One that
        vanishes alone, or with its folder, was tidied away in the store and still counts.
        """
        keys = {found.key for found in listed}
        anew = {_folder(found.key) for found in due}
        gone = {key for key in copies.objects if key not in keys and _folder(key) in anew}
        before = left_the_store(self.inbox)
        folders = {_folder(key) for key in keys}
        still = {key for key in before if key not in keys and _folder(key) in folders}
        if gone or before:
            write_store_list(self.inbox, sorted(gone | still))

    def _is_here(self, found: Listed, copies: Copies) -> bool:
        """Whether the inbox has this version; without state its size and time tell."""
        target = self.inbox / found.key
        known = copies.objects.get(found.key)
        return target.is_file() and known == found.identity if known else found.is_like(target)

    def _copy_all(self, store: ObjectStore, due: list[Listed], progress: Progress | None) -> None:
        """Copy objects, a few at a time: gateways write one small object a call.

        Raises:
            PullError: the first that failed; those not begun by then are left.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            copied = pool.map(partial(self._copy, store), due)
            for done, _ in enumerate(copied, start=1):
                if progress:
                    progress(self.config.name, done, len(due))

    def _copy(self, store: ObjectStore, found: Listed) -> None:
        """Copy one object to where it waits, unless an earlier pull has done so.

        Raises:
            PullError: it cannot be read, is cut short, or changed meanwhile.
        """
        waits = self.inbox / HIDDEN / found.waiting_name
        if found.is_like(waits):
            return
        waits.parent.mkdir(parents=True, exist_ok=True)
        part = waits.with_suffix(".part")
        got = self._asked(partial(_download, store, found, part), found.key)
        if (got.size, got.modified_ns // 10**9) != (found.size, found.modified_ns // 10**9) or (
            part.stat().st_size != found.size
        ):
            raise PullError(f"{self._address(found.key)}: changed while it was copied", "run again")
        os.utime(part, ns=(found.modified_ns, found.modified_ns))
        put_in_place(part, waits)

    def _move(self, copies: Copies) -> None:
        """Make everything visible that waits to be; goes on where a killed pull stopped."""
        if copies.moving:
            for name, key in copies.moving.items():
                waits, target = self.inbox / HIDDEN / name, self.inbox / key
                if waits.is_file():
                    _put(waits, target)
            copies.moving = {}
            copies.save()
            shutil.rmtree(self.inbox / HIDDEN, ignore_errors=True)

    def _asked(self, ask: Callable[[], Any], key: str = "") -> Any:
        """Ask the store; its faults come out in words.

        Raises:
            PullError: the store's fault.
            OSError: the disk here is full or read-only.
        """
        from obstore.exceptions import BaseError

        try:
            return ask()
        except (BaseError, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _OUR_DISK:
                raise
            kind = self.settings.kind
            raise in_words(error, self._address(key), self.config, kind) from None


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


_OUR_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def _list(store: ObjectStore, folder: str) -> list[ObjectMeta]:
    import obstore

    chunks = obstore.list(store, folder or None, chunk_size=_LISTED_AT_ONCE)
    return [item for chunk in chunks for item in chunk]


def _as_listed(item: ObjectMeta) -> Listed:
    modified_ns = (item["last_modified"] - _EPOCH) // timedelta(microseconds=1) * 1000
    identity = f"{item['e_tag'] or ''}|{item['size']}|{item['last_modified'].isoformat()}"
    return Listed(item["path"], item["size"], identity, modified_ns)


def _download(store: ObjectStore, found: Listed, part: Path) -> Listed:
    """Stream an object into a file, no more than was listed; returns what the store says of it."""
    import obstore

    answer = obstore.get(store, found.key)
    with part.open("wb") as stream:
        for chunk in answer.stream(min_chunk_size=_CHUNK):
            stream.write(chunk)
            if stream.tell() > found.size:
                break  # it changed, or never ends: it is not kept
    return _as_listed(answer.meta)


def _put(waits: Path, target: Path) -> None:
    """Rename a copied file into the inbox.

    Landing knows a changed file by its size and time: two versions of one second that are of one
    size must not have the same.

    Raises:
        PullError: the name is taken by a folder, or one of its folders by a file.
    """
    try:
        make_folder(target.parent)
        if target.is_file():
            old, new = target.stat(), waits.stat()
            if (old.st_size, old.st_mtime_ns) == (new.st_size, new.st_mtime_ns):
                os.utime(waits, ns=(new.st_mtime_ns + 1, new.st_mtime_ns + 1))
        put_in_place(waits, target)
    except OSError as error:
        raise PullError(
            f"{target}: cannot be written ({error.strerror})",
            "a key of the store is both a file and a folder: leave one out with remote.exclude",
        ) from None
