"""Measure all promises about speed, or those of the subjects that are named.

The folder for their data is made anew and removed. Ends with 1 when a promise did not hold.
`year --days 40` makes do with so many runs.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from tests.bench import (
    bill_size,
    daily_run,
    detectors,
    distinct_tags,
    flushing,
    full_build,
    ingest_speed,
    kills,
    year,
)
from tests.bench.measure import Promises, machine
from tests.conftest import REPOSITORY

SUBJECTS = {
    "ingest_speed": ingest_speed,
    "bill_size": bill_size,
    "daily_run": daily_run,
    "flushing": flushing,
    "full_build": full_build,
    "distinct_tags": distinct_tags,
    "detectors": detectors,
    "kills": kills,
    "year": year,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--days", type=int, default=year.DAYS, help="runs of the year")
    given = parser.parse_args()
    if unknown := [name for name in given.subjects if name not in SUBJECTS]:
        sys.exit(f"no subject {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    arguments = {"year": [given.days]}
    print(machine())
    folder = REPOSITORY / "data" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    promises = Promises()
    try:
        for name in given.subjects or SUBJECTS:
            SUBJECTS[name].measure(folder, promises, *arguments.get(name, []))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if promises.broken:
        sys.exit("\n".join(["promises that did not hold:", *promises.broken]))
