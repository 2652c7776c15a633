"""A closed month keeps its figures and bytes; what comes later is a dated adjustment, once.

The month by hand: chat is charged 1.00 and search 3.00 of October's 4.00. A late call of 4.00 by
chat makes the estimates 5 and 3 of 8: 2.50 and 1.50, so +1.50 and -1.50. A bill of 6.00 instead of
4.00 makes it 3.75 and 2.25: another +1.25 and +0.75. One of 6.40 makes it 4.00 and 2.40: +0.25 and
+0.15 on top.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import OutlayError
from ingest.warehouse.closed_months import read_closes
from pipelines.closed_months import store as close_store
from pipelines.closed_months.store import hashes, statement_folder, verify_closes
from pipelines.month_close import close as closing
from pipelines.month_close.close import close_month, reopen_month
from pipelines.workspace.paths import Workspace as Books
from tests.support.warehouse import Workspace
from tests.support.workspaces.two_months import (
    DECEMBER,
    HEADER,
    LATE,
    NOVEMBER,
    OCTOBER,
    bill,
    build,
    built_books,
    open_books,
)

CHARGED = (
    "select month, original_month, feature, line, charge_usd, close_number"
    " from marts.fct_chargeback order by all"
)


Month = tuple[Workspace, Books]


@pytest.fixture
def month(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The workspace after its first build, as tests of models and as commands see it."""
    workspace = built_books(tmp_path / "acme", tmp_path_factory)
    return workspace, Books(workspace.root)


def usd(text: str) -> Decimal:
    return Decimal(text)


def charged(workspace: Workspace, month: date) -> dict[tuple[Any, ...], Decimal]:
    """What stands in a month: by original month, feature and line."""
    rows = workspace.query(CHARGED)
    return {row[1:4]: row[4] for row in rows if row[0] == month}


def adjustments(workspace: Workspace) -> list[tuple[Any, ...]]:
    return workspace.query(
        "select original_month, notice_number, booked_month, feature, charge_usd, cause, detail"
        " from marts.fct_adjustments order by all"
    )


def by_notice(workspace: Workspace) -> list[tuple[Any, ...]]:
    return workspace.query(
        "select notice_number, sum(charge_usd) from reports.rpt_adjustment_notices"
        " group by all order by all"
    )


def close(books: Books, month: date, **accepted: str) -> Path:
    result = close_month(books, month, accepted)
    assert result.folder is not None, [c for c in result.checks if not c.passed]
    return result.folder


@pytest.mark.slow
def test_late_data_and_corrections_after_a_close_are_dated_adjustments_and_nothing_else(
    month: Month,
) -> None:
    workspace, books = month
    said = books.commentary / "2026-10.md"
    said.write_text("Search moved house.")
    october = close(books, OCTOBER)
    bytes_of_october = hashes(october)
    assert "Search moved house." in (october / "statements.html").read_text()
    said.write_text("What was said later.")
    assert set(bytes_of_october) == {
        "invoice_statements.csv", "invoices.csv", "journal.csv", "lines.csv", "notes.csv",
        "statements.html", "statements.pdf", "statements.xlsx", "summary.csv",
    }  # fmt: skip

    workspace.drop("gateway", "late.csv", HEADER + LATE)
    build(workspace)
    workspace.drop("openai", "2.json", bill({date(2026, 10, 5): "6.00"}, "2026-11-20T06:00:00Z"))
    build(workspace)
    late, restated = "late calls: gateway/late.csv", "restated bill: openai/2.json"
    seen = [
        (OCTOBER, 1, NOVEMBER, "chat", usd("1.50"), "late calls", late),
        (OCTOBER, 1, NOVEMBER, "search", usd("-1.50"), "late calls", late),
        (OCTOBER, 2, NOVEMBER, "chat", usd("1.25"), "restated bill", restated),
        (OCTOBER, 2, NOVEMBER, "search", usd("0.75"), "restated bill", restated),
    ]
    assert adjustments(workspace) == seen
    assert by_notice(workspace) == [(1, usd("0.00")), (2, usd("2.00"))]
    assert charged(workspace, OCTOBER) == {
        (OCTOBER, "chat", "usage"): usd("1"), (OCTOBER, "search", "usage"): usd("3"),
    }  # fmt: skip
    november = {
        (NOVEMBER, "chat", "usage"): usd("2"),
        (OCTOBER, "chat", "adjustment"): usd("2.75"),
        (OCTOBER, "search", "adjustment"): usd("-0.75"),
    }
    assert charged(workspace, NOVEMBER) == november
    assert hashes(october) == bytes_of_october
    assert workspace.query(
        "select month, member, cost_usd, adjustment_usd, previous_month_usd, change_usd"
        " from reports.rpt_statements where kind = 'feature' and row_kind = 'member' order by all"
    ) == [
        (OCTOBER, "chat", usd("1"), usd("0"), None, None),
        (OCTOBER, "search", usd("3"), usd("0"), None, None),
        (NOVEMBER, "chat", usd("4.75"), usd("2.75"), usd("1"), usd("3.75")),
        (NOVEMBER, "search", usd("-0.75"), usd("-0.75"), usd("3"), usd("-3.75")),
    ]

    # the next close includes them, and a warehouse made from nothing knows it all
    december = {date(2026, 12, 10): "1.00"}
    workspace.drop("gateway", "d.csv", HEADER + "d1,2026-12-10T09:00:00Z,chat,acme,1000000\n")
    workspace.drop("openai", "3.json", bill(december, "2026-12-12T06:00:00Z"))
    build(workspace)
    assert "adjustment of October 2026: usage" in (close(books, NOVEMBER) / "lines.csv").read_text()
    books.warehouse.unlink()
    workspace.drop("openai", "4.json", bill({date(2026, 10, 5): "6.40"}, "2026-12-13T06:00:00Z"))
    build(workspace)
    assert charged(workspace, NOVEMBER) == november
    assert charged(workspace, DECEMBER) == {
        (DECEMBER, "chat", "usage"): usd("1"),
        (OCTOBER, "chat", "adjustment"): usd("0.25"),
        (OCTOBER, "search", "adjustment"): usd("0.15"),
    }
    again = "restated bill: openai/4.json"
    seen += [
        (OCTOBER, 3, DECEMBER, "chat", usd("0.25"), "restated bill", again),
        (OCTOBER, 3, DECEMBER, "search", usd("0.15"), "restated bill", again),
    ]
    assert adjustments(workspace) == seen
    assert hashes(october) == bytes_of_october
    assert [files for _, files in verify_closes(books)] == [[], []]


@pytest.mark.slow
def test_a_reopened_month_is_computed_again_and_both_closes_are_kept(month: Month) -> None:
    workspace, books = month
    first = close(books, OCTOBER)
    bytes_of_first = hashes(first)
    workspace.drop("gateway", "late.csv", HEADER + LATE)
    build(workspace)
    with pytest.raises(OutlayError, match="say why with --reason"):
        reopen_month(books, OCTOBER, " ")
    assert reopen_month(books, OCTOBER, "a bot was left out") == 1
    build(workspace)
    assert adjustments(workspace) == []
    assert charged(workspace, OCTOBER) == {
        (OCTOBER, "chat", "usage"): usd("2.5"), (OCTOBER, "search", "usage"): usd("1.5"),
    }  # fmt: skip
    assert close(books, OCTOBER, tie_out="credits of the provider").name == "close-2"
    build(workspace)
    assert workspace.query(
        "select close_number, is_current, reopen_reason from marts.fct_closes order by 1"
    ) == [(1, False, "a bot was left out"), (2, True, None)]
    assert adjustments(workspace) == []
    assert hashes(first) == bytes_of_first
    with pytest.raises(OutlayError, match="2026-09 is not closed"):
        reopen_month(books, date(2026, 9, 1), "why not")


def test_a_close_that_is_killed_leaves_the_month_open_or_closed_and_nothing_between(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, books = month
    target = statement_folder(books, OCTOBER, 1)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for step in ("store_close", "_write_files"):
        with monkeypatch.context() as patch:
            patch.setattr(closing, step, killed)
            with pytest.raises(KeyboardInterrupt):
                close_month(books, OCTOBER, {})
        assert read_closes(books.closes) == []
        assert not target.exists()
    with monkeypatch.context() as patch:
        patch.setattr(close_store, "put_in_place", killed)
        with pytest.raises(KeyboardInterrupt):
            close_month(books, OCTOBER, {})
    assert read_closes(books.closes) == []

    # killed after the close counts: its statements come to their place with the next command
    finish = closing.finish_closes
    calls = iter((finish, killed))
    with monkeypatch.context() as patch:
        patch.setattr(closing, "finish_closes", lambda space: next(calls)(space))
        with pytest.raises(KeyboardInterrupt):
            close_month(books, OCTOBER, {})
    assert [c.number for c in read_closes(books.closes)] == [1]
    assert not target.exists()
    close_store.finish_closes(books)
    assert [files for _, files in verify_closes(books)] == [[]]
    assert all(file.stat().st_mode & 0o222 == 0 for file in target.iterdir())


@pytest.mark.slow
def test_an_adjustment_whose_notice_was_half_written_is_noticed_again(month: Month) -> None:
    workspace, books = month
    close(books, OCTOBER)
    workspace.drop("gateway", "late.csv", HEADER + LATE)
    build(workspace)
    expected = adjustments(workspace)
    (books.closes / "2026-10" / "1" / "adjustments" / "1.json").unlink()
    build(workspace)
    assert adjustments(workspace) == expected
    build(workspace)
    assert adjustments(workspace) == expected


def test_a_changed_file_of_a_close_is_named(month: Month) -> None:
    _, books = month
    folder = close(books, OCTOBER)
    (folder / "journal.csv").chmod(0o644)
    (folder / "journal.csv").write_text("nothing is owed\n")
    (folder / "notes.csv").unlink()
    ((_, wrong),) = verify_closes(books)
    assert wrong == [str(folder / "journal.csv"), str(folder / "notes.csv")]


@pytest.mark.slow
def test_a_month_that_is_not_ready_stays_open_and_says_why(tmp_path: Path) -> None:
    workspace = open_books(tmp_path / "acme")
    workspace.drop("gateway", "more.csv", HEADER + "x,2026-10-30T09:00:00Z,chat,acme,9000000\n")
    books = build(workspace)
    late = close_month(books, NOVEMBER, {})
    assert late.folder is None
    red = {check.name: check.detail for check in late.checks if check.turns_red}
    assert red == {
        "in_order": "still open: 2026-10 (4.00 USD)",
        "is_over": "calls are known up to 2026-11-10; the month ends on 2026-11-30",
        "bills_settled": "bills settle 3 days after the month, on 2026-12-03; calls are known up to"
        " 2026-11-10",
    }
    # 9.00 of calls are not on the bill: 13.00 estimated, 4.00 billed
    refused = close_month(books, OCTOBER, {})
    assert refused.folder is None
    assert [check.name for check in refused.checks if check.turns_red] == ["tie_out"]
    assert "openai billed 4.00, estimated 13.00 USD" in next(
        check.detail for check in refused.checks if check.turns_red
    )
    for wrong, message in (
        ({"is_over": "hurry"}, "the others cannot be accepted"), ({"tie_out": ""}, "say why"),
    ):  # fmt: skip
        with pytest.raises(OutlayError, match=message):
            close_month(books, OCTOBER, wrong)
    accepted = close_month(books, OCTOBER, {"tie_out": "free credits, ticket 7"})
    assert accepted.folder is not None
    (kept,) = read_closes(books.closes)
    assert kept.facts["accepted"] == {"tie_out": "free credits, ticket 7"}
    build(workspace)
    assert [check.name for check in close_month(books, OCTOBER, {}).checks if check.turns_red] == [
        "not_closed", "tie_out",
    ]  # fmt: skip


@pytest.mark.slow
def test_bills_alone_are_closed_by_the_day_on_which_the_newest_came(tmp_path: Path) -> None:
    """The bills land on 1 November (`LANDED_AT`): October is over, and settles on the 3rd."""
    workspace = open_books(tmp_path / "acme")
    (workspace.paths.inbox / "gateway" / "calls.csv").unlink()
    books = build(workspace)
    refused = close_month(books, OCTOBER, {})
    red = [check for check in refused.checks if check.turns_red]
    assert [check.name for check in red] == ["bills_settled"]
    assert "there are no calls, and the newest bill came on 2026-11-01" in red[0].detail
    assert red[0].cure.endswith('(--accept bills_settled="<why>")')
    assert close(books, OCTOBER, bills_settled="the provider bills at once").is_dir()
    workspace.build()
    assert charged(workspace, OCTOBER) == {(OCTOBER, None, "no matching calls"): usd("4.00")}
    late = close_month(books, NOVEMBER, {})
    assert "is_over" in [check.name for check in late.checks if check.turns_red]
