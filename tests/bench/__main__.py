"""Measure all promises about speed, or those of the subjects that are named.

The folder for their data is made anew and removed. Ends with 1 when a promise did not hold.
"""

from __future__ import annotations

import shutil
import sys

from tests.bench import (
    bill_size,
    daily_run,
    detectors,
    distinct_tags,
    full_build,
    ingest_speed,
    year,
)
from tests.bench.measure import Promises, machine
from tests.conftest import REPOSITORY

SUBJECTS = {
    "ingest_speed": ingest_speed,
    "bill_size": bill_size,
    "daily_run": daily_run,
    "full_build": full_build,
    "distinct_tags": distinct_tags,
    "detectors": detectors,
    "year": year,
}

if __name__ == "__main__":
    if unknown := [name for name in sys.argv[1:] if name not in SUBJECTS]:
        sys.exit(f"no subject {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    print(machine())
    folder = REPOSITORY / "data" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    promises = Promises()
    try:
        for name in sys.argv[1:] or SUBJECTS:
            SUBJECTS[name].measure(folder, promises)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if promises.broken:
        sys.exit("\n".join(["promises that did not hold:", *promises.broken]))
