"""The check of invoices, on a few rows made by hand."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.checks.check import Check
from pipelines.checks.invoices import invoice_difference
from pipelines.workspace.settings import Settings

SETTINGS = Settings(company="x", thresholds={"invoice_difference_usd": "1"})

LIMIT = "('A1', 'g', 'USD', 110, 4, 109, 1, 'differs', 'paid')"
"""A dollar more than its lines: the limit itself."""


def checked(*rows: str) -> Check:
    with duckdb.connect() as con:
        con.execute(
            "create schema marts; create table marts.fct_invoices (invoice_id varchar,"
            " provider varchar, currency varchar, total decimal(28, 12), charge_lines bigint,"
            " billed_cost decimal(28, 12), difference_usd decimal(28, 12), comparison varchar,"
            " status varchar)"
        )
        for row in rows:
            con.execute(f"insert into marts.fct_invoices values {row}")
        return invoice_difference(con, SETTINGS)


def test_a_difference_up_to_the_limit_is_good() -> None:
    assert checked().passed
    check = checked(LIMIT)
    assert check.passed
    assert check.detail == "1 of 1 invoices issued or paid agree with their lines; allowed 1 USD"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "('B2', null, 'USD', 110, 1204, 108.99, 1.01, 'differs', 'issued')",
            "B2 states 110.00 USD, its 1,204 lines sum to 108.99: +1.01 USD",
        ),
        (
            "('C3', 'g', 'EUR', 100, 2, 110, -11.5, 'differs', 'paid')",
            "C3 of g states 100.00 EUR, its 2 lines sum to 110.00: -11.50 USD",
        ),
        (
            "('D4', 'g', 'USD', 5, 0, null, 5, 'not_billed', 'issued')",
            "D4 of g states 5.00 USD, and no line of a bill names it: +5.00 USD",
        ),
        (
            "('E5', 'g', 'EUR', 5, 0, null, null, 'not_billed', 'paid')",
            "E5 of g states 5.00 EUR, and no line of a bill names it: an unknown number of USD",
        ),
        (
            "('F6', 'g', 'EUR', 5, 1, null, null, 'other_currency', 'paid')",
            "F6 of g states 5.00 EUR, and lines in another currency name it",
        ),
    ],
)
def test_an_invoice_that_is_off_is_named_with_its_dollars(row: str, said: str) -> None:
    check = checked(LIMIT, row)
    assert check.turns_red
    assert check.detail == f"{said}; allowed 1 USD"


def test_what_is_not_final_known_or_stated_is_counted_and_turns_nothing_red() -> None:
    check = checked(
        LIMIT,
        "('G7', 'g', 'USD', 90, 4, 10, 80, 'differs', 'open')",
        "('H8', 'g', 'USD', 17.5, 4, 10, 7.5, 'differs', 'disputed')",
        "('I9', 'g', 'EUR', 17.5, 4, 10, null, 'differs', 'disputed')",
        "('J0', 'g', 'USD', null, 4, 10, null, 'not_stated', null)",
    )
    assert check.passed
    assert check.detail.endswith("not compared: 1 open, 2 disputed (+7.50 USD), 1 not stated")


def test_three_are_named_the_largest_first() -> None:
    check = checked(
        *(f"('N{n}', 'g', 'USD', {n}, 0, null, {n}, 'not_billed', 'paid')" for n in range(2, 7))
    )
    assert [part.split()[0] for part in check.detail.split("; ")] == [
        "N6", "N5", "N4", "and", "allowed",
    ]  # fmt: skip
