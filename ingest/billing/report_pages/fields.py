"""Typed reading of one record of a bill page: exact decimals, whole counts, UTC times.

Every function takes the record and the name of one field, and raises `FieldFault` when the value
cannot be typed. A fault names the field and the rule, never the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from ingest.contracts.columns import BILL_MONEY, QUANTITY, digits_of
from ingest.records.format import HALF_A_CHARACTER, is_broken

Record = Mapping[str, Any]

# Room for every digit a bill states, so that the only rounding is the last one.
_EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)

_YEAR_2200 = 7_258_118_400
"""First Unix second beyond any bill; later ones are milliseconds or nonsense."""


class FieldFault(Exception):  # noqa: N818 -- a fault of one record, caught and made a Reject
    """One field of one record that cannot be typed.

    Attributes:
        field: the source's own name of the field, dotted when nested.
        reason: the rule that it breaks, without its value.
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


def as_record(value: object, field: str) -> Record:
    """Return `value` as a JSON object; FieldFault when it is anything else."""
    if not isinstance(value, Mapping):
        raise FieldFault(field, "must be a JSON object")
    return value


def text(record: Record, field: str) -> str | None:
    """Return a text field; NULL, absent and empty are None."""
    value = record.get(field)
    if value is not None and not isinstance(value, str):
        raise FieldFault(field, "must be text or null")
    if value and is_broken(value):
        raise FieldFault(field, HALF_A_CHARACTER)
    return value or None


def currency(record: Record, field: str, stated_as: str | None = None) -> str:
    """Return a currency's ISO 4217 code in capitals; FieldFault when it is missing or no code.

    Args:
        stated_as: name of the field in the source, when it is nested or called otherwise.
    """
    code, name = text(record, field), stated_as or field
    if code is None:
        raise FieldFault(name, "is missing; an amount without currency means nothing")
    if not re.fullmatch("[A-Za-z]{3}", code):
        raise FieldFault(name, "must be a currency code of three letters, such as USD")
    return code.upper()


def stated_json(record: Record, *fields: str) -> str | None:
    """Return those of some text or true / false fields that are stated, as a JSON object."""
    found = {}
    for field in fields:
        value = record.get(field)
        found[field] = value if isinstance(value, bool) else text(record, field)
    stated = {field: value for field, value in found.items() if value is not None}
    return json.dumps(stated, ensure_ascii=False) if stated else None


def flag(record: Record, field: str) -> bool | None:
    """Return a true / false field; NULL and absent are None."""
    value = record.get(field)
    if value is not None and not isinstance(value, bool):
        raise FieldFault(field, "must be true, false or null")
    return value


def count(record: Record, field: str) -> int | None:
    """Return a whole, non-negative number; NULL and absent are None (unknown is not 0)."""
    value = record.get(field)
    if value is None:
        return None
    number = None if isinstance(value, str) else _decimal(value, field)
    if number is None or not 0 <= number < 2**63 or number != int(number):
        raise FieldFault(field, "must be a whole number, 0 or more")
    return int(number)


def required_count(record: Record, field: str) -> int:
    """Return a whole, non-negative number; FieldFault when it is missing."""
    value = count(record, field)
    if value is None:
        raise FieldFault(field, "is missing; the API always states it")
    return value


def money(value: object, field: str, *, unit: Decimal = Decimal(1)) -> Decimal:
    """Return an amount exactly, rounded half-even to the contract's 12 decimals.

    Args:
        value: JSON number (already a Decimal or int) or decimal text; both are seen in the wild.
        field: its name, for the fault.
        unit: what one of the value's units is worth, for example 0.01 for cents.
    """
    return _fitted(_decimal(value, field), field, BILL_MONEY, unit)


def quantity(value: object, field: str) -> Decimal | None:
    """Return a quantity rounded half-even to the contract's 9 decimals; None stays None."""
    return None if value is None else _fitted(_decimal(value, field), field, QUANTITY)


def _decimal(value: object, field: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise FieldFault(field, "must be a number or the text of one")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise FieldFault(field, "must be a number or the text of one") from None
    if not number.is_finite():
        raise FieldFault(field, "must be a finite number")
    return number


def _fitted(number: Decimal, field: str, decimal_type: str, unit: Decimal = Decimal(1)) -> Decimal:
    precision, scale = digits_of(decimal_type)
    reason = f"does not fit {decimal_type}"
    try:
        product = _EXACT.multiply(number, unit)
        fitted = _EXACT.quantize(product, Decimal(1).scaleb(-scale))
    except ArithmeticError:
        raise FieldFault(field, reason) from None
    if len(fitted.as_tuple().digits) > precision:
        raise FieldFault(field, reason)
    return fitted


def unix_time(record: Record, field: str) -> datetime:
    """Return a time in Unix seconds as naive UTC."""
    seconds = required_count(record, field)
    if seconds >= _YEAR_2200:  # milliseconds, most likely
        raise FieldFault(field, "must be a time in Unix seconds")
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def iso_time(record: Record, field: str) -> datetime:
    """Return an RFC 3339 time as naive UTC; a time without a zone is taken as UTC."""
    value = text(record, field)
    if value is None:
        raise FieldFault(field, "is missing; the API always states it")
    try:
        moment = datetime.fromisoformat(value)
        seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        seconds = -1
    if not 0 <= seconds < _YEAR_2200:
        raise FieldFault(field, "must be a time such as 2026-09-01T00:00:00Z")
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).replace(tzinfo=None)


def calendar_month(moment: datetime) -> tuple[datetime, datetime]:
    """Return the UTC calendar month around a time: its first instant and the next month's."""
    first = datetime(moment.year, moment.month, 1)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, following
