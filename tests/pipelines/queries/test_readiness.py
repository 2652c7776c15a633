"""`outlay close --ready`: what is missing before costs are charged for real."""

from __future__ import annotations

import json

import duckdb

from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay


def plant(workspace: Workspace, rows: str) -> None:
    """The report as these rows."""
    with duckdb.connect(str(workspace.showback)) as con:
        con.execute(
            "create or replace view reports.rpt_chargeback_readiness as select criterion,"
            " date '2026-09-01'"
            " as month, value::decimal(18, 6) as value, threshold::decimal(18, 6) as threshold,"
            f" passed, 'counted' as detail, 'do it' as cure from (values {rows})"
            " as made (criterion, value, threshold, passed)"
        )


def test_each_criterion_is_told_with_its_cure_and_one_that_fails_ends_with_1(
    own: Workspace,
) -> None:
    outlay("run", "-w", own.root)
    plant(own, "('closed_months', 1, 3, false), ('tagged_share', 0.96, 0.95, true),"
               " ('tie_out', null, 0.1, false)")  # fmt: skip
    result = outlay("close", "--ready", "-w", own.root)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "good tagged_share: 96.0% counted (2026-09); needed 95.0%",
        "failed tie_out: an unknown part counted (2026-09); needed 10.0%",
        "  -> do it",
        "failed closed_months: 1 counted (2026-09); needed 3",
        "  -> do it",
    ]
    plant(own, "('tagged_share', 0.96, 0.95, true)")
    result = outlay("close", "--ready", "--json", "-w", own.root)
    assert result.exit_code == 0
    assert [row["state"] for row in json.loads(result.stdout)] == ["good"]


def test_without_a_month_that_is_billed_to_its_end_nothing_holds(built: Workspace) -> None:
    result = outlay("close", "--ready", "-w", built.root)
    assert result.exit_code == 1
    assert "month_is_over: no month is billed to its end" in result.stdout
