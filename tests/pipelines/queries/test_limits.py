"""`outlay explain`: what support reads out, after a run on a workspace with limits."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ingest.reference.guardrails.limits import LIMITS as LIMITS_TABLE
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

LIMITS = (
    LIMITS_TABLE.template.strip()
    + """,unit,limit_quantity
tenant,acme,month,0.01,hard,,Ada,,,,,
tenant,acme,month,1,soft,,Ada,,,,,
feature,*,week,5,hard,,Bob,,,,,
company,,day,0.5,soft,,Carl,,,,,
feature,mail,month,5,hard,,Bob,2025-11-01,,starts later,,
team,Chat,week,,soft,,Ada,,,the plan,requests,4
"""
)


@pytest.fixture
def limited(own: Workspace) -> Workspace:
    """The small workspace, which has spent 0.011 USD, after a run with limits."""
    (own.config / "limits.csv").write_text(LIMITS)
    outlay("run", "-w", own.root)
    return own


def test_limits_are_told_in_the_order_in_which_they_stop_calls(limited: Workspace) -> None:
    """The hard limit, a tenth of a cent over, comes first; then soft ones by what is left."""
    result = outlay("explain", "--tenant", "acme", "-w", limited.root)
    assert result.exit_code == 0, result.output
    first, block, owner, *rest = result.stdout.splitlines()
    assert first == (
        "1. tenant acme has spent $0.0110 of its hard limit of $0.0100 in the month from 1 October"
        " 2025. The limit was reached on 6 October 2025. It starts from 0 again on 1 November 2025."
    )
    assert "should refuse" in block
    assert owner == "   Ada decides on it: config/limits.csv:2"
    assert [line[:3] for line in rest if line[0] != " "] == ["2. ", "3. "]


def test_a_program_gets_the_same_limits_with_exact_amounts(limited: Workspace) -> None:
    """Of the week from Monday the 6th in Berlin: c3, half past midnight there, and c4."""
    result = outlay("explain", "--tenant", "acme", "--feature", "bot", "--json", "-w", limited.root)
    assert [
        (row["scope"], row["kind"], row["state"], Decimal(row["spent_usd"]))
        for row in json.loads(result.stdout)
    ] == [
        ("tenant", "hard", "over", Decimal("0.011")),
        ("feature", "hard", "ok", Decimal("0.006")),
        ("tenant", "soft", "ok", Decimal("0.011")),
        ("company", "soft", "ok", Decimal("0.001")),
    ]


def test_a_plan_is_told_in_its_own_unit(limited: Workspace) -> None:
    result = outlay("explain", "--team", "Chat", "--json", "-w", limited.root)
    (_, row) = json.loads(result.stdout)
    assert (row["unit"], Decimal(row["limit_quantity"]), row["limit_usd"]) == ("requests", 4, None)
    assert (Decimal(row["used_quantity"]), row["used_ratio"]) == (0, 0)


def test_whoever_nobody_knows_is_refused_with_the_nearest_name(limited: Workspace) -> None:
    result = outlay("explain", "--tenant", "acmee", "-w", limited.root)
    assert result.exit_code == 2
    assert result.output == "outlay: nobody knows a tenant 'acmee'; did you mean 'acme'?\n"
    result = outlay("explain", "--key", "sk-1", "-w", limited.root)
    assert result.output == "outlay: nobody knows a key 'sk-1'\n"
    result = outlay("explain", "-w", limited.root)
    assert "name somebody: --tenant" in result.output


def test_a_gateway_can_read_the_limits_after_a_run_that_publishes(limited: Workspace) -> None:
    document = json.loads((limited.exports / "guardrails.json").read_text())
    assert document["made_at"] == "2025-10-07T13:00:00Z"
    assert [limit["member"] for limit in document["limits"]] == [
        "all", "bot", "Chat", "acme", "acme",
    ]  # fmt: skip


def test_without_limits_nothing_applies_and_nothing_is_exported(built: Workspace) -> None:
    result = outlay("explain", "--tenant", "acme", "-w", built.root)
    assert result.exit_code == 0
    assert result.output.startswith("no limit applies: config/limits.csv")
    assert not (built.exports / "guardrails.json").exists()
