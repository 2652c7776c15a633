"""A check's result: what was measured, and the cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RECENT_DAYS = 7
"""Days up to the newest that the shares look at: long enough for a weekend, short enough to see
a new fault among months of good rows."""


@dataclass(frozen=True)
class Check:
    """The result of one check.

    Attributes:
        name: stable name, `subject__source` where it is about one source.
        passed: whether what it looks for is absent.
        detail: what was measured, in one sentence with its numbers.
        cure: what to do when it failed.
        is_error: a failure turns the run red; otherwise it is a warning.
    """

    name: str
    passed: bool
    detail: str
    cure: str = ""
    is_error: bool = True

    @property
    def turns_red(self) -> bool:
        """Whether the run ends with exit code 1 because of it."""
        return self.is_error and not self.passed


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few of some names, and how many more there are."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])
