"""What a file was delivered with, and what a newer delivery of it replaces."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.aws import reader as aws
from ingest.billing.azure import reader as azure
from ingest.billing.export_files.deliveries import any_delivery, azure_delivery
from ingest.billing.focus import reader as focus
from ingest.errors import ConfigError, SourceFileError
from ingest.records.format import Format, InputFile
from tests.ingest.billing.aws.cur_lines import cur2_csv
from tests.ingest.billing.aws.cur_lines import line as cur_line
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line
from tests.ingest.billing.conftest import HEADER, LINE, csv_of

Stage = Callable[..., list[dict[str, Any]]]

PLACED = HEADER + ",BillingAccountId,BillingPeriodStart"
PLACED_LINE = LINE + ",acct-1,2026-09-01"


def drop(folder: Path, relative: str, content: str) -> InputFile:
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return InputFile(1, path, relative)


def manifest(**run: str) -> str:
    return json.dumps({"exportConfig": {"type": "FocusCost"}, "runInfo": run})


AZURE_RUN = {"submittedTime": "2026-09-05T03:00:00Z", "startDate": "2026-09-01T00:00:00"}


@pytest.mark.parametrize(
    ("relative", "run", "name", "as_of", "is_run"),
    [
        ("x/BILLING_PERIOD=2026-09/2026-09-05T03:00:00Z-u/f-00001.csv.gz", None,
         "x/BILLING_PERIOD=2026-09/2026-09-05T03:00:00Z-u", datetime(2026, 9, 5, 3), True),
        ("f-00001.csv.gz", None, "f", None, True),
        ("e/20260901-20260930/0f-uuid/part_0_0001.csv", None,
         "e/20260901-20260930/0f-uuid/part.csv", None, True),
        ("e/0f-uuid/part_0_0001.csv", AZURE_RUN, "e/0f-uuid/part.csv", datetime(2026, 9, 5, 3),
         True),
        ("gcp/focus-000000000003.csv", None, "gcp/focus.csv", None, False),
        ("september.csv", None, None, None, False),
        ("part1/september.csv", None, None, None, False),
    ],
)  # fmt: skip
def test_a_bill_of_an_unknown_exporter_is_placed_by_the_signs_of_its_path(
    tmp_path: Path, relative: str, run: dict[str, str] | None, name: str | None,
    as_of: datetime | None, is_run: bool,
) -> None:  # fmt: skip
    file = drop(tmp_path, relative, "")
    if run:
        drop(tmp_path, f"{relative.rpartition('/')[0]}/manifest.json", manifest(**run))
    found = any_delivery(file)
    assert (found.name, found.as_of, found.is_run) == (name, as_of, is_run)


@pytest.mark.parametrize(
    ("relative", "run", "first"),
    [
        ("e/20260901-20260930/r/part0.csv", {}, date(2026, 9, 1)),
        ("e/20260905-20260911/r/part0.csv", {}, date(2026, 9, 5)),
        ("e/20260901-20260930/r/part0.csv", {"startDate": "2026-09-05T00:00:00"},
         date(2026, 9, 5)),
        ("e/r/part0.csv", {}, None),
        ("e/20269901-20269930/r/part0.csv", {}, None),
    ],
)  # fmt: skip
def test_an_azure_run_says_from_which_day_on_it_states_costs(
    tmp_path: Path, relative: str, run: dict[str, str], first: date | None
) -> None:
    file = drop(tmp_path, relative, "")
    if run:
        drop(tmp_path, f"{relative.rpartition('/')[0]}/manifest.json", manifest(**run))
    assert azure_delivery(file).first_day == first


def test_an_export_of_the_last_seven_days_restates_days_and_no_month(
    tmp_path: Path, stage: Stage
) -> None:
    whole = drop(tmp_path, "e/20260901-20260930/r/part0.csv", export(azure_line()))
    week = drop(tmp_path, "e/20260902-20260908/r/part0.csv", export(azure_line()))
    (of_month,), (of_week,) = stage(azure.FORMAT, whole), stage(azure.FORMAT, week)
    subscription = "5f1c0000-0000-0000-0000-000000000001"
    assert of_month["x_scope"] == f"azure|0086115|2026-09-01|{subscription}"
    assert of_week["x_scope"] is None
    assert of_week["x_restatement_key"] == of_month["x_restatement_key"]


@pytest.mark.parametrize(
    ("reader", "content"),
    [(aws.FORMAT, cur2_csv(cur_line())), (azure.FORMAT, export(azure_line())),
     (focus.FORMAT, csv_of(PLACED_LINE, header=PLACED))],
)  # fmt: skip
def test_a_file_outside_of_any_run_states_no_period_whole_unless_the_setting_says_so(
    tmp_path: Path, stage: Stage, reader: Format, content: str
) -> None:
    file = drop(tmp_path, "bill.csv", content)
    assert [row["x_scope"] for row in stage(reader, file)] == [None]
    (row,) = stage(reader, file, restates="billing_period")
    assert row["x_restatement_key"].replace("|2026-09-03", "").startswith(row["x_scope"][:20])
    run = drop(tmp_path, "BILLING_PERIOD=2026-09/20260901-20260930/b-00001.csv", content)
    assert all(row["x_scope"] for row in stage(reader, run))
    assert [row["x_scope"] for row in stage(reader, run, restates="day")] == [None]


@pytest.mark.parametrize(
    ("reader", "content", "choices"),
    [(aws.FORMAT, cur2_csv(cur_line()), "billing_period, day"),
     (azure.FORMAT, export(azure_line()), "billing_period, day"),
     (focus.FORMAT, csv_of(LINE), "billing_period, day, rows")],
)  # fmt: skip
def test_an_unknown_word_in_the_setting_is_an_error_that_lists_the_known_ones(
    tmp_path: Path, stage: Stage, reader: Format, content: str, choices: str
) -> None:
    with pytest.raises(ConfigError, match=f"restates: 'month' is none of {choices}"):
        stage(reader, drop(tmp_path, "bill.csv", content), restates="month")


def test_a_focus_file_that_cannot_be_placed_is_refused_where_periods_are_restated(
    tmp_path: Path, stage: Stage
) -> None:
    file = drop(tmp_path, "bill.csv", csv_of(LINE))
    with pytest.raises(SourceFileError, match="no column BillingAccountId, BillingPeriodStart"):
        stage(focus.FORMAT, file, restates="billing_period")
