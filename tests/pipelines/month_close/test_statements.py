"""`outlay statements`, `close` and `drill` as a person uses them, on a month worked by hand.

chat is charged 1.00 and search 3.00. chat has a mark-up of 50 percent and a budget of 1.40: 1.50
charged, 0.10 over. Without changing a number, the rows may come in any order.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.cli import month
from pipelines.closed_months.store import hashes
from pipelines.month_close.close import close_month
from pipelines.workspace.paths import Workspace as Books
from tests.pipelines.conftest import outlay
from tests.support.warehouse import Workspace
from tests.support.workspaces.two_months import (
    CALLS,
    HEADER,
    LATE,
    OCTOBER,
    build,
    built_books,
    open_books,
)


def priced(root: Path, calls: tuple[str, ...] = CALLS) -> Workspace:
    workspace = open_books(root, calls)
    config = root / "config"
    with (config / "internal_prices.csv").open("a") as prices:
        prices.write("feature,chat,percent,50,2026-10-01,2026-11-01,\n")
    with (config / "budgets.csv").open("a") as budgets:
        budgets.write("feature,chat,1.40,,,\nfeature,mail,5,2026-10-01,,starts soon\n")
    return workspace


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.slow
def test_drafts_show_cost_price_and_budget_and_the_order_of_rows_changes_no_byte(
    tmp_path: Path,
) -> None:
    folders = []
    for name, calls in (("one", CALLS), ("other", CALLS[::-1])):
        books = build(priced(tmp_path / name, calls))
        result = outlay("statements", "2026-10", "--workspace", books.root)
        assert result.exit_code == 0, result.output
        folders.append(books.statements / "2026-10" / "draft")
        assert f"draft statements: {folders[-1]}" in result.output
    assert hashes(folders[0]) == hashes(folders[1])
    features = [row for row in rows(folders[0] / "summary.csv") if row["kind"] == "feature"]
    columns = ("name", "cost_usd", "internal_price_usd", "charged_usd", "budget_usd",
               "remaining_usd")  # fmt: skip
    assert [tuple(row[column] for column in columns) for row in features] == [
        ("search", "3.00", "0.00", "3.00", "", ""),
        ("chat", "1.00", "0.50", "1.50", "1.40", "-0.10"),
        ("mail", "0.00", "0.00", "0.00", "5.00", "5.00"),
        ("Total", "4.00", "0.50", "4.50", "", ""),
    ]
    assert {row["status"] for row in features} == {"DRAFT, not closed, with calls up to 2026-11-10"}
    nothing = outlay("statements", "2026-09", "--workspace", tmp_path / "one")
    assert nothing.exit_code == 2
    assert "nothing is charged in 2026-09" in nothing.output


@pytest.mark.slow
def test_a_close_keeps_budgets_and_prices_and_a_changed_rule_is_the_cause_of_what_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = priced(tmp_path / "acme")
    books = build(workspace)
    monkeypatch.setattr(month, "publish", lambda _: 0)
    assert outlay("statements", "2026-10", "-w", books.root).exit_code == 0
    wrong = outlay("close", "2026-11", "-w", books.root)
    assert wrong.exit_code == 1
    assert "failed is_over" in wrong.output
    assert "2026-11 stays open" in wrong.output
    closed = outlay("close", "2026-10", "-w", books.root)
    assert closed.exit_code == 0, closed.output
    assert not (books.statements / "2026-10" / "draft").exists()

    workspace.rules("feature = chat,team = Bots,fill,,,")
    (books.config / "budgets.csv").write_text("kind,name,monthly_usd,valid_from,valid_to,note\n")
    build(workspace)
    assert workspace.query(
        "select team, charge_usd, cause, detail from marts.fct_adjustments order by all"
    ) == [
        ("Bots", Decimal(1), "changed rule", "changed rule: config/attribution.csv"),
        (None, Decimal(-1), "changed rule", "changed rule: config/attribution.csv"),
    ]
    assert workspace.query(
        "select charged_usd, budget_usd from reports.rpt_statements where member = 'chat'"
        " and month = date '2026-10-01'"
    ) == [(Decimal("1.50"), Decimal("1.40"))]
    again = outlay("statements", "2026-10", "-w", books.root)
    assert f"closed statements: {books.statements / '2026-10' / 'close-1'}" in again.output
    assert outlay("close", "--verify", "-w", books.root).exit_code == 0
    (books.statements / "2026-10" / "close-1" / "lines.csv").unlink()
    gone = outlay("close", "--verify", "-w", books.root)
    assert gone.exit_code == 1
    assert "close 1 (closed): changed or gone" in gone.output


@pytest.mark.slow
def test_the_calls_behind_a_line_sum_to_it_to_the_last_digit(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = built_books(tmp_path / "acme", tmp_path_factory)
    books = Books(workspace.root)
    assert close_month(books, OCTOBER, {}).folder
    workspace.drop("gateway", "late.csv", HEADER + LATE)
    build(workspace)
    # chat: 2.50 for 1,000,000 and 4,000,000 tokens, of which 1.00 was closed and 1.50 came later
    target = tmp_path / "calls.csv"
    result = outlay("drill", "2026-10", "--feature", "chat", "-w", books.root, "--output", target)
    assert result.exit_code == 0, result.output
    assert "2 calls sum to 2.500000000000 USD; charged for them: the same" in result.output
    assert [(r["call_id"], r["input_uncached_tokens"], r["charge_usd"]) for r in rows(target)] == [
        ("a1", "1000000", "0.500000000000"), ("a3", "4000000", "2.000000000000"),
    ]  # fmt: skip
    hostile = outlay("drill", "2026-10", "--tenant", "=cmd()", "-w", books.root)
    assert "'=cmd()" in hostile.output
    assert "1 calls sum to 1.500000000000 USD; charged for them: the same" in hostile.output
    nobody = outlay("drill", "2026-10", "--tenant", "", "-w", books.root)
    assert nobody.exit_code == 2
    assert "no usage of 2026-10 is charged to tenant ''" in nobody.output


@pytest.mark.slow
def test_drill_asks_by_the_team_and_cost_centre_of_the_org_tree(tmp_path: Path) -> None:
    workspace = open_books(tmp_path / "acme")
    workspace.rules("feature = search,team = Finders,fill,,,", "feature = chat,team = Old,fill,,,")
    (workspace.root / "config" / "org.csv").write_text(
        "kind,name,parent,owner,valid_from,valid_to,note\n"
        "feature,chat,Bots,,,,\nteam,Bots,service,,,,\ncost_centre,service,,,,,\n"
    )
    books = build(workspace)
    # chat's calls name the team Old, but the tree gives chat to Bots; search has its tag alone
    for asked, calls, usd in (
        (("--team", "Bots"), ["a1"], "1.000000000000"),
        (("--cost-centre", "service"), ["a1"], "1.000000000000"),
        (("--team", "Finders", "--cost-centre", ""), ["a2"], "3.000000000000"),
    ):
        target = tmp_path / "calls.csv"
        result = outlay("drill", "2026-10", *asked, "-w", books.root, "--output", target)
        assert result.exit_code == 0, result.output
        assert f"1 calls sum to {usd} USD; charged for them: the same" in result.output
        assert [row["call_id"] for row in rows(target)] == calls
    assert {(r["team_tag"], r["team"], r["cost_centre"]) for r in rows(target)} == {
        ("Finders", "Finders", "")
    }
    nobody = outlay("drill", "2026-10", "--team", "Old", "-w", books.root)
    assert nobody.exit_code == 2
    assert "no usage of 2026-10 is charged to team 'Old'" in nobody.output
