"""The budget of a test: processor seconds, its processes and fixtures included.

A pytest plugin. Wall time would fail tests on a machine that has other things to do.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

BUDGET_SECONDS = 40.0
"""For a test's own part, and for fixtures that it is the first to need: twice the dearest."""

DEARER = {
    "test_a_feature_and_a_label_of_its_own_for_every_call": (
        90, "300,000 calls, landed and built by processes of their own: memory is what it measures"
    ),
}  # fmt: skip
"""Tests that may cost more: by name, processor seconds and why."""


def cpu_seconds() -> float:
    """What this process, its threads and its ended children have used so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def refuse_excess(name: str, seconds: float) -> None:
    """Fail the test that has used more than it may."""
    budget, _ = DEARER.get(name, (BUDGET_SECONDS, ""))
    if seconds > budget:
        pytest.fail(
            f"{seconds:.1f} CPU seconds of {budget:.0f}: start from a built workspace"
            " (tests.support.built), build what the test looks at (`models=`), or give the reason"
            f" in {__name__}",
            pytrace=False,
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Fixtures."""
    start = cpu_seconds()
    yield
    refuse_excess(item.name.partition("[")[0], cpu_seconds() - start)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """The test itself."""
    start = cpu_seconds()
    yield
    refuse_excess(item.name.partition("[")[0], cpu_seconds() - start)
