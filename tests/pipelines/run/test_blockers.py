"""What must not be published stops the run, names its row and cure, and goes once it is cured."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from pipelines.config_history.runs import past_runs
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.small import drop

HEADER = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,BillingPeriodStart,"
    "BillingPeriodEnd,InvoiceId,ProviderName\n"
)
GOOD = "1,USD,Usage,2025-10-05T00:00:00Z,2025-10-01T00:00:00Z,2025-11-01T00:00:00Z,I-7,Acme\n"
WITHOUT_END = "2,USD,Usage,2025-10-06T00:00:00Z,2025-10-01T00:00:00Z,,I-7,Acme\n"
LATE_CALL = "id,task,at,model,in,out\nc9,t9,2025-10-07T13:00:00Z,house-1,9,0\n"
NOT_INVOICED = "4,USD,Usage,2025-10-06T00:00:00Z,,,,Acme\n"


def published(workspace: Workspace, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(sql).fetchall()


@pytest.mark.slow
@pytest.mark.usefixtures("run_models")
def test_an_invoice_without_a_period_stops_every_run_until_it_is_cured(own: Workspace) -> None:
    before = own.showback.read_bytes(), (own.site / "index.html").read_bytes()
    (own.sources_dir / "focus.toml").write_text('format = "focus"\nrestates = "rows"\n')
    drop(own, "focus/2025-10.csv", HEADER + GOOD + WITHOUT_END + WITHOUT_END)

    for late_file in ("", "bot/late.csv"):  # the second run computes other days
        if late_file:
            drop(own, late_file, LATE_CALL)
        result = outlay("run", "--workspace", own.root)
        assert result.exit_code == 2, result.output
        assert (
            "invoice without a billing period: inbox/focus/2025-10.csv, line 3: billing_period_end:"
            " is missing on a line that names its invoice: deliver the file again" in result.output
        )
        assert "(and 1 more rows)" in result.output
        assert "I-7" not in result.output
        assert (own.showback.read_bytes(), (own.site / "index.html").read_bytes()) == before
    assert past_runs(own)[-1]["status"] == "failed"
    assert "nothing was published: invoice without a billing period: inbox/focus/2025-10.csv," in (
        outlay("status", "--workspace", own.root).output
    )

    drop(own, "focus/2025-10.csv", HEADER + GOOD + NOT_INVOICED)
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 0, result.output
    assert published(own, "select sum(charge_usd) from marts.fct_charges") == [(5,)]
    assert (
        published(
            own,
            "select status, starts_with(stopped_by, 'invoice without') from ops.runs"
            " order by started_at, run_id",
        )[-3:].count(("failed", True))
        == 2
    )
    assert "nothing was published" not in outlay("status", "--workspace", own.root).output


@pytest.mark.slow
def test_a_gate_that_is_shut_leaves_nothing_to_compute_for_the_next_run(own: Workspace) -> None:
    (own.sources_dir / "focus.toml").write_text('format = "focus"\nrestates = "rows"\n')
    drop(own, "focus/2025-10.csv", HEADER + WITHOUT_END)
    assert outlay("run", "--workspace", own.root).exit_code == 2
    with duckdb.connect(str(own.warehouse)) as con:
        assert con.execute("select is_finished from raw.build_state").fetchall() == [(True,)]
        checks = con.execute("select count(*) from ops.checks where name = 'data_tests'")
        assert checks.fetchall() == [(1,)]
    assert outlay("run", "--workspace", own.root).exit_code == 2
    with duckdb.connect(str(own.warehouse)) as con:
        assert con.execute("select count(*) from raw.changed_days").fetchall() == [(0,)]


@pytest.mark.slow
def test_a_charge_without_a_rate_names_the_row_that_the_workspace_must_add(own: Workspace) -> None:
    (own.sources_dir / "focus.toml").write_text('format = "focus"\nrestates = "rows"\n')
    drop(own, "focus/2025-10.csv", HEADER + GOOD.replace("USD", "EUR"))
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 2, result.output
    assert (
        "inbox/focus/2025-10.csv, line 2: billing_currency: no rate of EUR holds on 2025-10-05: add"
        " to config/fx_rates.csv the row EUR,2025-10-05,<US dollars for one EUR>,<who says so>"
        in result.output
    )
    with own.fx_rates_csv.open("a") as rates:
        rates.write("EUR,2025-10-03,1.17,ECB\n")
    assert outlay("run", "--workspace", own.root).exit_code == 0
    assert published(own, "select sum(charge_usd) from marts.fct_charges") == [(Decimal("1.17"),)]
