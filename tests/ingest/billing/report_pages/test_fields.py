from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from ingest.billing.report_pages import fields
from ingest.billing.report_pages.fields import FieldFault


@pytest.mark.parametrize(
    ("stated", "exact"),
    [
        (Decimal("0.06"), "0.06"),
        ("2.25", "2.25"),
        (4, "4"),
        (Decimal("-3.5"), "-3.5"),
        (Decimal("0E-6176"), "0"),
        ("0.000002007490000000", "0.00000200749"),
        ("9999999999999999.999999999999", "9999999999999999.999999999999"),
    ],
)
def test_money_is_exact_whether_number_or_text(stated: object, exact: str) -> None:
    assert fields.money(stated, "amount") == Decimal(exact)


@pytest.mark.parametrize(
    ("stated", "rounded"),
    [
        ("0.0000000000005", "0"),
        ("0.0000000000015", "0.000000000002"),
        ("0.0000000000025", "0.000000000002"),
        ("-0.0000000000025", "-0.000000000002"),
        ("0.00000000000250000000000000000000000000000001", "0.000000000003"),
    ],
)
def test_money_beyond_twelve_decimals_is_rounded_half_to_even(stated: str, rounded: str) -> None:
    assert fields.money(stated, "amount") == Decimal(rounded)


def test_cents_become_dollars_without_a_rounding() -> None:
    assert fields.money("123.78912", "amount", unit=Decimal("0.01")) == Decimal("1.2378912")


@pytest.mark.parametrize(
    "stated",
    ["", "twelve", "1,5", None, True, 1.5, [], Decimal("NaN"), "Infinity", "1e16", "1E+9999999"],
)
def test_money_that_is_not_a_fitting_number_is_a_fault_of_its_field(stated: Any) -> None:
    with pytest.raises(FieldFault) as fault:
        fields.money(stated, "amount.value")
    assert fault.value.field == "amount.value"


@pytest.mark.parametrize("stated", [-1, Decimal("1.5"), "7", True, 2**63, Decimal("1E+99999")])
def test_a_count_is_a_whole_number_of_zero_or_more(stated: Any) -> None:
    with pytest.raises(FieldFault, match="tokens"):
        fields.count({"tokens": stated}, "tokens")


def test_an_absent_count_is_unknown_and_not_zero() -> None:
    assert fields.count({}, "tokens") is None
    assert fields.count({"tokens": None}, "tokens") is None
    assert fields.count({"tokens": 0}, "tokens") == 0


def test_times_become_naive_utc() -> None:
    record = {"a": "2026-09-01T02:00:00+02:00", "b": "2026-09-01T00:00:00Z", "c": 1788220800}
    midnight = datetime(2026, 9, 1)
    assert fields.iso_time(record, "a") == fields.iso_time(record, "b") == midnight
    assert fields.unix_time(record, "c") == midnight


@pytest.mark.parametrize("stated", [1788220800000, "2026-09-01", -5])
def test_a_time_in_another_unit_is_a_fault(stated: Any) -> None:
    with pytest.raises(FieldFault, match="start_time"):
        fields.unix_time({"start_time": stated}, "start_time")


def test_the_calendar_month_of_december_ends_in_the_next_year() -> None:
    assert fields.calendar_month(datetime(2026, 12, 31, 23)) == (
        datetime(2026, 12, 1),
        datetime(2027, 1, 1),
    )
    assert fields.calendar_month(datetime(2028, 2, 29))[1] == datetime(2028, 3, 1)
