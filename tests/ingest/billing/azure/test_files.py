"""Azure exports as deliveries: one dataset per source, runs, parts and times."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.billing.azure.reader import FORMAT
from ingest.errors import ConfigError, SourceFileError
from ingest.records.format import InputFile, Refusal
from tests.ingest.billing.azure.bills import BOUGHT, COVERED, SPREAD, UNUSED, export, line
from tests.ingest.billing.conftest import as_config, left_behind
from tests.support import lake as scratch

Stage = Callable[..., list[dict[str, Any]]]

ACTUAL = export(line(), line(**BOUGHT))
ACTUAL_LATER = export(line(Date="10/04/2026"), line(**COVERED))
AMORTIZED = export(line(), line(**SPREAD), line(**UNUSED))
EITHER = export(line())


def drop(folder: Path, relative: str, content: str) -> InputFile:
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return InputFile(1, path, relative)


def manifest(kind: str = "ActualCost", submitted: str = "2026-09-05T03:04:05.6229387Z") -> str:
    content = {"exportConfig": {"type": kind}, "runInfo": {"submittedTime": submitted}}
    return json.dumps(content)


@pytest.mark.parametrize(
    ("first", "second", "read", "refused"),
    [
        (ACTUAL, AMORTIZED, "actual", "amortized"),
        (ACTUAL_LATER, AMORTIZED, "actual", "amortized"),
        (AMORTIZED, ACTUAL, "amortized", "actual"),
        (AMORTIZED, ACTUAL_LATER, "amortized", "actual"),
    ],
)
def test_a_source_refuses_the_second_dataset_and_names_the_cure(
    tmp_path: Path, stage: Stage, first: str, second: str, read: str, refused: str
) -> None:
    one, other = drop(tmp_path, "a/1.csv", first), drop(tmp_path, "b/2.csv", second)
    assert stage(FORMAT, one)
    with pytest.raises(SourceFileError) as error:
        stage(FORMAT, other)
    assert (error.value.file, error.value.reason) == (
        "b/2.csv",
        f"is an export of {refused} cost, but this source reads {read} cost (a/1.csv is of the "
        f"{read} one): both state the same usage, so their sum is wrong. Keep this file out of "
        f'the inbox, or start a source of its own with dataset = "{refused}" in place of this one',
    )


def test_the_setting_decides_whatever_comes_first(tmp_path: Path, stage: Stage) -> None:
    actual, amortized = drop(tmp_path, "1.csv", ACTUAL), drop(tmp_path, "2.csv", AMORTIZED)
    assert len(stage(FORMAT, amortized, dataset="amortized")) == 3
    with pytest.raises(SourceFileError, match=r'x\.toml says dataset = "amortized"'):
        stage(FORMAT, actual, dataset="amortized")


def test_a_setting_that_names_no_dataset_is_an_error(tmp_path: Path, stage: Stage) -> None:
    with pytest.raises(ConfigError, match='dataset: write "actual" or "amortized"'):
        stage(FORMAT, drop(tmp_path, "1.csv", EITHER), dataset="both")


def test_a_file_without_commitments_reads_the_same_in_both(tmp_path: Path, stage: Stage) -> None:
    plain = drop(tmp_path, "1.csv", EITHER)
    for dataset in ("actual", "amortized"):
        assert len(stage(FORMAT, plain, dataset=dataset)) == 1
    drop(tmp_path, "0.csv", AMORTIZED)
    assert len(stage(FORMAT, plain)) == 1


@pytest.mark.parametrize(
    ("relative", "run"),
    [("daily-AmortizedCost/9.csv", None), ("export/run/9.csv", manifest("AmortizedCost"))],
)
def test_a_path_or_a_manifest_tells_the_dataset_when_rows_do_not(
    tmp_path: Path, stage: Stage, relative: str, run: str | None
) -> None:
    drop(tmp_path, "a.csv", ACTUAL)
    told = drop(tmp_path, relative, EITHER)
    if run:
        drop(tmp_path, f"{relative.rpartition('/')[0]}/manifest.json", run)
    with pytest.raises(SourceFileError, match="is an export of amortized cost"):
        stage(FORMAT, told)


def test_files_that_are_no_export_decide_nothing(
    tmp_path: Path, stage: Stage, con: duckdb.DuckDBPyConnection
) -> None:
    drop(tmp_path, "0.csv", "a,b\n1,2\n")
    drop(tmp_path, "1.csv", "")
    drop(tmp_path, "2.parquet", "PAR1")
    drop(tmp_path, ".hidden.csv", ACTUAL)
    assert len(stage(FORMAT, drop(tmp_path, "3.csv", AMORTIZED))) == 3
    assert left_behind(con) == []


def test_a_file_that_holds_both_is_refused(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    both = drop(tmp_path, "1.csv", export(line(**BOUGHT), line(**SPREAD)))
    (refused,) = FORMAT.read(con, [both], as_config())
    assert isinstance(refused, Refusal)
    assert "export ActualCost and AmortizedCost apart" in str(refused.error)
    assert left_behind(con) == []


@pytest.mark.parametrize(
    ("relative", "delivery"),
    [("9.csv", "9.csv"),
     ("e/20260901-20260930/run1/part_0_0001.csv", "e/20260901-20260930/run1/part.csv"),
     ("e/20260901-20260930/run1/part_1_0001.csv", "e/20260901-20260930/run1/part.csv"),
     ("e/20260901-20260930/e_0f.csv", "e/20260901-20260930/e_0f.csv"),
     ("apart2.csv", "apart2.csv")],
)  # fmt: skip
def test_parts_of_a_run_are_delivered_together(
    tmp_path: Path, stage: Stage, relative: str, delivery: str
) -> None:
    (row,) = stage(FORMAT, drop(tmp_path, relative, EITHER))
    assert (row["x_delivery"], row["x_as_of"]) == (delivery, None)


@pytest.mark.parametrize(
    ("relative", "run", "time"),
    [("r/part_0_0001.csv", manifest(), datetime(2026, 9, 5, 3, 4, 5, 622938)),
     ("r/part_0_0001.csv", manifest(submitted="2026-09-05T03:04:05+02:00"),
      datetime(2026, 9, 5, 1, 4, 5)),
     ("r/part_0_0001.csv", manifest(submitted="yesterday"), None),
     ("20260901-20260930/202609041230/part_0_0001.csv", "", datetime(2026, 9, 4, 12, 30)),
     ("20260904123015/part_0_0001.csv", "", datetime(2026, 9, 4, 12, 30, 15)),
     ("209999999999/part_0_0001.csv", "", None)],
)  # fmt: skip
def test_the_time_of_a_run_is_its_manifests_or_its_paths(
    tmp_path: Path, stage: Stage, relative: str, run: str, time: datetime | None
) -> None:
    if run:
        drop(tmp_path, f"{relative.rpartition('/')[0]}/manifest.json", run)
    (row,) = stage(FORMAT, drop(tmp_path, relative, EITHER))
    assert row["x_as_of"] == time


def test_a_month_delivered_again_has_the_keys_of_the_month_it_replaces(
    tmp_path: Path, stage: Stage
) -> None:
    days = [line(Date=f"9/{day}/2026", Cost="1") for day in (1, 2)]
    first = stage(FORMAT, drop(tmp_path, "r1/part_0_0001.csv", export(*days)))
    again = stage(FORMAT, drop(tmp_path, "r2/part_0_0001.csv", export(*days, line(Cost="2"))))
    keys = [row["x_restatement_key"] for row in again]
    assert [row["x_restatement_key"] for row in first] == keys[:2]
    assert len(set(keys)) == 3
    assert first[0]["x_delivery"] != again[0]["x_delivery"]


def test_exports_of_two_subscriptions_do_not_replace_each_other(
    tmp_path: Path, stage: Stage
) -> None:
    one, other = stage(FORMAT, drop(tmp_path, "1.csv", export(
        line(SubscriptionId="s-1"), line(SubscriptionId="s-2"))))  # fmt: skip
    assert one["x_restatement_key"] != other["x_restatement_key"]


def test_a_manifest_brings_no_rows_and_a_damaged_one_is_told(tmp_path: Path, stage: Stage) -> None:
    assert stage(FORMAT, drop(tmp_path, "r/manifest.json", manifest())) == []
    with pytest.raises(SourceFileError, match="is not a JSON object; copy the export's run again"):
        stage(FORMAT, drop(tmp_path, "r/manifest.json", "[1"))


def test_landing_loads_one_dataset_and_reports_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scratch.FORMATS, "azure", FORMAT)
    lake = scratch.Lake(tmp_path, source="azure", format="azure")
    lake.drop("actual/r1/part_0_0001.csv", ACTUAL)
    lake.drop("actual/r1/part_1_0001.csv", EITHER.replace("09/04/2026", "09/05/2026"))
    lake.drop("actual/r1/manifest.json", manifest())
    lake.drop("spread/r1/part_0_0001.csv", AMORTIZED)
    report = lake.land()
    assert (report.files_new, report.rows_loaded, report.rows_quarantined) == (3, 3, 0)
    assert [name for name, _ in report.failed] == ["spread/r1/part_0_0001.csv"]
    assert lake.land().files_new == 0
    sql = "select sum(billed_cost), count(distinct x_delivery), min(x_as_of) from rows"
    assert lake.rows(sql, "billing_charges") == [
        (26000 + 2 * Decimal("3.0864175"), 1, datetime(2026, 9, 5, 3, 4, 5, 622938))
    ]
