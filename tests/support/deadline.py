"""The end of a test session on a machine that is too slow for all of it.

CI has ninety minutes, in which a machine at a quarter of its speed runs half of the tests. Told how
many minutes there are, a session begins none after them: what it left out is reported as skipped.
Without it every test runs, however long it takes.
"""

from __future__ import annotations

import os
import time

import pytest

MINUTES = "OUTLAY_TEST_MINUTES"
"""Environment variable: minutes after which no test begins."""

_BEGAN = time.monotonic()


def leave_out_what_is_late() -> None:
    """Skip the test that is about to begin when the session's minutes are over."""
    stated = os.environ.get(MINUTES)
    if stated and is_late(time.monotonic() - _BEGAN, stated):
        pytest.skip(f"{stated} minutes are over ({MINUTES}): left out on a machine as slow as this")


def is_late(seconds: float, minutes: str) -> bool:
    """Whether a session of some seconds has used its minutes."""
    return seconds > float(minutes) * 60
