"""Which files are the delivery: manifests list them, stores drop them, a person withdraws them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import OutlayError
from ingest.lake.catalog import open_catalog
from ingest.lake.withdrawal import withdraw
from ingest.records.store_list import write_store_list
from tests.ingest.billing.aws.cur_lines import cur2_csv, line
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line
from tests.support.lake import LANDED_AT, Lake

PERIOD = "20260901-20261001"
OLD, NEW = f"{PERIOD}/f000-old", f"{PERIOD}/1000-new"
BUCKET = "prefix/of/any/rep"


def cur(cost: str) -> str:
    return cur2_csv(line(identity_line_item_id=cost, line_item_unblended_cost=cost))


def legacy(*files: str) -> str:
    """What AWS lays beside a legacy report."""
    return json.dumps({"assemblyId": "x", "reportKeys": [f"{BUCKET}/{file}" for file in files]})


def costs(lake: Lake) -> Decimal:
    """What the lake holds; 0 of nothing."""
    parts = lake.catalog("select count(*) from parts")[0][0]
    return lake.rows("select sum(billed_cost) from rows", "billing_charges")[0][0] if parts else 0


def states(lake: Lake) -> dict[str, str]:
    found = lake.catalog("select source_file, status from files where status <> 'superseded'")
    return {name.rpartition("/")[2] if "/" in name else name: status for name, status in found}


@pytest.fixture
def aws(tmp_path: Path) -> Lake:
    return Lake(tmp_path, "bill", "aws_cur")


def test_the_manifest_of_a_period_names_the_assembly_that_counts(aws: Lake) -> None:
    aws.drop(f"{OLD}/rep-00001.csv", cur("70"))
    aws.drop(f"{NEW}/rep-00001.csv", cur("64.5"))
    aws.drop(f"{PERIOD}/rep-Manifest.json", legacy(f"{NEW}/rep-00001.csv"))
    # AWS lays a copy into each assembly's own folder, which says nothing of the others
    aws.drop(f"{OLD}/rep-Manifest.json", legacy(f"{OLD}/rep-00001.csv"))
    report = aws.land()
    assert (report.failed, report.files_left_out) == ([], 1)
    assert costs(aws) == Decimal("64.5")
    assert aws.land().files_left_out == 0
    # it names the older one again: that comes back, the other goes
    aws.drop(f"{PERIOD}/rep-Manifest.json", legacy(f"{OLD}/rep-00001.csv"))
    aws.land()
    assert costs(aws) == 70


def test_a_chunk_that_the_newest_manifest_lists_no_more_leaves_the_delivery(aws: Lake) -> None:
    data, metadata = "e/data/BILLING_PERIOD=2026-09", "e/metadata/BILLING_PERIOD=2026-09"

    def listed(*numbers: int) -> str:
        names = [f"s3://b/p/{data}/e-{number:05d}.csv" for number in numbers]
        return json.dumps({"dataFiles": names})

    aws.drop(f"{data}/e-00001.csv", cur("31"))
    aws.drop(f"{data}/e-00002.csv", cur("11"))
    aws.drop(f"{metadata}/e-Manifest.json", listed(1, 2))
    aws.land()
    assert costs(aws) == 42
    aws.drop(f"{data}/e-00001.csv", cur("45"))
    aws.drop(f"{metadata}/e-Manifest.json", listed(1))
    aws.land()
    assert costs(aws) == 45
    reason = aws.catalog("select reason from files where status = 'unlisted'")
    assert reason == [
        (f"{metadata}/e-Manifest.json does not list it: it is of an earlier delivery",)
    ]


def test_half_of_a_run_waits_and_what_was_loaded_stays(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "bill", "azure")

    def run(number: int, *parts: str) -> str:
        folder = f"20260901-20260930/run{number}"
        blobs = [{"blobName": f"any/{folder}/part_{n}_0001.csv"} for n in range(len(parts))]
        info = {"submittedTime": f"2026-09-2{number}T00:00:00Z", "startDate": "2026-09-01",
                "endDate": "2026-09-30"}  # fmt: skip
        lake.drop(f"{folder}/manifest.json", json.dumps({"runInfo": info, "blobs": blobs}))
        for n, part in enumerate(parts):
            if part:
                lake.drop(f"{folder}/part_{n}_0001.csv", export(azure_line(Cost=part)))
        return folder

    run(1, "8")
    lake.land()
    folder = run(2, "5", "")
    assert lake.land().failed == []
    assert costs(lake) == 8
    assert [r for (r,) in lake.catalog("select reason from files where status = 'unlisted'")] == [
        f"waits for part_1_0001.csv, which {folder}/manifest.json lists:"
        " copy the whole run into the inbox"
    ]
    run(2, "5", "2.25")
    assert lake.land().rows_loaded == 2
    assert costs(lake) == Decimal("15.25")  # both runs: which one counts, the models say


def test_what_left_its_delivery_in_the_store_leaves_the_lake(aws: Lake) -> None:
    folder = "data/BILLING_PERIOD=2026-09"
    aws.drop(f"{folder}/e-00001.csv", cur("60"))
    aws.drop(f"{folder}/e-00002.csv", cur("41"))
    aws.land()
    write_store_list(aws.paths.inbox / "bill", [f"{folder}/e-00002.csv"])
    aws.land()
    assert costs(aws) == 60
    write_store_list(aws.paths.inbox / "bill", [])
    aws.drop(f"{folder}/e-00002.csv", cur("42"))
    aws.land()
    assert costs(aws) == 102


def test_a_withdrawn_file_stays_out_on_record_until_it_says_something_else(aws: Lake) -> None:
    aws.drop("a.csv", cur("3"))
    aws.drop("b.csv", cur("4"))
    aws.land()

    def take(name: str) -> int:
        with open_catalog(aws.paths) as con:
            return withdraw(con, aws.paths, name, "pat", "issued again", LANDED_AT)

    assert take("bill/a.csv") == 1
    assert costs(aws) == 4
    aws.fingerprint = "v2"  # another setting reads every file again, but for this one
    aws.land()
    assert costs(aws) == 4
    assert aws.catalog("select status, reason, rows_loaded, last_day from files"
                       " where source_file = 'a.csv'") == [
        ("withdrawn", "withdrawn by pat: issued again", 0, None)
    ]  # fmt: skip
    days = aws.catalog("select distinct utc_day::varchar from changed_days")
    assert days == [("2026-09-03",)]
    for name in ("bill/a.csv", "bill/c.csv", "b.csv"):
        with pytest.raises(OutlayError, match="cannot be withdrawn"):
            take(name)
    aws.drop("a.csv", cur("3.5"))
    aws.land()
    assert costs(aws) == Decimal("7.5")


def test_a_file_that_cannot_be_read_is_forgotten_once_it_is_gone(aws: Lake) -> None:
    archive = aws.drop("rep-1.csv.zip", b"PK")
    assert "unpack it" in aws.land().failed[0][1]
    archive.unlink()
    assert aws.land().failed == []
    assert states(aws) == {}
