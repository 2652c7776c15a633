"""No trap in the published tables: a sum counts each dollar once, or the comment says what first.

Whoever opens the file sees the comment of a table. Where rows repeat a dollar, it begins with the
columns by which to filter; where it says nothing, summing without a thought is right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import combinations

import pytest
import yaml

from tests.demo.conftest import Published
from tests.support.warehouse import PROJECT

FILTER = re.compile(r"Filter by ((?:`\w+`(?:, | and )?)+) before you sum: \S")

REPEAT = {"dimension", "row_kind", "period_grain", "cost_basis", "measure", "comparison", "scope"}
"""Names of columns whose values are several views of the same money."""

ONE_THING_A_ROW = {
    "marts.fct_calls", "marts.fct_duplicate_calls", "marts.fct_tasks", "marts.fct_charges",
    "reports.rpt_call_charges", "reports.rpt_focus_charges",
}  # fmt: skip
"""A call, a task, a line of a bill: what they are made of repeats nothing."""

MOST_VALUES = 12
"""Values of a column that may tell views apart; names of members are more."""


def money_tables(published: Published) -> dict[str, tuple[str, list[str], list[str]]]:
    """Comment, money columns and text columns of every relation that states USD."""
    found: dict[str, tuple[str, list[str], list[str]]] = {}
    for relation, columns in columns_of(published).items():
        money = [name for name in columns if re.fullmatch(r"(\w+_)?usd", name)]
        texts = [name for name, kind in columns.items() if kind == "VARCHAR"]
        if money:
            found[relation] = models()[relation].comment, money, texts
    return found


def columns_of(published: Published) -> dict[str, dict[str, str]]:
    """Types of columns by relation."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for relation, column, kind in published.workspace.query(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where schema_name in ('marts', 'reports') order by all"
    ):
        found[relation][column] = kind
    return found


@dataclass(frozen=True)
class Stated:
    """What a run writes into the published file of a relation, and what one row is."""

    comment: str
    grain: tuple[str, ...]


@cache
def models() -> dict[str, Stated]:
    return {
        f"{layer}.{model['name']}": Stated(
            model["description"].strip(),
            tuple(
                column
                for test in model["data_tests"]
                if isinstance(test, dict) and "unique_grain" in test
                for column in test["unique_grain"]["arguments"]["columns"]
            ),
        )
        for layer in ("marts", "reports")
        for file in (PROJECT / "models" / layer).rglob("*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", ())
    }


def filters(comment: str) -> list[str]:
    said = FILTER.match(comment)
    return re.findall(r"`(\w+)`", said[1]) if said else []


def test_a_table_of_several_views_of_the_same_money_says_so_first(published: Published) -> None:
    columns = columns_of(published)
    for relation, (comment, _, _) in money_tables(published).items():
        assert not REPEAT & set(models()[relation].grain) or filters(comment), relation
        assert set(filters(comment)) <= set(columns[relation]), relation
        assert "Filter by" not in comment[10:], f"{relation} says it too late"


@pytest.mark.parametrize(
    ("column", "total"),
    [
        ("charge_usd", "select sum(charge_usd) from marts.fct_charges_daily"),
        ("estimate_usd", "select sum(estimate_usd) from marts.fct_calls"),
        ("reported_usd", "select sum(reported_cost_usd) from marts.fct_calls"),
    ],
)
def test_a_sum_without_a_filter_is_never_more_than_there_is(
    published: Published, column: str, total: str
) -> None:
    """With the filters that a comment asks for, too: any one value of each."""
    most = published.workspace.value(total)
    seen = 0
    for relation, (comment, money, _) in money_tables(published).items():
        if column not in money or relation == "reports.rpt_left_out":
            continue
        by = ", ".join(filters(comment)) or "true"
        sums = published.workspace.query(f"select sum({column}) from {relation} group by {by}")
        for (usd,) in sums:
            assert usd is None or usd <= most, relation
        seen += bool(sums)
    assert seen >= 3


def views_of_the_same_money(published: Published) -> Iterator[str]:
    for relation, (comment, money, texts) in money_tables(published).items():
        if filters(comment) or relation in ONE_THING_A_ROW:
            continue
        for text in texts:
            sums = ", ".join(f"sum({usd})" for usd in money)
            query = f"select {sums} from {relation} group by {text} limit {MOST_VALUES + 1}"
            rows = published.workspace.query(query)
            if not 2 <= len(rows) <= MOST_VALUES:
                continue
            for usd, values in zip(money, zip(*rows, strict=True), strict=True):
                known = [Decimal(value) for value in values if value]
                if any(one == other for one, other in combinations(known, 2)):
                    yield f"{relation}: {text} repeats {usd}"
                if len(known) > 2 and any(2 * one == sum(known) for one in known):
                    yield f"{relation}: {text} holds a total of {usd}"


@pytest.mark.slow
def test_no_column_of_a_table_without_a_word_repeats_its_money(published: Published) -> None:
    assert list(views_of_the_same_money(published)) == []


def test_the_traps_are_as_deep_as_they_say(published: Published) -> None:
    bill = published.workspace.value("select sum(charge_usd) from reports.rpt_spend_daily")
    assert bill > 0
    for relation, column, times in (
        ("reports.rpt_showback", "charge_usd", 4),
        ("reports.rpt_statement_lines", "exact_usd", 4),
        ("reports.rpt_statements", "cost_exact_usd", 8),
    ):
        value = published.workspace.value(f"select sum({column}) from {relation}")
        assert value == times * bill, relation


def test_the_twins_hold_each_dollar_once(published: Published) -> None:
    charged = "select strftime(month, '%Y-%m'), sum(charge_usd) from {} group by all"
    assert published.amounts(charged.format("reports.rpt_charges")) == published.amounts(
        charged.format("reports.rpt_overview")
    )
    costs = "select day, task_type, feature, tenant_id, tasks_closed, successes, cost_usd from {}"
    twin = published.amounts(costs.format("reports.rpt_task_costs"))
    assert len(twin) > 100
    assert twin == published.amounts(
        costs.format("reports.rpt_unit_cost where cost_basis = 'estimate' and tasks_closed > 0")
    )
