"""What a pull is told, and what it tells: the same for APIs and object stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from ingest.errors import PullError

Progress = Callable[[str, int, int], None]
"""Called with (source name, windows done, windows to do)."""

KeyOf = Callable[[str], str | None]
"""Gives the key that an environment variable holds."""


@dataclass(frozen=True)
class Span:
    """Days to pull although nothing says that they changed, both ends included."""

    first: date | None = None
    last: date | None = None


@dataclass
class PullReport:
    """What a pull did for one source.

    Attributes:
        files_new: files that came into the inbox.
        unchanged: windows or objects that say what they said before.
        requests: requests sent, repeated ones included; none are counted of object stores.
        problems: what failed, with its cure.
        notes: what is worth knowing and no failure.
    """

    source_name: str
    files_new: int = 0
    unchanged: int = 0
    requests: int = 0
    problems: list[PullError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: PullReport) -> None:
        """Take in what another pull of the same source did."""
        self.files_new += other.files_new
        self.unchanged += other.unchanged
        self.requests += other.requests
        self.problems += other.problems
        self.notes += other.notes


@dataclass(frozen=True)
class PullPlan:
    """What a pull would ask for.

    Attributes:
        what: the report, or the address that would be listed.
        days: the days in words.
        calls: answers it takes, when none has more than one page.
    """

    source_name: str
    what: str
    days: str
    calls: int
