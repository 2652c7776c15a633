"""Ten worked questions: each answer on the demo is what another computation gives."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.demo.conftest import Published
from tests.support.warehouse import PROJECT

FOLDER = PROJECT / "questions"
LAST = date(2026, 7, 1)
"""The demo's newest complete month."""

JULY = "between '2026-07-01' and '2026-07-31'"


def question(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@pytest.fixture
def ask(published: Published) -> Any:
    return lambda name: published.workspace.query(question(name))


def test_the_paper_names_every_question_in_its_own_words() -> None:
    paper = (FOLDER / "README.md").read_text(encoding="utf-8")
    names = sorted(path.stem for path in FOLDER.glob("*.sql"))
    assert len(names) == 10
    for name in names:
        asked = question(name).partition("\n")[0].removeprefix("-- ")
        assert re.search(rf"\| {re.escape(asked)} \| \w* ?\| \[{name}\]", paper), name


def test_cost_per_success_by_tenant_last_month(published: Published, ask: Any) -> None:
    """The bill's money of tasks, from what was charged to each closed task's month."""
    successes = dict(published.workspace.query(
        "select coalesce(tenant_id, 'unattributed'), count(*) from marts.fct_tasks"
        f" where status = 'success' and closed_date {JULY} group by all"
    ))  # fmt: skip
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for tenant, charged, unbilled in published.workspace.query(
        "select tenant_id, charge_usd, unbilled_usd from marts.fct_task_charges"
        f" where closed_month = date '{LAST}'"
    ):
        cost[tenant] += (charged or 0) + (unbilled or 0)
    answers = ask("cost_per_success_by_tenant")
    assert {row[0]: row[1] for row in answers if row[1]} == successes
    for tenant, count, usd, per_success in answers:
        assert (usd or 0) == cost[tenant]
        if not count:
            assert per_success is None
            continue
        assert abs(per_success - usd / count) <= Decimal("0.000000001")
    dearest_first = [row[3] for row in answers if row[3] is not None]
    assert dearest_first == sorted(dearest_first, reverse=True)


def test_features_whose_cost_per_success_rose_and_why(published: Published, ask: Any) -> None:
    sums: dict[tuple[str, date], list[Any]] = defaultdict(lambda: [Decimal(0), 0])
    for feature, closed, status, usd in published.workspace.query(
        "select coalesce(feature, 'unattributed'), closed_date, status, estimate_usd"
        " from marts.fct_tasks where closed_date is not null"
    ):
        side = sums[feature, closed.replace(day=1)]
        side[0] += usd or 0
        side[1] += status == "success"
    rose = {
        feature: (sums[feature, date(2026, 6, 1)], after)
        for (feature, month), after in sums.items()
        if month == LAST and after[1] and sums[feature, date(2026, 6, 1)][1]
    }
    change = {
        feature: after[0] / after[1] - before[0] / before[1]
        for feature, (before, after) in rose.items()
    }
    dearer = sorted((f for f in change if change[f] > 0), key=lambda f: -change[f])
    answers = ask("features_that_became_dearer")
    assert [row[0] for row in answers] == dearer[:5]
    for feature, _, _, changed, driver, effect, owner, _ in answers:
        assert changed == pytest.approx(change[feature], abs=Decimal("0.00000001"))
        assert effect > 0
        assert driver
        assert owner


def test_cache_saving_by_day(published: Published, ask: Any) -> None:
    """Day by day what calls avoided, and in all what was planted, whose months are of UTC days."""
    avoided: dict[date, Decimal] = defaultdict(Decimal)
    for day, usd in published.workspace.query("select call_date, avoided_usd from marts.fct_calls"):
        avoided[day] += usd or 0
    answers = ask("cache_saving_by_day")
    gateway = {day: saved for day, layer, _, saved in answers if layer == "gateway"}
    assert gateway == avoided
    planted = published.monthly("gateway_cache.avoided_usd")
    assert sum(gateway.values()) == sum(planted.values())
    assert [row[:2] for row in answers] == sorted(row[:2] for row in answers)


def test_dearest_keys(published: Published, ask: Any) -> None:
    usd: dict[str | None, Decimal] = defaultdict(Decimal)
    calls: Counter[str | None] = Counter()
    for key, estimate in published.workspace.query(
        f"select api_key_id, estimate_usd from marts.fct_calls where utc_day {JULY}"
    ):
        usd[key] += estimate or 0
        calls[key] += 1
    answers = ask("dearest_keys")
    dearest = sorted(usd, key=lambda key: -usd[key])[:10]
    assert [row[0] for row in answers] == dearest
    assert [(row[2], row[4]) for row in answers] == [(calls[key], usd[key]) for key in dearest]


def test_team_spend_against_budget(published: Published, ask: Any) -> None:
    with (published.workspace.root / "config" / "budgets.csv").open(newline="") as stream:
        budgets = {
            row["name"]: Decimal(row["monthly_usd"])
            for row in csv.DictReader(stream)
            if row["kind"] == "team"
        }
    charged = {
        (month, team): usd
        for month, team, usd in published.workspace.query(
            "select month, team, sum(charge_usd) from marts.fct_showback"
            " where team is not null group by all"
        )
    }
    answers = ask("team_spend_against_budget")
    assert {row[1] for row in answers} == set(budgets)
    for month, team, usd, budget, remaining in answers:
        assert budget == budgets[team]
        assert abs(usd - charged[month, team]) < Decimal("0.02"), "internal prices: none of teams"
        assert remaining == budget - usd


def test_p95_loop_depth(published: Published, ask: Any) -> None:
    depths: dict[tuple[date, str], list[int]] = defaultdict(list)
    for closed, kind, depth in published.workspace.query(
        "select closed_date, coalesce(task_type, 'unattributed'), loop_depth from marts.fct_tasks"
        " where closed_date is not null and loop_depth is not null"
    ):
        for name in (kind, "all"):
            depths[closed.replace(day=1), name].append(depth)
    answers = ask("p95_loop_depth")
    assert {(row[0], row[1]) for row in answers} == set(depths)
    for month, kind, _, mean, p95 in answers:
        ranked = sorted(depths[month, kind])
        place = 0.95 * (len(ranked) - 1)  # Hyndman and Fan's definition 7, as quantile_cont
        low = int(place)
        high = min(low + 1, len(ranked) - 1)
        assert p95 == pytest.approx(ranked[low] + (place - low) * (ranked[high] - ranked[low]))
        assert mean == pytest.approx(sum(ranked) / len(ranked))


def test_unallocated_by_reason(published: Published, ask: Any) -> None:
    """Members and what is unallocated are the bill; calls without a feature are as planted."""
    answers = ask("unallocated_by_reason")
    reasons: dict[tuple[str], Decimal] = defaultdict(Decimal)
    for month, _, usd in answers:
        reasons[(f"{month:%Y-%m}",)] += usd
    carried = published.amounts(
        "select strftime(month, '%Y-%m'), sum(charge_usd) from marts.fct_chargeback"
        " where feature is not null group by all"
    )
    bill: dict[tuple[str], Decimal] = defaultdict(Decimal)
    for (month, _), usd in published.monthly("charge_usd").items():
        bill[(month,)] += usd
    assert {month: usd + reasons[month] for month, usd in carried.items()} == dict(bill)
    untagged = published.monthly("untagged_on_billed_days_usd.no_feature")
    for month, reason, usd in answers:
        if reason == "usage":
            assert usd == untagged[(f"{month:%Y-%m}",)]


def test_price_drift(published: Published, ask: Any) -> None:
    """A price that bills and book agree on does not drift; the largest difference comes first."""
    answers = ask("price_drift")
    assert len(answers) == published.workspace.value("select count(*) from reports.rpt_price_drift")
    for *_, book, billed, drift, usd, is_drift in answers:
        assert is_drift == (abs(drift) > 0.005)
        assert (usd == 0) >= (book == billed)
    sizes = [abs(row[7]) for row in answers]
    assert sizes == sorted(sizes, reverse=True)


def test_what_changed_since_the_close(published: Published, tmp_path: Path) -> None:
    """Two late lines of one month and one of another, among closes that the demo has none of."""
    with duckdb.connect(str(published.workspace.warehouse), read_only=True) as con:
        columns = [row[0] for row in con.execute("describe reports.rpt_adjustments").fetchall()]
    with duckdb.connect(str(tmp_path / "late.duckdb")) as con:
        con.execute("create schema reports")
        con.execute("create table reports.rpt_adjustments (original_month date, booked_month date,"
                    " cause varchar, charge_usd decimal(28, 12))")  # fmt: skip
        con.execute("insert into reports.rpt_adjustments values"
                    " ('2026-06-01', '2026-08-01', 'late bill', 1.25),"
                    " ('2026-06-01', '2026-08-01', 'late bill', -0.05),"
                    " ('2026-07-01', '2026-08-01', 'restated', 3)")  # fmt: skip
        made = [row[0] for row in con.execute("describe reports.rpt_adjustments").fetchall()]
        answers = con.execute(question("changed_since_the_close")).fetchall()
    assert set(made) <= set(columns)
    assert answers == [
        (date(2026, 6, 1), date(2026, 8, 1), "late bill", Decimal("1.20")),
        (date(2026, 7, 1), date(2026, 8, 1), "restated", Decimal(3)),
    ]


def test_calls_over_a_dollar(published: Published, ask: Any) -> None:
    over = [usd for (usd,) in published.workspace.query("select estimate_usd from marts.fct_calls")
            if usd is not None and usd > 1]  # fmt: skip
    answers = ask("calls_over_a_dollar")
    assert [row[6] for row in answers] == sorted(over, reverse=True)[:50]
    assert all(row[4] > 0 and row[7] for row in answers)


def test_the_notebook_runs_from_top_to_bottom_and_holds_no_outputs(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = json.loads((FOLDER / "showback.ipynb").read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    (tmp_path / "showback.duckdb").symlink_to(published.workspace.warehouse)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in cells:
        exec("".join(cell["source"]), names)  # noqa: S102 - our own notebook
    bill = published.workspace.value("select sum(charge_usd) from reports.rpt_charges")
    assert names["charges"]["charge_usd"].sum() == bill
    assert names["tenants"].height == len(published.workspace.query(
        question("cost_per_success_by_tenant")
    ))  # fmt: skip
    assert [trace.name for trace in names["figure"].data] == sorted(
        set(names["caches"]["layer"].to_list())
    )
