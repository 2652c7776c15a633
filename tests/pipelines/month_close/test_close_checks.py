"""Each check of a close fails alone where it should, and following its cure closes the month.

The month is that of `two_months`: October is billed 4.00 for calls of 4.00.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.errors import OutlayError
from pipelines.month_close.checks import ACCEPTABLE
from pipelines.month_close.close import close_month, reopen_month
from pipelines.workspace.paths import Workspace as Books
from tests.pipelines.conftest import outlay
from tests.support.warehouse import Workspace
from tests.support.workspaces.two_months import (
    CALLS,
    HEADER,
    NOVEMBER,
    OCTOBER,
    bill,
    build,
    open_books,
)

SEPTEMBER = date(2026, 9, 1)

_VLLM = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "vllm" }
request_model = { constant = "own" }
[tokens]
input = "tokens"
"""
_FOCUS = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,BillingPeriodStart,"
    "BillingPeriodEnd,InvoiceId,ProviderName,SkuPriceDetails\n"
)

Step = Callable[[Workspace], object]


def setting(old: str, new: str) -> Step:
    """Edit a line of `outlay.toml`."""

    def edit(workspace: Workspace) -> None:
        file = Books(workspace.root).settings_file
        text = file.read_text()
        assert f"\n{old}\n" in text, old
        file.write_text(text.replace(f"\n{old}\n", f"\n{new}\n"))

    return edit


def delivered(source: str, name: str, content: str) -> Step:
    return lambda workspace: workspace.drop(source, name, content)


def steps(*all_of: Step) -> Step:
    return lambda workspace: [step(workspace) for step in all_of]


def closed(month: date) -> Step:
    def close_it(workspace: Workspace) -> None:
        assert close_month(Books(workspace.root), month, {}).folder
        build(workspace, "sql")

    return close_it


def reopened(workspace: Workspace) -> None:
    reopen_month(Books(workspace.root), OCTOBER, "a bot was left out")


def red_check(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute("insert into ops.checks values ('quarantine_share', false, 'error')")


def called_own_gpus(workspace: Workspace) -> None:
    """Calls of 2.00 on the third of October that no provider bills."""
    workspace.configure("gpus", _VLLM)
    workspace.prices("openai,scribe,standard,input_uncached,1,,,,",
                     "vllm,own,standard,input_uncached,1,,,,")  # fmt: skip
    workspace.drop("gpus", "1.csv", "id,at,tokens\nv1,2026-10-03T09:00:00Z,2000000\n")


def focus(period_end: str, **line: str) -> str:
    parts = {"cost": "2", "day": "2026-11-03", "provider": "Acme", "model": ""} | line
    sku = f'"{{""ModelId"": ""{parts["model"]}""}}"' if parts["model"] else ""
    start = f"{parts['day'][:8]}01T00:00:00Z"
    return (
        f"{_FOCUS}{parts['cost']},USD,Usage,{parts['day']}T00:00:00Z,{start},{period_end},I-1,"
        f"{parts['provider']},{sku}\n"
    )


def billed(name: str, days: Mapping[date, str]) -> Step:
    return delivered("openai", name, bill(dict(days), "2026-12-12T06:00:00Z"))


@dataclass(frozen=True)
class Case:
    """A month that one check keeps open.

    Attributes:
        make: what is so, before the build.
        detail: what the check says of it.
        cures: what its cure says to do, each way of it; a build follows.
        after: what is so after the build.
    """

    month: date
    make: Step
    detail: str
    cures: tuple[Step, ...]
    after: Step = field(default=lambda _: None)


_LATER = delivered("gateway", "d.csv", f"{HEADER}d1,2026-12-10T09:00:00Z,chat,acme,1000000\n")
_WITH_DECEMBER = steps(_LATER, billed("3.json", {date(2026, 12, 10): "1.00"}))

CASES: dict[str, Case] = {
    "has_charges": Case(
        SEPTEMBER,
        steps(),
        "0.00 USD are charged in 2026-09",
        (
            steps(
                delivered("gateway", "s.csv", f"{HEADER}s,2026-09-05T09:00:00Z,chat,a,1000000\n"),
                billed("0.json", {date(2026, 9, 5): "1.00"}),
            ),
        ),
    ),
    "not_closed": Case(
        OCTOBER, steps(), "close 1 of 2026-10 holds", (reopened,), after=closed(OCTOBER)
    ),
    "in_order": Case(
        NOVEMBER,
        _WITH_DECEMBER,
        "still open: 2026-10 (4.00 USD)",
        (closed(OCTOBER), setting("first_month = 2015-01-01", "first_month = 2026-11-01")),
    ),
    "is_over": Case(
        OCTOBER,
        steps(
            setting("billing_lag_days = 3", "billing_lag_days = 0"),
            delivered(
                "gateway", "calls.csv",
                f"{HEADER}{CALLS[0]}{CALLS[1]}z,2026-10-31T09:00:00Z,chat,acme,100\n",
            ),
        ),
        "calls are known up to 2026-10-31; the month ends on 2026-10-31",
        (delivered("gateway", "n.csv", HEADER + CALLS[2]),),
    ),
    "nothing_blocks": Case(
        OCTOBER,
        steps(
            lambda workspace: workspace.configure("focus", 'format = "focus"'),
            delivered("focus", "1.csv", focus("")),
        ),
        "1 rows of the bills must not be published",
        (delivered("focus", "1.csv", focus("2026-12-01T00:00:00Z")),),
    ),
    "bills_complete": Case(
        OCTOBER,
        called_own_gpus,
        "vllm has calls of 2.00 USD up to 2026-10-03, and no bill of the month",
        (
            steps(
                lambda workspace: workspace.configure("focus", 'format = "focus"'),
                delivered("focus", "1.csv", focus(
                    "2026-11-01T00:00:00Z", day="2026-10-03", provider="vllm", model="own",
                )),
            ),
            setting("providers_without_bill = []", 'providers_without_bill = ["vllm"]'),
        ),
    ),
    "bills_settled": Case(
        OCTOBER,
        setting("billing_lag_days = 3", "billing_lag_days = 30"),
        "bills settle 30 days after the month, on 2026-11-30; calls are known up to 2026-11-10",
        (_LATER,),
    ),
    "tie_out": Case(
        OCTOBER,
        delivered("gateway", "m.csv", f"{HEADER}x,2026-10-30T09:00:00Z,chat,acme,9000000\n"),
        "openai billed 4.00, estimated 13.00 USD; allowed 10%",
        (billed("2.json", {date(2026, 10, 30): "9.00"}),),
    ),
    "checks_green": Case(
        OCTOBER, steps(), "red in the last run: quarantine_share", (steps(),), after=red_check
    ),
}  # fmt: skip


def failing(books: Books, case: Case) -> list[tuple[str, str, str]]:
    result = close_month(books, case.month, {})
    assert (result.folder is None) == any(check.turns_red for check in result.checks)
    return [(c.name, c.detail, c.cure) for c in result.checks if c.turns_red]


def test_every_check_of_a_close_has_a_case(tmp_path: Path) -> None:
    books = build(open_books(tmp_path / "acme"))
    assert [check.name for check in close_month(books, OCTOBER, {}).checks] == list(CASES)
    assert set(ACCEPTABLE) < set(CASES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "way"), [(name, n) for name, case in CASES.items() for n in range(len(case.cures))]
)
def test_a_check_fails_alone_and_its_cure_or_accepting_it_closes_the_month(
    tmp_path: Path, name: str, way: int
) -> None:
    workspace, case = open_books(tmp_path / "acme"), CASES[name]
    case.make(workspace)
    books = build(workspace, "sql")
    case.after(workspace)
    ((red, detail, cure),) = failing(books, case)
    assert (red, detail) == (name, case.detail)
    assert (f'--accept {name}="' in cure) == (name in ACCEPTABLE)
    if name in ACCEPTABLE:
        copy = Books(shutil.copytree(workspace.root, tmp_path / "accepted"))
        accepted = close_month(copy, case.month, {name: "ticket 7"})
        assert accepted.folder
        assert [c.detail for c in accepted.checks if not c.passed] == [
            f"{detail}; accepted: ticket 7"
        ]
    case.cures[way](workspace)
    build(workspace, "sql")
    assert failing(books, case) == []


def test_a_bill_of_another_month_does_not_stand_for_the_month_that_has_none(
    tmp_path: Path,
) -> None:
    """openai is billed in November alone; a provider declared without bill hides no other's."""
    workspace = open_books(tmp_path / "acme")
    workspace.drop("openai", "1.json", bill({date(2026, 11, 10): "2.00"}, "2026-11-12T06:00:00Z"))
    called_own_gpus(workspace)
    setting("providers_without_bill = []", 'providers_without_bill = ["vllm"]')(workspace)
    books = build(workspace, "sql")
    red = {c.name: c.detail for c in close_month(books, OCTOBER, {}).checks if c.turns_red}
    assert red["bills_complete"] == (
        "openai has calls of 4.00 USD up to 2026-10-05, and no bill of the month"
    )


@pytest.mark.slow
def test_the_tie_out_says_of_a_provider_that_is_declared_so_that_it_sends_no_bill(
    own: Books,
) -> None:
    """The small workspace's calls cost 0.011 at a provider that never billed."""
    says = (
        "select status, lag_usd, no_bill_usd from reports.rpt_tie_out_summary"
        " inner join reports.rpt_reconciliation using (month, provider)"
    )

    def said() -> list[tuple[object, ...]]:
        with duckdb.connect(str(own.showback), read_only=True) as con:
            return con.execute(says).fetchall()

    assert said() == [("not_billed_yet", Decimal("-0.011"), 0)]
    setting("providers_without_bill = []", 'providers_without_bill = ["house"]')(
        Workspace(own.root)
    )
    assert outlay("run", "--workspace", own.root).exit_code == 0
    assert said() == [("sends_no_bill", 0, Decimal("-0.011"))]


def test_a_month_before_the_first_one_is_history(tmp_path: Path) -> None:
    workspace = open_books(tmp_path / "acme")
    setting("first_month = 2015-01-01", "first_month = 2026-11-01")(workspace)
    books = build(workspace, "sql")
    (check,) = [c for c in close_month(books, OCTOBER, {}).checks if c.turns_red]
    assert (check.name, check.detail) == ("in_order", "months are closed from 2026-11 on")
    assert "set close.first_month to 2026-10-01 or earlier" in check.cure


def test_the_command_says_what_can_be_accepted(tmp_path: Path) -> None:
    books = build(open_books(tmp_path / "acme"))
    said = " ".join(outlay("close", "--help").output.split())
    wrong = outlay("close", "2026-10", "-w", books.root, "--accept", "is_over=hurry")
    assert wrong.exit_code == 2
    for name in ACCEPTABLE:
        assert name in said
        assert name in wrong.stderr
    for text in ("tie_out", "tie_out= "):
        with pytest.raises(OutlayError, match='say why, as in --accept tie_out="'):
            close_month(books, OCTOBER, dict([text.partition("=")[::2]]))
