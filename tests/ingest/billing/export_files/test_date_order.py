"""Dates with slashes: one order of day and month for a whole file, or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.azure.reader import FORMAT as AZURE
from ingest.billing.focus.reader import FORMAT as FOCUS
from ingest.errors import ConfigError, SourceFileError
from ingest.records.format import Format, InputFile
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

NO_PERIOD = {"BillingPeriodStartDate": "", "BillingPeriodEndDate": ""}


def days(stage: Stage, file: InputFile, of: Format = AZURE, **options: Any) -> list[date]:
    rows = stage(of, file, **options)
    assert not [row for row in rows if row["reject_reason"]]
    return [row["charge_period_start"].date() for row in rows]


def azure(*dates: str, **values: str) -> str:
    return export(*(azure_line(Date=text, **(NO_PERIOD | values)) for text in dates))


def test_a_day_beyond_twelve_decides_for_the_whole_file(as_file: Lay, stage: Stage) -> None:
    day_first = [f"{day:02d}/11/2026" for day in (3, 9, 21)]
    assert days(stage, as_file(azure(*day_first), "a.csv")) == [
        date(2026, 11, 3), date(2026, 11, 9), date(2026, 11, 21)
    ]  # fmt: skip
    month_first = ["11/03/2026", "11/21/2026"]
    assert days(stage, as_file(azure(*month_first), "b.csv"))[0] == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("dates", "period", "first"),
    [
        # a billing period begins on the first of a month
        (["04/05/2026"], ("01/05/2026", "31/05/2026"), date(2026, 5, 4)),
        (["5/4/26"], ("5/1/26", "5/9/26"), date(2026, 5, 4)),
        # days of one month, not one day of each of three months
        (["04/05/2026", "04/06/2026", "04/07/2026"], ("", ""), date(2026, 4, 5)),
        (["04/05/2026", "05/05/2026", "06/05/2026"], ("", ""), date(2026, 5, 4)),
        # the same in both orders
        (["06/06/2026"], ("", ""), date(2026, 6, 6)),
    ],
)
def test_dates_of_the_first_twelve_days_are_told_by_what_surrounds_them(
    as_file: Lay, stage: Stage, dates: list[str], period: tuple[str, str], first: date
) -> None:
    start, end = period
    content = azure(*dates, BillingPeriodStartDate=start, BillingPeriodEndDate=end)
    assert days(stage, as_file(content, "a.csv"))[0] == first


def test_what_fits_both_orders_is_refused_and_the_setting_that_is_named_cures_it(
    as_file: Lay, stage: Stage
) -> None:
    file = as_file(azure("03/04/2026", "03/05/2026", "04/05/2026"), "a.csv")
    with pytest.raises(SourceFileError, match='date_order = "month_first" or "day_first"'):
        stage(AZURE, file)
    assert days(stage, file, date_order="day_first")[0] == date(2026, 4, 3)
    assert days(stage, file, date_order="month_first")[0] == date(2026, 3, 4)
    with pytest.raises(ConfigError, match="date_order"):
        stage(AZURE, file, date_order="us")


def test_both_orders_in_one_file_and_a_setting_that_the_file_contradicts_are_refused(
    as_file: Lay, stage: Stage
) -> None:
    with pytest.raises(SourceFileError, match="some month first and some day first"):
        stage(AZURE, as_file(azure("03/21/2026", "21/03/2026"), "a.csv"))
    # days of September, a period that only the other order makes one
    mixed = azure("21/09/2026", BillingPeriodStartDate="09/01/2026",
                  BillingPeriodEndDate="09/30/2026")  # fmt: skip
    with pytest.raises(SourceFileError, match="some month first and some day first"):
        stage(AZURE, as_file(mixed, "b.csv"))
    with pytest.raises(SourceFileError, match="are day first"):
        stage(AZURE, as_file(azure("21/03/2026"), "c.csv"), date_order="month_first")


def test_the_dates_of_the_folder_tell_too_and_focus_reads_alike(
    tmp_path: Path, stage: Stage
) -> None:
    header = "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName"
    period = "BillingAccountId,BillingPeriodStart"
    content = f"{header},{period}\n1,USD,Usage,03/04/2026,Acme,a,2026-04-01\n"
    path = tmp_path / "20260401-20260430" / "r" / "part_0_0001.csv"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    file = InputFile(1, path, path.relative_to(tmp_path).as_posix())
    assert days(stage, file, FOCUS) == [date(2026, 4, 3)]
