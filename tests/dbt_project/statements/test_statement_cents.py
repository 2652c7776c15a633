"""Whole cents of statements and the journal, on the models' own SQL, for amounts of any kind."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.compiled import compile_models

CENT = Decimal("0.01")

AMOUNTS = st.decimals(-(10**9), 10**9, places=12, allow_nan=False) | st.sampled_from(
    [Decimal(0), Decimal("0.005"), Decimal("-0.005"), Decimal("0.000000000001"), Decimal("-0.01")]
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["100", "200", "300", None]), st.sampled_from(["openai", "aws", None]),
        st.sampled_from(["usage", "tax", "credit"]), AMOUNTS,
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Compiled models by name."""
    names = ["int_statement_costs", "rpt_journal"]
    compiled = compile_models(tmp_path_factory.mktemp("compiled"), names)
    return {name: compiled[name].compiled_code for name in names}


def charged(rows: list[tuple[Any, ...]], sql: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """A warehouse of one open month with these charges, statement lines made of them."""
    con = duckdb.connect()
    con.execute("create schema marts; create schema intermediate")
    con.execute(
        "create table marts.fct_chargeback (month date, original_month date, cost_centre varchar,"
        " team varchar, feature varchar, tenant_id varchar, provider varchar, line varchar,"
        " adjusted_line varchar, pool varchar, charge_usd decimal(28, 12), close_number bigint)"
    )
    con.executemany(
        "insert into marts.fct_chargeback by name select date '2026-10-01' as month,"
        " date '2026-10-01' as original_month, $1 as cost_centre, $2 as provider, $3 as line,"
        " cast($4 as decimal(28, 12)) as charge_usd",
        [[*row[:3], str(row[3])] for row in rows],
    )
    con.execute(
        "create table marts.dim_periods as select date '2026-10-01' as month,"
        " 'EUR' as reporting_currency, cast(0.923456789 as decimal(28, 12)) as reporting_rate"
    )
    con.execute(f"create table intermediate.int_statement_costs as {sql['int_statement_costs']}")
    return con


def merged(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Charges by cost centre, provider and line: the lines of the cost centres' statements."""
    sums: dict[tuple[Any, ...], Decimal] = {}
    for row in rows:
        sums[row[:3]] = sums.get(row[:3], Decimal(0)) + row[3]
    return [(*key, usd) for key, usd in sums.items()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS)
def test_cents_sum_to_the_rounded_bill_and_no_line_is_off_by_a_cent(
    rows: list[tuple[Any, ...]], sql: dict[str, str]
) -> None:
    con = charged(rows, sql)
    total = sum((row[3] for row in rows), Decimal(0))
    bill = total.quantize(CENT, ROUND_HALF_UP)
    for (shown,) in con.execute(
        "select sum(amount_usd) from intermediate.int_statement_costs group by kind"
    ).fetchall():
        assert shown == bill
    converted = sum(
        ((row[3] * Decimal("0.923456789")).quantize(Decimal("1e-12"), ROUND_HALF_UP)
         for row in merged(rows)), Decimal(0),
    ).quantize(CENT, ROUND_HALF_UP)  # fmt: skip
    found = con.execute(
        "select sum(reporting_amount) from intermediate.int_statement_costs"
        " where kind = 'cost_centre'"
    ).fetchall()
    assert found == [(converted,)]
    for exact, amount in con.execute(
        "select exact_usd, amount_usd from intermediate.int_statement_costs"
    ).fetchall():
        low = exact.quantize(CENT, ROUND_FLOOR)
        assert amount in (low, low + CENT)
        assert exact != low or amount == low


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, data=st.data())
def test_the_order_of_charges_changes_no_cent(
    rows: list[tuple[Any, ...]], data: st.DataObject, sql: dict[str, str]
) -> None:
    lines = "select * from intermediate.int_statement_costs order by all"
    shuffled = data.draw(st.permutations(rows))
    assert charged(rows, sql).execute(lines).fetchall() == (
        charged(shuffled, sql).execute(lines).fetchall()
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=ROWS,
    markup=st.lists(st.tuples(st.sampled_from(["100", "200"]),
                              st.decimals(-10**6, 10**6, places=2, allow_nan=False)), max_size=4),
)  # fmt: skip
def test_the_journal_balances_to_the_cent_and_credits_each_provider_with_its_bill(
    rows: list[tuple[Any, ...]], markup: list[tuple[str, Decimal]], sql: dict[str, str]
) -> None:
    con = charged(rows, sql)
    con.execute("create table marts.fct_statement_lines as from intermediate.int_statement_costs")
    for centre, usd in markup:
        con.execute(
            "insert into marts.fct_statement_lines by name select date '2026-10-01' as month,"
            " 'cost_centre' as kind, $1 as member, 'internal price' as line,"
            " cast($2 as decimal(18, 2)) as amount_usd",
            [centre, str(usd)],
        )
    journal = con.execute(
        "select account, provider, debit_usd, credit_usd, debit_reporting, credit_reporting"
        f" from ({sql['rpt_journal']})"
    ).fetchall()
    debits = sum((row[2] or Decimal(0) for row in journal), Decimal(0))
    credits = sum((row[3] or Decimal(0) for row in journal), Decimal(0))
    assert debits == credits
    assert sum(row[4] or 0 for row in journal) == sum(row[5] or 0 for row in journal)
    # a line of less than half a cent of one currency may be a cent of the other
    for usd, reporting in ((row[2:4], row[4:6]) for row in journal):
        assert all(d is None or c is None for d, c in (usd, reporting))
        assert all(amount is None or amount > 0 for amount in (*usd, *reporting))
        assert any((*usd, *reporting))
    cleared = {row[1]: (row[3] or 0) - (row[2] or 0) for row in journal if row[0] == "clearing"}
    for provider in {row[1] for row in rows}:
        exact = sum((row[3] for row in rows if row[1] == provider), Decimal(0))
        assert abs(cleared.get(provider, Decimal(0)) - exact) < CENT * 12  # lines of a provider
