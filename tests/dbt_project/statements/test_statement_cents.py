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
        st.sampled_from([None, "INV-1", "INV-2", "INV-3"]),
    ),
    min_size=1, max_size=30,
)  # fmt: skip
"""Charges of a month: cost centre, provider, line, amount, and the invoice that has it."""


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Compiled models by name."""
    names = ["fct_clearing_lines", "int_statement_costs", "rpt_journal", "rpt_invoice_months"]
    compiled = compile_models(tmp_path_factory.mktemp("compiled"), names)
    return {name: compiled[name].compiled_code for name in names}


def empty_warehouse() -> duckdb.DuckDBPyConnection:
    """What the models read, without a charge."""
    con = duckdb.connect()
    con.execute("create schema marts; create schema intermediate; create schema staging")
    con.execute(
        "create table marts.fct_chargeback (month date, original_month date, cost_centre varchar,"
        " team varchar, feature varchar, tenant_id varchar, provider varchar, line varchar,"
        " adjusted_line varchar, pool varchar, charge_usd decimal(28, 12), close_number bigint);"
        " create table marts.fct_invoice_months (invoice_month date, invoice_id varchar,"
        " charge_month date, provider varchar, charge_usd decimal(28, 12));"
        " create table staging.stg_closes__months (month date, is_current boolean);"
        " create table staging.stg_closes__statement_lines (month date, kind varchar,"
        " line varchar, original_month date, provider varchar, amount_usd decimal(18, 2),"
        " reporting_amount decimal(18, 2), reporting_currency varchar, close_number bigint);"
        " create table staging.stg_closes__clearing_lines (month date, provider varchar,"
        " invoice_month date, invoice_id varchar, amount_usd decimal(18, 2),"
        " reporting_amount decimal(18, 2), reporting_currency varchar, close_number bigint)"
    )
    con.execute(
        "create table marts.dim_periods as select unnest([date '2026-09-01', date '2026-10-01',"
        " date '2026-11-01']) as month,"
        " 'EUR' as reporting_currency, cast(0.923456789 as decimal(28, 12)) as reporting_rate"
    )
    return con


def charged(rows: list[tuple[Any, ...]], sql: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """A warehouse of one open month with these charges, statement lines made of them."""
    con = empty_warehouse()
    con.executemany(
        "insert into marts.fct_chargeback by name select date '2026-10-01' as month,"
        " date '2026-10-01' as original_month, $1 as cost_centre, $2 as provider, $3 as line,"
        " cast($4 as decimal(28, 12)) as charge_usd",
        [[*row[:3], str(row[3])] for row in rows],
    )
    con.executemany(
        "insert into marts.fct_invoice_months by name select date '2026-10-01' as charge_month,"
        " date '2026-10-01' as invoice_month, $1 as provider, $2 as invoice_id,"
        " cast($3 as decimal(28, 12)) as charge_usd",
        [[row[1], row[4], str(row[3])] for row in rows],
    )
    return build(con, sql)


def build(con: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """The models over what the tables hold now."""
    con.execute(f"create or replace table marts.fct_clearing_lines as {sql['fct_clearing_lines']}")
    costs = sql["int_statement_costs"]
    con.execute(f"create or replace table intermediate.int_statement_costs as {costs}")
    return con


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def invoices(rows: list[tuple[Any, ...]]) -> dict[tuple[Any, Any], Decimal]:
    """What each provider's invoices ask for, each rounded once."""
    sums: dict[tuple[Any, Any], Decimal] = {}
    for row in rows:
        sums[row[1], row[4]] = sums.get((row[1], row[4]), Decimal(0)) + row[3]
    return {invoice: cents(usd) for invoice, usd in sums.items()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS)
def test_lines_sum_to_the_rounded_invoices_and_none_is_off_by_more_than_these(
    rows: list[tuple[Any, ...]], sql: dict[str, str]
) -> None:
    con = charged(rows, sql)
    asked = invoices(rows)
    by_provider = {
        provider: [usd for (of, _), usd in asked.items() if of == provider]
        for provider in {row[1] for row in rows}
    }
    shown = con.execute(
        "select kind, provider, sum(amount_usd), sum(reporting_amount)"
        " from intermediate.int_statement_costs group by all"
    ).fetchall()
    assert len(shown) == 4 * len(by_provider)
    rate = Decimal("0.923456789")
    for _, provider, usd, reporting in shown:
        assert usd == sum(by_provider[provider])
        assert reporting == sum(cents(asks * rate) for asks in by_provider[provider])
    for provider, exact, amount in con.execute(
        "select provider, exact_usd, amount_usd from intermediate.int_statement_costs"
    ).fetchall():
        low = exact.quantize(CENT, ROUND_FLOOR)
        # one invoice: its sum is that of its lines, rounded
        spread = 0 if len(by_provider[provider]) == 1 else len(by_provider[provider])
        assert low - CENT * spread <= amount <= low + CENT * (1 + spread)
        assert spread or exact != low or amount == low


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
def test_the_journal_balances_to_the_cent_and_credits_each_invoice_with_what_it_asks_for(
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
        "select account, provider, invoice_id, debit_usd, credit_usd, debit_reporting,"
        f" credit_reporting from ({sql['rpt_journal']})"
    ).fetchall()
    debits = sum((row[3] or Decimal(0) for row in journal), Decimal(0))
    credits = sum((row[4] or Decimal(0) for row in journal), Decimal(0))
    assert debits == credits
    assert sum(row[5] or 0 for row in journal) == sum(row[6] or 0 for row in journal)
    # a line of less than half a cent of one currency may be a cent of the other
    for usd, reporting in ((row[3:5], row[5:7]) for row in journal):
        assert all(d is None or c is None for d, c in (usd, reporting))
        assert all(amount is None or amount > 0 for amount in (*usd, *reporting))
        assert any((*usd, *reporting))
    cleared = {row[1:3]: (row[4] or 0) - (row[3] or 0) for row in journal if row[0] == "clearing"}
    assert cleared == {invoice: usd for invoice, usd in invoices(rows).items() if usd}


MONTHS = ("2026-09-01", "2026-10-01", "2026-11-01")


def deliver(
    con: duckdb.DuckDBPyConnection,
    bill: list[tuple[str, str | None, Decimal]],
    closed: dict[str, dict[str | None, Decimal]],
) -> None:
    """The charges as one provider's bill has them today: month of use, invoice, amount.

    Args:
        closed: exact amounts of the closed months, by invoice, as they were when each was closed.
    """
    con.execute("delete from marts.fct_invoice_months; delete from marts.fct_chargeback")
    for month, invoice, usd in bill:
        con.execute(
            "insert into marts.fct_invoice_months by name select cast($1 as date) as charge_month,"
            " date '2026-09-01' as invoice_month, 'p' as provider, $2 as invoice_id,"
            " cast($3 as decimal(28, 12)) as charge_usd",
            [month, invoice, str(usd)],
        )
    booked = MONTHS[len(closed)]
    before = sum((usd for of in closed.values() for usd in of.values()), Decimal(0))
    now = sum((usd for month, _, usd in bill if month in closed), Decimal(0))
    lines = [(month, "usage", usd) for month, _, usd in bill if month not in closed]
    if now != before:
        lines.append((booked, "adjustment", now - before))
    for month, line, usd in lines:
        con.execute(
            "insert into marts.fct_chargeback by name select cast($1 as date) as month,"
            " cast($1 as date) as original_month, '100' as cost_centre, 'p' as provider,"
            " $2 as line, cast($3 as decimal(28, 12)) as charge_usd",
            [month, line, str(usd)],
        )


def close_first_open(con: duckdb.DuckDBPyConnection, month: str) -> None:
    """Keep the month's lines as a close does."""
    con.execute("insert into staging.stg_closes__months values (cast($1 as date), true)", [month])
    con.execute(
        "insert into staging.stg_closes__clearing_lines by name"
        " select * replace (1 as close_number) from marts.fct_clearing_lines"
        " where month = cast($1 as date) and close_number is null",
        [month],
    )
    con.execute(
        "insert into staging.stg_closes__statement_lines by name"
        " select month, kind, line, original_month, provider, amount_usd, reporting_amount,"
        " reporting_currency, 1 as close_number from intermediate.int_statement_costs"
        " where month = cast($1 as date)",
        [month],
    )


SMALL = st.decimals(-20, 20, places=4, allow_nan=False)
BILLS = st.lists(
    st.tuples(st.sampled_from(MONTHS), st.sampled_from([None, "INV-1", "INV-2"]), SMALL),
    min_size=1, max_size=8,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bills=st.tuples(BILLS, BILLS, BILLS))
def test_every_invoice_clears_to_zero_however_it_changes_between_the_closes(
    bills: tuple[Any, ...], sql: dict[str, str]
) -> None:
    """A bill, its month closed; the next, which says otherwise of that month too; and once more."""
    con = empty_warehouse()
    closed: dict[str, dict[str | None, Decimal]] = {}
    for number, bill in enumerate(bills):
        deliver(con, bill, closed)
        build(con, sql)
        asked: dict[str | None, Decimal] = {}
        for _, invoice, usd in bill:
            asked[invoice] = asked.get(invoice, Decimal(0)) + usd
        credited = con.execute(
            "select invoice_id, sum(amount_usd) from marts.fct_clearing_lines group by 1"
        ).fetchall()
        assert {i: usd for i, usd in credited if usd} == {
            i: cents(usd) for i, usd in asked.items() if cents(usd)
        }
        assert con.execute(
            f"select clearing_usd from ({sql['rpt_invoice_months']}) order by month desc limit 1"
        ).fetchall() in ([(Decimal(0),)], [])
        for month, right in con.execute(
            "select month, sum(amount_usd) from marts.fct_clearing_lines"
            " where close_number is null group by 1"
        ).fetchall():
            assert con.execute(
                "select coalesce(sum(amount_usd), 0) from intermediate.int_statement_costs"
                " where month = $1 and kind = 'cost_centre'", [month],
            ).fetchall() == [(right,)]  # fmt: skip
        if number < 2:
            month = MONTHS[number]
            before = sum((usd for of in closed.values() for usd in of.values()), Decimal(0))
            now = sum((usd for m, _, usd in bill if m in (*closed, month)), Decimal(0))
            closed[month] = {None: now - before}
            close_first_open(con, month)
