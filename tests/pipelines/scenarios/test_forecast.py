"""`outlay forecast`: a published forecast under another course of things, worked by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.errors import OutlayError
from pipelines.scenarios.forecast import parse_factor
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay


@pytest.fixture
def published(tmp_path: Path) -> Workspace:
    """100 USD to come, 40 of chat (between 30 and 60, -4 of announced prices), the rest of mail."""
    init_workspace(tmp_path / "acme", company="Acme", with_sources=False)
    workspace = Workspace(tmp_path / "acme")
    with duckdb.connect(str(workspace.showback)) as con:
        con.execute(
            "create schema reports; create table reports.rpt_forecast as select scope, member,"
            " '30_days' as period_grain, date '2026-11-01' as period_start,"
            " usd::decimal(28, 9) as forecast_usd, low::decimal(28, 9) as low_usd,"
            " high::decimal(28, 9) as high_usd from (values ('company', 'all', 100, 80, 130),"
            " ('feature', 'chat', 40, 30, 60), ('feature', 'mail', 60, null, null))"
            " as made (scope, member, usd, low, high)"
        )
        con.execute(
            "create table reports.rpt_forecast_drivers as select scope, member, forecast_usd,"
            " case when member = 'mail' then 0 else -4 end::decimal(28, 9) as announced_usd,"
            " date '2026-11-15' as next_price_on from reports.rpt_forecast"
        )
    return workspace


def asked(workspace: Workspace, *options: str) -> dict[str, list[Decimal | None]]:
    """Scenario, its ends and the difference, by member."""
    result = outlay("forecast", *options, "--json", "-w", workspace.root)
    assert result.exit_code == 0, result.output
    names = ("scenario_usd", "scenario_low_usd", "scenario_high_usd", "difference_usd")
    return {
        row["member"]: [None if row[name] is None else Decimal(row[name]) for name in names]
        for row in json.loads(result.stdout)
    }


def test_changed_drivers_multiply_spend_and_its_interval(published: Workspace) -> None:
    """A fifth more tasks at nine tenths of the loops: 1.08."""
    assert asked(published, "--tasks", "+20%", "--loops", "-10%") == {
        "all": [108, Decimal("86.4"), Decimal("140.4"), 8],
        "chat": [Decimal("43.2"), Decimal("32.4"), Decimal("64.8"), Decimal("3.2")],
        "mail": [Decimal("64.8"), None, None, Decimal("4.8")],
    }


def test_a_change_of_one_feature_moves_the_company_by_as_much(published: Workspace) -> None:
    """Chat at half the price is 20 less: 80 of the company's 100, its interval four fifths."""
    assert asked(published, "--price", "0.5", "--feature", "chat") == {
        "all": [80, 64, 104, -20],
        "chat": [20, 15, 30, -20],
    }


def test_announced_prices_count_where_they_are_asked_for(published: Workspace) -> None:
    """Half of the tasks: half of what the prices take, too."""
    assert asked(published)["chat"] == [40, 30, 60, 0]
    assert asked(published, "--announced", "--tasks", "0.5")["chat"] == [
        18, Decimal("13.5"), 27, -22,
    ]  # fmt: skip


def test_a_person_reads_the_scenario_beside_the_forecast(published: Workspace) -> None:
    result = outlay("forecast", "--tokens", "1.5", "-w", published.root)
    assert "with tokens x 1.5" in result.stdout
    assert "150.00" in result.stdout
    assert "scenario" not in outlay("forecast", "-w", published.root).stdout


@pytest.mark.parametrize("written", ["20%", "+x%", "-100%", "0", "", "1e9"])
def test_what_is_no_change_is_refused(written: str) -> None:
    with pytest.raises(OutlayError, match="--tasks: "):
        parse_factor("--tasks", written)


def test_an_unknown_feature_is_refused_with_the_nearest_name(published: Workspace) -> None:
    result = outlay("forecast", "--feature", "chatt", "-w", published.root)
    assert result.exit_code == 2
    assert "feature 'chatt' is not forecast; did you mean 'chat'?" in result.output
