"""A session that is told its minutes ends in time and says what it left out."""

from __future__ import annotations

import pytest

from tests.support import deadline
from tests.support.deadline import MINUTES, is_late, leave_out_what_is_late


def test_a_session_is_late_after_its_minutes() -> None:
    assert not is_late(3299, "55")
    assert is_late(3301, "55")
    assert is_late(0.1, "-3")  # whoever came before took them all


def test_what_is_late_is_skipped_by_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "_BEGAN", float("-inf"))
    monkeypatch.setenv(MINUTES, "55")
    with pytest.raises(pytest.skip.Exception, match=r"55 minutes are over \(OUTLAY_TEST_MINUTES\)"):
        leave_out_what_is_late()


def test_nothing_is_left_out_in_time_or_without_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MINUTES, "1000000")
    leave_out_what_is_late()
    monkeypatch.delenv(MINUTES)
    monkeypatch.setattr(deadline, "_BEGAN", float("-inf"))
    leave_out_what_is_late()
