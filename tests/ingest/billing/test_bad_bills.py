"""Bad input of every bill that is a file of rows, from inbox to lake: told, never in a total."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.billing.aws import reader as aws
from ingest.billing.azure import reader as azure
from ingest.billing.focus import reader as focus
from ingest.billing.gcp import reader as gcp
from ingest.lake.file_entries import SourceReport
from tests.ingest.billing.aws.cur_lines import cur2_csv
from tests.ingest.billing.aws.cur_lines import line as cur_line
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line
from tests.ingest.billing.conftest import csv_of
from tests.ingest.billing.gcp.rows import as_csv
from tests.ingest.billing.gcp.rows import row as gcp_row
from tests.support import lake as scratch


def focus_bill(*costs: str) -> str:
    return csv_of(*(f"{c},USD,Usage,2026-09-0{n}T00:00:00Z,Acme" for n, c in enumerate(costs, 1)))


def cur_bill(*costs: str) -> str:
    return cur2_csv(*(
        cur_line(line_item_unblended_cost=c, identity_line_item_id=str(n),
                 line_item_usage_start_date=f"2026-09-0{n}T07:00:00Z")
        for n, c in enumerate(costs, 1)
    ))  # fmt: skip


def azure_bill(*costs: str) -> str:
    return export(*(azure_line(Cost=c, Date=f"09/0{n}/2026") for n, c in enumerate(costs, 1)))


def gcp_bill(*costs: str) -> str:
    return as_csv(*(
        gcp_row(cost=float(c), usage_start_time=f"2026-09-0{n} 03:00:00 UTC")
        for n, c in enumerate(costs, 1)
    ))  # fmt: skip


BILLS = {"focus": focus_bill, "aws_cur": cur_bill, "azure": azure_bill, "gcp": gcp_bill}
AMOUNT = {"focus": "BilledCost", "aws_cur": "line_item_unblended_cost", "azure": "Cost",
          "gcp": "cost"}  # fmt: skip
"""The header of the column that is billed."""

GOOD = ("1.25", "2.5")
MANY = tuple(f"{n}.{n}" for n in range(1, 9))


@pytest.fixture(params=BILLS)
def lake(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> scratch.Lake:
    """An inbox of each format, with a good bill of 3.75 landed in it."""
    for reader in (aws.FORMAT, azure.FORMAT, focus.FORMAT, gcp.FORMAT):
        monkeypatch.setitem(scratch.FORMATS, reader.name, reader)
    made = scratch.Lake(tmp_path, source="bill", format=request.param)
    made.drop("a.csv", BILLS[request.param](*GOOD))
    assert made.land().failed == []
    return made


def billed(lake: scratch.Lake) -> Decimal:
    ((total,),) = lake.rows("select sum(billed_cost) from rows", "billing_charges")
    return Decimal(total)


def reason(report: SourceReport, name: str) -> str:
    ((file, why),) = report.failed
    assert file == name
    return why


def damage(lake: scratch.Lake, kind: str) -> tuple[str, bytes, str]:
    """A bad file of the lake's format: its name, its content, words of the reason."""
    text = BILLS[lake.format](*MANY)
    packed = gzip.compress(text.encode(), mtime=0)
    amount = AMOUNT[lake.format]
    header, rest = text.split("\n", 1)
    renamed = header.replace(f"{amount},", f"{amount}Total,", 1)
    return {
        "a gzip cut short": ("b.csv.gz", packed[:-20], "compressed file; copy it again"),
        "a gzip less its checksum": ("b.csv.gz", packed[:-8], "compressed file; copy it again"),
        "a header and no rows": ("b.csv", f"{header}\n".encode(), "no data returned"),
        "a renamed column": ("b.csv", f"{renamed}\n{rest}".encode(), "no column"),
        "an empty file": ("b.csv", b"", "empty"),
        "a web page": ("b.csv", b"<!doctype html>\n<html>\n</html>\n", "no column"),
        "not UTF-8": ("b.csv", text.encode("utf-16"), "is not UTF-8 text; export it again"),
        "a Parquet that is none": ("b.parquet", text.encode(), "not a readable Parquet file"),
    }[kind]


KINDS = (
    "a gzip cut short", "a gzip less its checksum", "a header and no rows", "a renamed column",
    "an empty file", "a web page", "not UTF-8", "a Parquet that is none",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_file_is_told_with_its_cure_and_brings_nothing_into_the_total(
    lake: scratch.Lake, kind: str
) -> None:
    name, content, words = damage(lake, kind)
    lake.drop(name, content)
    lake.drop("c.csv", BILLS[lake.format]("0", "0", "4"))
    assert words in reason(lake.land(), name)
    assert billed(lake) == Decimal("7.75")
    assert lake.catalog("select count(*) from files where status = 'failed'") == [(1,)]


def test_a_renamed_column_is_named_in_the_reason(lake: scratch.Lake) -> None:
    name, content, _ = damage(lake, "a renamed column")
    lake.drop(name, content)
    assert AMOUNT[lake.format].lower() in reason(lake.land(), name).lower()


@pytest.mark.parametrize("kind", ["a header and no rows", "a renamed column", "an empty file"])
def test_a_bad_correction_leaves_the_rows_that_it_should_have_replaced(
    lake: scratch.Lake, kind: str
) -> None:
    _, content, _ = damage(lake, kind)
    lake.drop("a.csv", content)
    assert reason(lake.land(), "a.csv")
    assert billed(lake) == Decimal("3.75")


def test_a_byte_order_mark_changes_nothing(lake: scratch.Lake) -> None:
    lake.drop("a.csv", b"\xef\xbb\xbf" + BILLS[lake.format](*GOOD).encode())
    report = lake.land()
    assert (report.failed, report.rows_loaded, billed(lake)) == ([], 2, Decimal("3.75"))


def test_a_row_that_cannot_be_read_is_kept_aside_by_line_and_field_without_its_content(
    lake: scratch.Lake,
) -> None:
    text = BILLS[lake.format]("77.5", "1").replace("77.5", "seventy")
    lake.drop("b.csv", text)
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    ((line, field, why),) = lake.catalog("select source_line, field, reason from quarantine")
    assert (line, field) == (2, AMOUNT[lake.format])
    assert "seventy" not in why
    assert "is not a number" in why


def test_a_file_that_arrives_twice_counts_once(lake: scratch.Lake) -> None:
    lake.drop("again.csv", BILLS[lake.format](*GOOD))
    report = lake.land()
    assert (report.files_new, report.files_duplicate, billed(lake)) == (0, 1, Decimal("3.75"))
