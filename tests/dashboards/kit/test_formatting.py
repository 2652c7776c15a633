from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from dashboards.kit import formatting


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("1234.56"), "$1,234.56"),
        (Decimal("0.005"), "$0.01"),
        (Decimal("2.675"), "$2.68"),
        (Decimal("0"), "$0.00"),
        (Decimal("0.004"), "<$0.01"),
        (Decimal("-0.004"), ">-$0.01"),
        (Decimal("-12.3"), "-$12.30"),
        (Decimal("12345678901234567890123456.785"), "$12,345,678,901,234,567,890,123,456.79"),
        (None, "—"),
    ],
)
def test_money_is_rounded_half_up_to_the_cent_and_never_hides_a_small_amount_or_an_unknown(
    amount: Decimal | None, shown: str
) -> None:
    assert formatting.money(amount) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("0.0123456"), "$0.01235"),
        (Decimal("0.01"), "$0.01000"),
        (Decimal("3.184457944"), "$3.184"),
        (Decimal("9.9996"), "$10.00"),
        (Decimal("12.345"), "$12.35"),
        (Decimal("999.96"), "$1,000"),
        (Decimal("123456.7"), "$123,457"),
        (Decimal("-0.5"), "-$0.5000"),
        (Decimal("0.000000001"), "$0.000000001000"),
        (Decimal("0E-9"), "$0.00"),
        (None, "—"),
    ],
)
def test_unit_costs_have_four_significant_digits(amount: Decimal | None, shown: str) -> None:
    assert formatting.unit_cost(amount) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.7429, "74.3%"),
        (0.0, "0.0%"),
        (1.0, "100.0%"),
        (0.0004, "<0.1%"),
        (-0.0003, ">-0.1%"),
        (0.9996, ">99.9%"),
        (12.5, "1,250.0%"),
        (float("nan"), "—"),
        (float("inf"), "—"),
        (None, "—"),
    ],
)
def test_ratios_are_percentages_and_only_exact_ends_read_as_exact(
    value: float | None, shown: str
) -> None:
    assert formatting.ratio(value) == shown


def test_changes_carry_their_sign() -> None:
    assert formatting.signed_ratio(0.031) == "+3.1%"
    assert formatting.signed_ratio(-0.031) == "-3.1%"
    assert formatting.signed_ratio(float("inf")) == "—"
    assert formatting.signed_money(Decimal("344.17")) == "+$344.17"
    assert formatting.signed_money(Decimal(0)) == "$0.00"


def test_an_unknown_value_of_any_kind_reads_as_a_dash() -> None:
    assert {name: show(None) for name, show in formatting.FORMATS.items()} == dict.fromkeys(
        formatting.FORMATS, "—"
    )


def test_dates_are_words_so_that_nobody_swaps_day_and_month() -> None:
    assert formatting.day(dt.date(2026, 6, 3)) == "3 Jun 2026"
    assert formatting.month(dt.date(2026, 6, 1)) == "June 2026"
    assert formatting.moment(dt.datetime(2026, 6, 3, 4, 5)) == "3 Jun 2026, 04:05 UTC"


def test_a_name_cannot_reorder_or_hide_the_text_around_it() -> None:
    assert formatting.text("a\u202eb\x00c") == "a\\u202eb\\u0000c"
    assert formatting.text("Zoë 猫 👩‍💻") == "Zoë 猫 👩‍💻"


def test_a_chart_label_shows_markup_literally_and_is_cut_before_it_is_escaped() -> None:
    assert formatting.chart_text('<b>x</b> & "y"') == '&lt;b&gt;x&lt;/b&gt; &amp; "y"'
    assert formatting.chart_text("<" * 50) == "&lt;" * 39 + "…"


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [(0.0, "0.0"), (0.049, "<0.1"), (0.06, "0.1"), (1234.56, "1,234.6"), (None, "—")],
)
def test_a_quantity_has_one_decimal_and_a_small_one_is_not_hidden(
    quantity: float | None, shown: str
) -> None:
    assert formatting.number(quantity) == shown
