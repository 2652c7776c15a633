"""The review of a week: Monday to Sunday, with owners, and what became of the week before."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.alerts.review import weekly_review
from pipelines.workspace.paths import Workspace
from tests.pipelines.alerts.published import incident, insert, workspace_of
from tests.pipelines.conftest import outlay


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspace_of(
        tmp_path / "acme",
        incident("now", started_at=datetime(2026, 10, 25, 23)),
        incident("before", started_at=datetime(2026, 10, 18, 23), status="acknowledged",
                 marked_by="Ann", member="a|b"),
        incident("later", started_at=datetime(2026, 10, 26, 0), member="later"),
    )  # fmt: skip
    with duckdb.connect(str(made.showback)) as con:
        con.execute("insert into marts.fct_usage_daily values ('2026-10-27')")
        for driver, usd in (("loops", "0.02"), ("price", "-0.03"), ("residual", "0")):
            insert(con, "reports.rpt_cost_bridge", {
                "period_grain": "week", "period_start": date(2026, 10, 19), "dimension": "all",
                "measure": "cost_per_success", "driver": driver, "effect_usd": Decimal(usd),
                "owner": "Agents", "previous_usd": Decimal("0.5"), "current_usd": Decimal("0.49"),
            })  # fmt: skip
        con.execute(
            "insert into marts.fct_key_usage_daily values ('2026-09-26', 'k1', 'Blue', 3),"
            " ('2026-09-20', 'k1', 'Blue', 4), ('2026-09-27', 'k2', 'Red', 1)"
        )
        con.execute(
            "insert into reports.rpt_experiments values ('tone', 'new', 'old', 'Ann',"
            " 'shipped', 'proven', '2026-10-21', null), ('size', 'xl', 's', 'Bob',"
            " 'shipped', 'proven', '2026-10-12', null)"
        )
    return made


def test_the_newest_week_that_is_over_is_reviewed(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        review = weekly_review(con, "Acme", None)
    assert review.title == "Acme: LLM spend, week of 2026-10-19"
    assert (
        review.markdown
        == """\
# Acme: LLM spend, week of 2026-10-19

## What moved the cost of a success

From $0.500000000 to $0.490000000.

| Driver | Effect | Owner | Change |
| --- | --- | --- | --- |
| Price | -$0.03000 | Agents | \u2014 |
| Loops | +$0.02000 | Agents | \u2014 |

## Incidents of the week

| Since (UTC) | Whose | What | Excess | Moved | Owner | Status | Said by |
| --- | --- | --- | --- | --- | --- | --- | --- |
| 2026-10-25 23:00 | feature chat | unit cost | $9.00 | Loops | Agents | open | \u2014 |

## Incidents of the week before, and what became of them

| Since (UTC) | Whose | What | Excess | Moved | Owner | Status | Said by |
| --- | --- | --- | --- | --- | --- | --- | --- |
| 2026-10-18 23:00 | feature a\\|b | unit cost | $9.00 | Loops | Agents | acknowledged | Ann |

## Experiments

| Experiment | Candidate | Owner | State | Because | Decided | Alarm |
| --- | --- | --- | --- | --- | --- | --- |
| tone | new | Ann | shipped | proven | 2026-10-21 | \u2014 |

## Keys without a call for 30 days

| Key | Team | Last call | Cost so far |
| --- | --- | --- | --- |
| k1 | Blue | 2026-09-26 | $7.00 |"""
    )


def test_any_day_names_its_week_and_one_without_anything_says_so(workspace: Workspace) -> None:
    shown = outlay("review", "--workspace", workspace.root, "--week", "2026-08-05")
    assert shown.exit_code == 0
    assert "week of 2026-08-03" in shown.stdout
    assert shown.stdout.count("None.") == 2
    assert "Nothing: no task closed in one of both weeks." in shown.stdout


def test_a_channel_that_is_not_there_is_refused_before_anything_is_written(
    workspace: Workspace,
) -> None:
    text = workspace.settings_file.read_text()
    channel = '[alerts.finops]\nfile = "exports/review.jsonl"\n'
    workspace.settings_file.write_text(text.replace("[alerts]\n", channel))
    wrong = outlay("review", "--workspace", workspace.root, "--channel", "finop")
    assert wrong.exit_code == 2
    assert "has no channel finop" in wrong.output
    assert "finops" in wrong.output
    assert outlay("review", "--workspace", workspace.root, "--channel", "finops").exit_code == 0
    assert (workspace.exports / "review.jsonl").read_text().startswith('{"title": "Acme: LLM')
