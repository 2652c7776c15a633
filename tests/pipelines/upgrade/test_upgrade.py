"""A workspace that an earlier Outlay left: today's takes it over, and closed figures stay.

`workspace-2026-11-29.tar.xz` was made by the commit 3b99a1c of that day, with its own commands: the
two months of `tests.support.workspaces.two_months`, October closed, then the late call, and a run.
What is made anew at every run (pages, published file, Dagster's history) was left out. A version
that changes what a workspace keeps adds one of its own.
"""

from __future__ import annotations

import tarfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.month_close.close import close_month
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.two_months import NOVEMBER, OCTOBER, bill

LEFT = sorted(Path(__file__).parent.glob("workspace-*.tar.xz"))

LATE = "late calls"
BY_HAND = [("chat", LATE, Decimal("1.50")), ("search", LATE, Decimal("-1.50"))]
"""What the late call moved, as worked in `tests.pipelines.month_close.test_close`."""

CAUSES = "changed definition, restated bill"
RESTATED = [("chat", CAUSES, Decimal("1.25")), ("search", CAUSES, Decimal("0.75"))]
"""Two things came: a bill of 6.00, and another Outlay; files that it read again are none."""


@pytest.fixture(scope="module", params=LEFT, ids=lambda path: path.name.partition(".")[0])
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace after its first run by today's Outlay."""
    folder = tmp_path_factory.mktemp("left")
    with tarfile.open(request.param) as archive:
        archive.extractall(folder, filter="data")
    ran = outlay("run", "--no-pull", "-w", folder / "acme")
    # the late call leaves October's estimate at twice its bill: that check was red before, too
    assert ran.exit_code == 1, ran.output
    assert "failed tie_out_gap" in ran.output
    assert "thresholds.burn_rate_ratio is read no longer" in ran.output
    return Workspace(folder / "acme")


def adjustments(workspace: Workspace) -> list[tuple[str, str, Decimal]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(
            "select feature, cause, charge_usd from reports.rpt_adjustments order by all"
        ).fetchall()


def test_what_was_closed_and_found_after_it_stays(upgraded: Workspace) -> None:
    verified = outlay("close", "--verify", "-w", upgraded.root)
    assert verified.exit_code == 0, verified.output
    assert adjustments(upgraded) == BY_HAND
    with duckdb.connect(str(upgraded.showback), read_only=True) as con:
        charged = con.execute(
            "select month, sum(charge_usd) from marts.fct_chargeback group by all order by all"
        ).fetchall()
    assert charged == [(OCTOBER, Decimal(4)), (NOVEMBER, Decimal(2))]


def test_the_doctor_finds_nothing_but_the_settings_to_take_out(upgraded: Workspace) -> None:
    found = outlay("doctor", "-w", upgraded.root)
    assert found.exit_code == 0, found.output
    assert "thresholds.burn_rate_floor_usd is read no longer" in found.output


@pytest.mark.slow
def test_work_goes_on_where_the_earlier_version_left_it(upgraded: Workspace) -> None:
    """The restated bill of October is the next notice; a second run finds nothing more."""
    page = bill({date(2026, 10, 5): "6.00"}, "2026-11-20T06:00:00Z")
    (upgraded.lake.inbox / "openai" / "2.json").write_text(page)
    assert outlay("run", "--no-pull", "-w", upgraded.root).exit_code in (0, 1)
    assert adjustments(upgraded) == sorted([*BY_HAND, *RESTATED])
    failed = {
        check.name for check in close_month(upgraded, NOVEMBER, {}).checks if not check.passed
    }
    assert failed == {"is_over", "bills_settled"}
