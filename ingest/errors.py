"""Named errors of the ingest room: each carries the file, line and field it is about."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class OutlayError(Exception):
    """Base of every error that a user can act on; its text says what and where.

    Its arguments are the lines of the message, one each.
    """

    def __str__(self) -> str:
        """The whole message."""
        return "\n".join(map(str, self.args))


class SourceFileError(OutlayError):
    """A whole file cannot be read (truncated, empty, wrong format); nothing of it was loaded.

    Attributes:
        file: path below the inbox.
        reason: what is wrong and what to do, in one sentence, without file content.
        line: line number, when the fault has one.
        field: field name, when the fault has one.
    """

    def __init__(
        self, file: str, reason: str, *, line: int | None = None, field: str | None = None
    ) -> None:
        self.file = file
        self.reason = reason
        self.line = line
        self.field = field
        where = file + (f", line {line}" if line else "") + (f", field {field}" if field else "")
        super().__init__(f"{where}: {reason}")

    @property
    def without_file(self) -> str:
        """The text for where the file stands in a column of its own."""
        place = [f"line {self.line}"] if self.line else []
        place += [f"field {self.field}"] if self.field else []
        return ": ".join([*place, self.reason])

    def __reduce__(self) -> tuple[Any, ...]:
        """Pass from one process to another."""
        return _source_file_error, (self.file, self.reason, self.line, self.field)


def _source_file_error(
    file: str, reason: str, line: int | None, field: str | None
) -> SourceFileError:
    return SourceFileError(file, reason, line=line, field=field)


class ConfigError(OutlayError):
    """A settings or reference file is wrong.

    Attributes:
        file: path of the configuration file.
        key: dotted key, or `row N, column C` for a reference table.
        reason: what is wrong and what to do.
    """

    def __init__(self, file: str, key: str, reason: str) -> None:
        self.file = file
        self.key = key
        self.reason = reason
        super().__init__(f"{file}: {key}: {reason}")


class PullError(OutlayError):
    """A file or an answer could not be brought into the inbox; nothing half of it is there.

    Attributes:
        reason: what happened, without any key and without what the answer said.
        cure: what to do.
        ends_source: whether asking the same source for anything else is in vain.
    """

    def __init__(self, reason: str, cure: str, *, ends_source: bool = False) -> None:
        self.reason = reason
        self.cure = cure
        self.ends_source = ends_source
        super().__init__(f"{reason}; {cure}")


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: `; did you mean 'x'?`, or nothing."""
    lowered = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lowered, n=1)
    return f"; did you mean {lowered[found[0]]!r}?" if found else ""
