"""The budget of a test: processor seconds of an idle machine, its processes and fixtures included.

`make test` ends in ten minutes because a test that takes longer than most is marked `slow`; `make
test-slow` runs those, and CI both.

Wall time would fail tests on a machine that has other things to do. Processor time grows there too,
for caches and cores are shared: a test over its budget is measured against work of known length.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

BUDGET_SECONDS = 12.0
"""For a test's own part, and the same for fixtures that it is the first to need."""

SLOW_SECONDS = 40.0
"""The same for a test that is marked `slow`, and for fixtures of its module."""

DEARER = {
    "test_a_feature_and_a_label_of_its_own_for_every_call": (
        70, "300,000 calls, landed and built by processes of their own: memory is what it measures"
    ),
    "test_the_whole_demo_is_made_and_run_in_a_bounded_memory": (
        220, "200,000 calls, a process of their own, and a month that is closed and corrected:"
        " only a full build holds what it may hold"
    ),
    "test_late_corrected_split_and_repeated_files_give_the_marts_of_a_fresh_build": (
        60, "every model there is, built by dbt after each of several arrivals, and once more whole"
    ),
    "test_a_process_that_ends_at_any_statement_leaves_one_of_both_and_the_next_run_cures_it": (
        60, "each statement of three materializations ends a process, and a run cures what it left"
    ),
    "test_classes_are_disjoint_and_the_order_and_cut_of_files_do_not_matter": (
        60, "sixty examples of a log, each landed whole and once more cut in two files"
    ),
}  # fmt: skip
"""Slow tests that may cost more: by name, processor seconds and why."""

_KNOWN_WORK_SECONDS = 0.0175
"""What `_known_work` takes on an idle core of the machine that the budget was set on."""

_shared_seconds = 0.0


def cpu_seconds() -> float:
    """What this process, its threads and its ended children have used so far for one test."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system - _shared_seconds


@contextmanager
def shared_work() -> Iterator[None]:
    """Work for all tests, which is not on the account of the one that is the first to need it."""
    global _shared_seconds
    start = cpu_seconds()
    try:
        yield
    finally:
        _shared_seconds += cpu_seconds() - start


def refuse_excess(name: str, seconds: float, *, is_slow: bool) -> None:
    """Fail the test that has used more than it may."""
    budget, _ = DEARER.get(name, (SLOW_SECONDS, "")) if is_slow else (BUDGET_SECONDS, "")
    if seconds > budget and (idle := seconds / slowdown()) > budget:
        more = f"give the reason in {__name__}" if is_slow else "mark it `slow`"
        pytest.fail(
            f"{idle:.1f} CPU seconds of {budget:.0f}: start from a built workspace"
            f" (tests.support.built), build what the test looks at (`models=`), or {more}",
            pytrace=False,
        )


def slowdown() -> float:
    """How much longer than on an idle machine work takes now; at least 1."""
    taken = []
    for _ in range(10):
        start = time.process_time()
        _known_work()
        taken.append(time.process_time() - start)
    return max(1.0, sum(taken) / len(taken) / _KNOWN_WORK_SECONDS)


def _known_work() -> int:
    found = {str(n): hash((n, str(n))) % 97 for n in range(60_000)}
    return sum(found.values())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Fixtures."""
    start = cpu_seconds()
    yield
    _refuse(item, cpu_seconds() - start)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """The test itself."""
    start = cpu_seconds()
    yield
    _refuse(item, cpu_seconds() - start)


def _refuse(item: pytest.Item, seconds: float) -> None:
    is_slow = item.get_closest_marker("slow") is not None
    refuse_excess(item.name.partition("[")[0], seconds, is_slow=is_slow)
