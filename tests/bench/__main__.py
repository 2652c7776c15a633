"""Measure all promises about speed; the folder for their data is made anew and removed."""

from __future__ import annotations

import shutil

from tests.bench import bill_size, daily_run, full_build, ingest_speed
from tests.conftest import REPOSITORY

if __name__ == "__main__":
    folder = REPOSITORY / "data" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        for subject in (ingest_speed, bill_size, daily_run, full_build):
            subject.measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
