"""A billing period delivered again: the newest delivery counts whole, on the days it lacks too.

The lines are made by the tests: an AWS report, an Azure export, a FOCUS bill; each a day, a cost.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingest.billing.aws.cur_lines import cur2_csv
from tests.ingest.billing.aws.cur_lines import line as cur_line
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line
from tests.support.warehouse import Workspace

Costs = dict[int, str]
"""Day of September -> what it costs."""


def aws(workspace: Workspace, run: str, costs: Costs, month: int = 9) -> None:
    lines = [
        cur_line(
            identity_line_item_id=f"id{day}",
            bill_billing_period_start_date=f"2026-{month:02d}-01T00:00:00Z",
            line_item_usage_start_date=f"2026-{month:02d}-{day:02d}T07:00:00Z",
            line_item_unblended_cost=cost,
        )
        for day, cost in costs.items()
    ]
    folder = f"cur/data/BILLING_PERIOD=2026-{month:02d}/2026-{month:02d}-{run}T06:00:00Z-u"
    for number, one in enumerate(lines, start=1):  # a part for each day
        workspace.drop("bill", f"{folder}/cur-{number:05d}.csv", cur2_csv(one))


def azure(workspace: Workspace, run: str, costs: Costs, month: int = 9) -> None:
    lines = [azure_line(Date=f"{month:02d}/{day:02d}/2026", Cost=c, BillingPeriodStartDate=
             f"{month:02d}/01/2026") for day, c in costs.items()]  # fmt: skip
    folder = f"actual/2026{month:02d}01-2026{month:02d}30/run-{run}"
    submitted = {"runInfo": {"submittedTime": f"2026-{month:02d}-{run}T06:00:00Z"}}
    workspace.drop("bill", f"{folder}/part_0_0001.csv", export(*lines))
    workspace.drop("bill", f"{folder}/manifest.json", json.dumps(submitted))


def focus(workspace: Workspace, run: str, costs: Costs, month: int = 9) -> None:
    header = (
        "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,"
        "BillingAccountId,BillingPeriodStart"
    )
    lines = [
        f"{cost},USD,Usage,2026-{month:02d}-{day:02d}T00:00:00Z,AWS,1,2026-{month:02d}-01T00:00:00Z"
        for day, cost in costs.items()
    ]
    folder = f"focus/data/BILLING_PERIOD=2026-{month:02d}/2026-{month:02d}-{run}T06:00:00Z-u"
    workspace.drop("bill", f"{folder}/focus-00001.csv", "\n".join([header, *lines]) + "\n")


Deliver = Callable[[Workspace, str, Costs], None]

FORMATS: dict[str, Callable[..., None]] = {"aws_cur": aws, "azure": azure, "focus": focus}


def workspace_of(format_name: str, root: Path, settings: str = "") -> Workspace:
    workspace = Workspace(root, models=("fct_allocations", "fct_tie_out"))
    workspace.configure("bill", f'format = "{format_name}"\n{settings}')
    return workspace


def september(day: int) -> date:
    return date(2026, 9, day)


def by_day(workspace: Workspace) -> list[tuple[date, Decimal]]:
    return workspace.query(
        "select utc_day, sum(charge_usd) from marts.fct_charges group by all order by all"
    )


FIRST: Costs = {3: "1", 4: "2", 5: "4"}
SECOND: Costs = {3: "8", 5: "4"}  # the 4th is gone


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FORMATS)
def test_a_day_that_the_newest_delivery_no_longer_has_does_not_count(
    tmp_path: Path, format_name: str
) -> None:
    deliver = FORMATS[format_name]
    workspace = workspace_of(format_name, tmp_path / "grown")
    deliver(workspace, "10", FIRST)
    deliver(workspace, "10", {7: "1"}, month=8)
    workspace.build()
    assert sum(cost for _, cost in by_day(workspace)) == 8

    deliver(workspace, "11", SECOND)
    changes = workspace.build()
    assert not changes.full_refresh
    assert changes.days == (september(3), september(4), september(5))  # and no day of August
    assert by_day(workspace) == [
        (date(2026, 8, 7), 1), (september(3), 8), (september(5), 4),
    ]  # fmt: skip

    fresh = workspace_of(format_name, tmp_path / "fresh")
    deliver(fresh, "10", FIRST)
    deliver(fresh, "10", {7: "1"}, month=8)
    deliver(fresh, "11", SECOND)
    fresh.build()
    assert fresh.contents() == workspace.contents()


def test_an_older_delivery_that_comes_late_changes_nothing(tmp_path: Path) -> None:
    workspace = workspace_of("aws_cur", tmp_path)
    aws(workspace, "11", SECOND)
    workspace.build(tests=False)
    aws(workspace, "10", FIRST)
    workspace.build(tests=False)
    assert by_day(workspace) == [(september(3), 8), (september(5), 4)]


def test_the_older_delivery_counts_again_when_the_newer_one_is_taken_back(tmp_path: Path) -> None:
    workspace = workspace_of("azure", tmp_path)
    azure(workspace, "10", FIRST)
    azure(workspace, "11", SECOND)
    workspace.build(tests=False)
    # run 11 turns out to be of August: its file is replaced under its own name
    wrong = workspace.paths.inbox / "bill/actual/20260901-20260930/run-11/part_0_0001.csv"
    wrong.write_text(
        export(azure_line(Date="08/05/2026", BillingPeriodStartDate="08/01/2026", Cost="16"))
    )
    workspace.build()
    assert by_day(workspace) == [
        (date(2026, 8, 5), 16), (september(3), 1), (september(4), 2), (september(5), 4),
    ]  # fmt: skip


def test_older_versions_stay_queryable_beside_the_lines_that_count(tmp_path: Path) -> None:
    workspace = workspace_of("aws_cur", tmp_path)
    aws(workspace, "10", FIRST)
    aws(workspace, "11", SECOND)
    workspace.build(tests=False)
    assert workspace.query(
        "select utc_day, billed_cost, is_current from intermediate.int_charge_versions"
        " order by utc_day, x_as_of"
    ) == [
        (september(3), 1, False), (september(3), 8, True), (september(4), 2, False),
        (september(5), 4, False), (september(5), 4, True),
    ]  # fmt: skip


def test_what_counts_of_a_day_is_found_without_opening_other_days(tmp_path: Path) -> None:
    """The engine pushes the day below the window; a run must not read the whole lake."""
    workspace = workspace_of("focus", tmp_path)
    focus(workspace, "10", dict.fromkeys(range(1, 31), "1"))
    workspace.build(tests=False)
    plan = workspace.query(
        "explain analyze select count(*) from intermediate.int_charge_versions"
        f" where is_current and utc_day in (date '{september(4)}', date '{september(9)}')"
    )[0][1]
    assert "Scanning Files: 2/30" in plan


@pytest.mark.parametrize(
    ("settings", "counted"),
    [
        ("", [(september(3), 9), (september(4), 2), (september(5), 4)]),  # rows: both 3rds
        ('restates = "rows"', [(september(3), 9), (september(4), 2), (september(5), 4)]),
        ('restates = "day"', [(september(3), 8), (september(4), 2), (september(5), 4)]),
        ('restates = "billing_period"', [(september(3), 8), (september(5), 4)]),
    ],
)
def test_a_setting_says_what_a_focus_file_outside_of_any_run_replaces(
    tmp_path: Path, settings: str, counted: list[tuple[date, int]]
) -> None:
    workspace = workspace_of("focus", tmp_path, settings)
    for number, costs in enumerate((FIRST, SECOND), start=1):
        run = workspace_of("focus", tmp_path / f"scratch{number}")
        focus(run, "10", costs)
        (path,) = (run.paths.inbox / "bill").rglob("*.csv")
        workspace.drop("bill", f"september-v{number}.csv", path.read_text())
    workspace.build(tests=False)
    assert by_day(workspace) == counted
