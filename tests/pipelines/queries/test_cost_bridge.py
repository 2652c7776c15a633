"""`outlay why`: any two periods, worked out by hand on the small workspace."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from ingest.errors import OutlayError
from pipelines.queries.cost_bridge import Period, parse_period
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

TWO_DAYS = ("--from", "2025-10-05", "--to", "2025-10-06", "--measure", "total_cost")


def test_one_task_of_two_calls_against_one_of_one_call(built: Workspace) -> None:
    """0.005 USD on both days: 2 calls of 2,000 tokens, a quarter output; 1 of 4,500, a ninth.

    Input goes from 0.003 to 0.004 (mean 0.0034761), output from 0.002 to 0.001 (0.0014427). Half
    the calls: ln 0.5 of 0.0049188. Tokens a call: ln 2.25 of it. Shares: ln 1.185185 of the one,
    ln 0.444444 of the other.
    """
    result = outlay("why", *TWO_DAYS, "--json", "-w", built.root)
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    effects = {row["driver"]: Decimal(row["effect_usd"]) for row in rows}
    assert {name: round(usd, 7) for name, usd in effects.items() if usd} == {
        "tokens_per_call": Decimal("0.0039888"),
        "loops": Decimal("-0.0034094"),
        "cache_mix": Decimal("-0.0005793"),
    }
    assert sum(effects.values()) == 0
    assert {row["share"] for row in rows} == {None}
    assert {(row["from"], row["to"], row["previous_usd"]) for row in rows} == {
        ("2025-10-05", "2025-10-06", "0.005000000")
    }


def test_text_says_what_moved_and_leaves_out_what_did_not(built: Workspace) -> None:
    result = outlay("why", *TWO_DAYS, "--feature", "bot", "-w", built.root)
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert (
        "Total cost: 0.005000 USD in 2025-10-05, 0.005000 in 2025-10-06: +0.000000, +0.0%" in said
    )
    assert "Loops -0.003409 nobody: config/owners.csv" in said
    assert "Volume" not in said
    assert all(len(line) <= 80 for line in result.output.splitlines()[1:])


def test_json_holds_the_figures_that_are_printed(built: Workspace) -> None:
    """Every effect that text shows, rounded as text rounds; what it leaves out is 0."""
    rows = json.loads(outlay("why", *TWO_DAYS, "--json", "-w", built.root).stdout)
    lines = outlay("why", *TWO_DAYS, "-w", built.root).output.splitlines()
    said = [part for line in lines[1:] for part in line.split() if part[0] in "+-" and "." in part]
    moved = [row for row in rows if Decimal(row["effect_usd"])]
    assert said == [f"{Decimal(row['effect_usd']):+,.6f}" for row in moved]
    assert len(said) == 3


REFUSED = {
    "unknown feature": (
        ("--feature", "bto", *TWO_DAYS), "no task of feature 'bto' has closed; did you mean 'bot'?",
    ),
    "no success": (
        TWO_DAYS[:4],
        "no task that closed in 2025-10-06 succeeded, so there is no cost per success: ask for"
        " --measure total_cost",
    ),
    "nothing closed": (
        ("--from", "2025-09", "--to", "2025-10"),
        "no task closed in 2025-09: tasks closed from 2025-10-05 to 2025-10-06",
    ),
    "the wrong way round": (
        ("--from", "2025-10", "--to", "2025-W40"),
        "2025-10 does not end before 2025-09-29..2025-10-05 begins: --from is the earlier",
    ),
    "no period": (
        ("--to", "october"),
        "'october' is no period: write a month 2026-09, a week 2026-W38, a day 2026-09-14, or days"
        " 2026-09-01..2026-09-14",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_answered_is_refused_with_the_cure(built: Workspace, case: str) -> None:
    arguments, reason = REFUSED[case]
    result = outlay("why", *arguments, "-w", built.root)
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.split())


def test_a_period_is_a_month_a_week_a_day_or_days() -> None:
    assert parse_period("2026-02") == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert parse_period("2026-W01") == Period(date(2025, 12, 29), date(2026, 1, 4))
    assert parse_period("2026-03-05") == Period(date(2026, 3, 5), date(2026, 3, 5))
    assert str(parse_period("2026-02-01..2026-02-28")) == "2026-02"
    for wrong in ("2026-13", "2026-W60", "2026-02-30", "2026-03-02..2026-03-01", "..", ""):
        with pytest.raises(OutlayError, match=r"no period|ends before"):
            parse_period(wrong)


def test_the_period_before_is_as_long_and_a_month_before_a_month() -> None:
    assert str(parse_period("2026-03").before) == "2026-02"
    assert str(parse_period("2026-W10").before) == "2026-02-23..2026-03-01"
    assert str(parse_period("2026-03-05").before) == "2026-03-04"
