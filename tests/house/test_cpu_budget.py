"""No test takes so long that nobody runs it: each has a budget of processor time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.support import cpu_budget
from tests.support.cpu_budget import DEARER, SLOW_SECONDS

MAKEFILE = (REPOSITORY / "Makefile").read_text()

BUSY = """
import subprocess, sys, time
import pytest
from tests.support.cpu_budget import shared_work

def spend(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass

def test_cheap():
    pass

def test_that_is_the_first_to_need_what_all_share():
    with shared_work():
        spend(0.3)

def test_itself():
    spend(0.3)

@pytest.mark.slow
def test_that_is_marked():
    spend(0.3)

def test_in_a_process_of_its_own():
    code = "import time\\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


def test_a_test_over_its_budget_fails_its_processes_counted(
    tmp_path: Path,
) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.support import cpu_budget\n"
        "from tests.support.cpu_budget import pytest_runtest_call, pytest_runtest_setup\n"
        "cpu_budget.BUDGET_SECONDS = 0.2\n"
        "cpu_budget.slowdown = lambda: 1\n"
    )
    (tmp_path / "test_busy.py").write_text(BUSY)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow\n")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_busy.py"],
        cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True,
    )  # fmt: skip
    assert "2 failed, 3 passed" in result.stdout, result.stdout + result.stderr
    for name in ("test_itself", "test_in_a_process_of_its_own"):
        assert f"FAILED test_busy.py::{name} - Failed: 0." in result.stdout


def test_a_busy_machine_makes_no_test_dearer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_budget, "slowdown", lambda: 1.5)
    cpu_budget.refuse_excess("test_x", 59, is_slow=True)
    with pytest.raises(pytest.fail.Exception, match=r"40\.7 CPU seconds of 40.*give the reason"):
        cpu_budget.refuse_excess("test_x", 61, is_slow=True)
    cpu_budget.refuse_excess("test_x", 17.9, is_slow=False)
    with pytest.raises(pytest.fail.Exception, match=r"12\.7 CPU seconds of 12.*mark it `slow`"):
        cpu_budget.refuse_excess("test_x", 19, is_slow=False)


def test_every_dearer_test_is_marked_slow_and_has_a_reason() -> None:
    written = "".join(path.read_text() for path in (REPOSITORY / "tests").rglob("test_*.py"))
    for name, (seconds, reason) in DEARER.items():
        assert f"def {name}(" in written, name
        assert seconds > SLOW_SECONDS, name
        assert len(reason.split()) > 3, name


def test_nothing_is_left_out_of_both_commands() -> None:
    """`make test` and `make test-slow` run every test between them, and CI both."""
    commands = dict(
        re.findall(r"^(test|test-slow):.*\n\t\$\(BIN\)/python -m (.*)$", MAKEFILE, re.M)
    )
    assert commands["test"].split(" --")[0] == 'pytest -m "not slow"'
    assert commands["test-slow"].split(" --")[0] == "pytest -m slow"
    ci = (REPOSITORY / ".ci" / "run").read_text()
    assert re.findall(r"^(?:OUTLAY_TEST_MINUTES=.* )?make (test\S*)$", ci, re.M) == [
        "test", "test-slow",
    ]  # fmt: skip
