"""A bill that was issued again under a new name: found with both names, and withdrawn on record."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import built_by, outlay, plain_data_tests, plain_models

HEADER = (
    "ProviderName,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargeCategory,ServiceName,BilledCost,EffectiveCost\n"
)


def invoice(*usd: str) -> str:
    line = "Acme,A,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,2026-10-{day:02d}T00:00:00Z,Usage,"
    lines = [f"{line.format(day=n)}Seats,{cost},{cost}" for n, cost in enumerate(usd, start=1)]
    return HEADER + "\n".join(lines) + "\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init_workspace(tmp_path / "w", company="Acme", with_sources=False)
    found = Workspace(tmp_path / "w")
    (found.sources_dir / "vendor.toml").write_text('format = "focus"\n')
    (found.lake.inbox / "vendor").mkdir()
    (found.lake.inbox / "vendor" / "oct.csv").write_text(invoice("31.50", "8"))
    (found.lake.inbox / "vendor" / "oct-final.csv").write_text(invoice("30.25", "8"))
    return found


def run(workspace: Workspace) -> str:
    with built_by(plain_models, plain_data_tests):
        return outlay("run", "--workspace", workspace.root).output


def billed(workspace: Workspace) -> Decimal:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return Decimal(
            con.execute("select sum(charge_usd) from marts.fct_charges").fetchall()[0][0]
        )


@pytest.mark.slow
def test_the_check_names_both_files_and_their_dollars_and_its_cure_makes_it_pass(
    workspace: Workspace,
) -> None:
    found = " ".join(run(workspace).split())
    assert (
        "inbox/vendor/oct-final.csv and inbox/vendor/oct.csv both state acme account A"
        " from 2026-10-01 to 2026-10-01: 30.25 and 31.50 USD"
    ) in found
    assert billed(workspace) == Decimal("69.75")  # 31.50 + 30.25 + 8 once
    done = outlay("withdraw", "inbox/vendor/oct.csv", "--reason", "issued again", "--by", "Pat",
                  "--workspace", workspace.root)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "stated_twice" not in run(workspace)
    assert billed(workspace) == Decimal("38.25")
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        assert con.execute(
            "select status, reason from ops.files where source_file = 'oct.csv'"
        ).fetchall() == [("withdrawn", "withdrawn by Pat: issued again")]


@pytest.mark.slow
def test_parts_of_one_bill_are_said_to_be_parts(workspace: Workspace) -> None:
    (workspace.sources_dir / "vendor.toml").write_text('format = "focus"\nparts = true\n')
    assert "stated_twice" not in run(workspace)
    assert billed(workspace) == Decimal("77.75")


@pytest.mark.slow
def test_a_file_that_was_never_loaded_is_told_with_the_nearest(workspace: Workspace) -> None:
    run(workspace)
    failed = outlay("withdraw", "oct.csv", "--reason", "x", "--workspace", workspace.root)
    assert failed.exit_code == 2
    assert "did you mean inbox/vendor/oct.csv?" in " ".join(failed.output.split())
