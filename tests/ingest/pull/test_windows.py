"""Which days are asked for, again and again: first pull, days that may change, gaps, restarts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pull.plan import Span
from ingest.pull.windows import cut
from tests.ingest.pull.conftest import TODAY, Source
from tests.ingest.pull.vendor import Trouble, openai_cost

Start = Callable[..., Source]

DAY = timedelta(days=1)


def days_asked(openai: Source) -> list[str]:
    """First and last day of every request, as `10-01..10-16`; asked anew from here on."""
    found = []
    for params in openai.vendor.asked("costs"):
        first, end = (int(params[name][0]) // 86400 for name in ("start_time", "end_time"))
        days = [date(1970, 1, 1) + first * DAY, date(1970, 1, 1) + (end - 1) * DAY]
        found.append("..".join(f"{day:%m-%d}" for day in dict.fromkeys(days)))
    openai.vendor.requests.clear()
    return found


def costs(source: Start, **settings: Any) -> Source:
    """Costs of 1.01, 1.02, ... USD from the first of October on."""
    openai = source(**{"start": date(2026, 10, 1), "reports": ["costs"], **settings})
    openai.vendor.ledger["costs"] = {
        date(2026, 10, n): [openai_cost(f"1.{n:02}")] for n in range(1, 32)
    }
    return openai


@given(
    first=st.dates(date(2026, 1, 1), date(2026, 12, 31)), length=st.integers(0, 200),
    settled=st.integers(-50, 250), most=st.integers(1, 31), recent=st.integers(1, 31),
)  # fmt: skip
def test_windows_cover_the_days_once_in_order_and_no_window_is_too_long(
    first: date, length: int, settled: int, most: int, recent: int
) -> None:
    mark = first + settled * DAY
    windows = list(cut(first, first + (length - 1) * DAY, settled=mark,
                       days_per_call=most, recent_days_per_call=recent))  # fmt: skip
    days = [w.first + n * DAY for w in windows for n in range(w.days)]
    assert days == [first + n * DAY for n in range(length)]
    for w in windows:
        assert w.days <= (most if w.first <= mark else recent)
        assert not w.first <= mark < w.last


def test_a_first_pull_asks_from_the_start_day_on(source: Start) -> None:
    openai = costs(source, start=date(2026, 8, 20))
    openai.pull()
    # settled days by the month, days that may change one by one
    assert days_asked(openai) == [
        "08-20..09-19", "09-20..10-16", "10-17", "10-18", "10-19", "10-20",
    ]  # fmt: skip


def test_without_a_start_day_a_first_pull_asks_for_30_days(source: Start) -> None:
    openai = source(reports=["costs"])
    openai.pull()
    assert days_asked(openai)[0] == "09-20..10-16"


def test_a_second_pull_of_a_day_asks_for_what_may_change_and_writes_nothing_new(
    source: Start,
) -> None:
    openai = costs(source)
    assert openai.pull().files_new == 5
    before = openai.files()
    days_asked(openai)
    openai.clock.set(TODAY, hour=6)
    report = openai.pull()
    assert days_asked(openai) == ["10-17", "10-18", "10-19", "10-20"]
    assert (report.files_new, report.unchanged) == (0, 4)
    assert openai.files() == before


def test_only_the_day_that_changed_is_laid_again_and_the_newest_answer_counts(
    source: Start,
) -> None:
    openai = costs(source)
    openai.pull()
    openai.land()
    openai.vendor.ledger["costs"][date(2026, 10, 18)] = [openai_cost("0.5"), openai_cost("0.25")]
    openai.clock.set(TODAY, hour=6)
    report = openai.pull()
    assert (report.files_new, report.unchanged) == (1, 3)
    landed = openai.land()
    assert (landed.files_new, landed.rows_loaded) == (1, 2)
    charges = openai.charges()
    assert charges[date(2026, 10, 18)] == Decimal("0.75")
    # 20 days of 1.01 to 1.20, one of them restated: 22.10 - 1.18 + 0.75
    assert sum(charges.values()) == Decimal("21.67")


def test_results_in_another_order_are_no_change(source: Start) -> None:
    openai = costs(source)
    two = [openai_cost("0.5"), openai_cost("0.25")]
    openai.vendor.ledger["costs"][TODAY] = two
    openai.pull()
    openai.vendor.ledger["costs"][TODAY] = two[::-1]
    openai.clock.set(TODAY, hour=6)
    assert openai.pull().files_new == 0


def test_other_groups_are_a_change(source: Start) -> None:
    openai = costs(source)
    openai.pull()
    openai.settings["group_by"] = {"costs": ["line_item"]}
    openai.clock.set(TODAY, hour=6)
    assert openai.pull().files_new == 4


def test_the_next_day_a_day_is_asked_for_once_more_when_it_does_not_change_any_more(
    source: Start,
) -> None:
    openai = costs(source)
    openai.pull()
    days_asked(openai)
    openai.clock.set(TODAY + DAY)
    assert openai.pull().files_new == 1
    assert days_asked(openai) == ["10-17", "10-18", "10-19", "10-20", "10-21"]
    openai.clock.set(TODAY + DAY, hour=6)
    openai.pull()
    assert days_asked(openai) == ["10-18", "10-19", "10-20", "10-21"]


def test_days_missed_while_the_machine_was_off_are_pulled(source: Start) -> None:
    openai = costs(source)
    openai.clock.set(date(2026, 10, 10))
    openai.pull()
    days_asked(openai)
    openai.clock.set(date(2026, 10, 24))
    openai.pull()
    # the 7th to 10th could still change when they were asked for
    assert days_asked(openai) == ["10-07..10-20", "10-21", "10-22", "10-23", "10-24"]


def test_what_the_vendor_forgot_meanwhile_is_said(source: Start) -> None:
    router = source("openrouter")
    router.clock.set(date(2026, 8, 1))
    assert router.pull().problems == []
    router.clock.set(date(2026, 9, 20))
    (problem,) = router.pull().problems
    # the 28th of July was the newest settled day; of the 20th of September 30 days are known
    assert "2026-07-29..2026-08-20 cannot be asked for any more" in problem.reason
    assert router.pull().problems == []


def test_days_asked_for_by_hand_do_not_move_the_mark(source: Start) -> None:
    openai = costs(source)
    openai.pull(Span(date(2026, 10, 5), date(2026, 10, 6)))
    assert days_asked(openai) == ["10-05..10-06"]
    openai.pull()
    assert days_asked(openai)[0] == "10-01..10-16"


def test_a_lost_memory_pulls_again_and_totals_stay(source: Start) -> None:
    openai = costs(source)
    openai.pull()
    openai.land()
    before = openai.charges()
    for damage in ("", "not json", '{"organization": {}, "reports": {"costs": 7}}'):
        openai.state_file.write_text(damage)
        openai.clock.set(TODAY, openai.clock.time.hour + 1)
        assert openai.pull().files_new == 5
        openai.land()
        assert openai.charges() == before


def test_a_file_that_was_removed_from_the_inbox_is_laid_again(source: Start) -> None:
    openai = costs(source)
    openai.pull()
    (openai.inbox / openai.files()[-1]).unlink()
    openai.clock.set(TODAY, hour=6)
    report = openai.pull()
    assert (report.files_new, report.unchanged) == (1, 3)


def test_the_memory_does_not_grow_with_history(source: Start) -> None:
    openai = costs(source)
    sizes = []
    for day in range(20, 31):
        openai.clock.set(date(2026, 10, day))
        openai.pull()
        sizes.append(openai.state_file.stat().st_size)
    assert max(sizes) == min(sizes)


@pytest.mark.parametrize("after", range(1, 8))
def test_interrupted_anywhere_nothing_half_is_there_and_the_next_pull_ends_the_same(
    source: Start, after: int
) -> None:
    """Seven requests: three pages of settled days, then four single days."""
    openai = costs(source)
    openai.vendor.buckets_per_page = 6
    openai.vendor.trouble = [*([None] * (after - 1)), *[Trouble(cut=30)] * 100]
    broken = openai.pull()
    assert len(broken.problems) == 1
    complete = max(after - 3, 0)
    assert len(openai.files()) == complete
    assert openai.land().rows_loaded == (16 + complete - 1 if complete else 0)
    openai.vendor.trouble = []
    openai.vendor.requests.clear()
    assert openai.pull().problems == []
    # goes on after the last complete window of settled days
    assert len(openai.vendor.requests) == (4 if complete else 7)
    openai.land()
    assert openai.charges() == {date(2026, 10, n): Decimal(f"1.{n:02}") for n in range(1, 21)}


def test_a_killed_pull_leaves_hidden_parts_that_the_next_one_removes(
    source: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai = costs(source)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", lambda *_, **__: None)  # a killed process cleans not
        patch.setattr("ingest.files.os.fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            openai.pull()
    assert openai.files() == []
    assert list(openai.inbox.rglob("*.gz"))
    assert openai.land().files_new == 0
    openai.clock.set(TODAY, hour=6)
    assert openai.pull().files_new == 5
    assert [p for p in openai.inbox.rglob("*.gz") if p.name not in str(openai.files())] == []


def test_progress_counts_windows(source: Start) -> None:
    openai = costs(source)
    told: list[tuple[str, int, int]] = []
    openai.pull(progress=lambda *step: told.append(step))
    assert told == [("bill", n, 5) for n in range(1, 6)]
