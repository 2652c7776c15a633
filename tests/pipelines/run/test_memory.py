"""The whole demo fits into a small machine: what a full build holds is bounded by a setting."""

from __future__ import annotations

from pathlib import Path

from tests.bench.measure import run

MOST_MB = 1664
"""What the engine may hold (`memory`, 800 MB), and Python with what it has loaded."""


def test_the_whole_demo_is_made_and_run_in_a_bounded_memory(tmp_path: Path) -> None:
    took = run("-m", "pipelines.cli.app", "demo", str(tmp_path / "demo"))
    assert (tmp_path / "demo" / "site" / "index.html").is_file()
    assert took.peak_mb < MOST_MB, str(took)
