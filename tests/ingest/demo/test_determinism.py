"""Same seed, same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.demo import write_workspace_data

ROOT = Path(__file__).parents[3]


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    write_workspace_data(tmp_path / "here", days=4, scale=0.2)
    script = (
        "from pathlib import Path; from ingest.demo import write_workspace_data as w; "
        f"w(Path({str(tmp_path / 'there')!r}), days=4, scale=0.2)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, env=environment)
    here = fingerprint(tmp_path / "here")
    assert here == fingerprint(tmp_path / "there")
    assert len(here) > 20


def test_another_seed_gives_other_calls(tmp_path: Path) -> None:
    first = write_workspace_data(tmp_path / "a", days=4, scale=0.1, seed=1).document
    second = write_workspace_data(tmp_path / "b", days=4, scale=0.1, seed=2).document
    assert first["calls"]["tokens"] != second["calls"]["tokens"]


def test_scale_multiplies_the_volume(tmp_path: Path) -> None:
    small = write_workspace_data(tmp_path / "a", days=4, scale=0.2).document["calls"]
    large = write_workspace_data(tmp_path / "b", days=4, scale=0.6).document["calls"]
    assert 2.5 < large["distinct_calls"] / small["distinct_calls"] < 3.5


def test_progress_is_told_after_every_day(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_workspace_data(
        tmp_path, days=4, scale=0.05, progress=lambda done, days: told.append((done, days))
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_too_few_days_are_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 4 days"):
        write_workspace_data(tmp_path, days=3)
