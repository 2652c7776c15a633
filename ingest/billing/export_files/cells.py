"""How one cell of a bill is typed: SQL expressions over text, the same for every provider.

Each takes text and gives NULL for what it cannot type; a reader then rejects the record, naming the
column.
"""

from __future__ import annotations

from collections.abc import Collection

from ingest.contracts.columns import digits_of
from ingest.sql import literal

_NUMBER = r"[-+]?\$?[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][-+]?\d+)?"
_ZONE = r"\d{2}:\d{2}.*(Z|[-+]\d{2}(:?\d{2})?)$"


_NO_SECONDS = r"([T ]\d{2}:\d{2})(\s*(?:Z|[-+]\d{2}(?::?\d{2})?))$"


def text_or_null(column: str) -> str:
    """Return text as it stands; empty, `NULL` and `null` are NULL."""
    return f"case when lower(trim({column})) not in ('', 'null') then {column} end"


def number(column: str, decimal_type: str) -> str:
    """Return a decimal, rounded half-even to the type's scale; `$10,000.00 ` and `1e-7` are read.

    Commas are read only as thousands separators, so `1.234,56` is not a number.
    """
    precision, scale = digits_of(decimal_type)
    plain = (
        f"case when regexp_full_match(trim({column}), '{_NUMBER}') "
        f"then replace(replace(trim({column}), '$', ''), ',', '') end"
    )
    return rounded(f"try_cast({plain} as decimal(38, {38 - precision + scale}))", decimal_type)


def rounded(exact: str, decimal_type: str) -> str:
    """Return an exact decimal rounded half-even to a narrower decimal type.

    DuckDB rounds halves away from zero: on an exact half with an odd last digit, one step is taken
    back.
    """
    _, scale = digits_of(decimal_type)
    near = f"try_cast({exact} as {decimal_type})"
    half, step = f"0.{'0' * scale}5", f"0.{'0' * (scale - 1)}1"
    return (
        f"case when abs({exact} - {near}) = {half} "
        f"and contains('13579', right({near}::varchar, 1)) "
        f"then try_cast({near} - sign({exact}) * {step} as {decimal_type}) else {near} end"
    )


DATE_FORMAT = "bill_date_format"
"""Variable of the connection: how the file that is being typed writes dates with slashes."""


def moment(column: str) -> str:
    """Return a UTC timestamp: ISO 8601, or a date with slashes in its file's order.

    The order is what `date_order.settle_date_order` found; without one such dates are none.
    """
    trimmed, written = f"trim({column})", f"getvariable('{DATE_FORMAT}')::varchar"
    return (
        f"case when regexp_full_match({trimmed}, '\\d{{1,2}}/\\d{{1,2}}/\\d{{2}}') "
        f"then try_strptime({trimmed}, replace({written}, '%Y', '%y')) "
        f"when regexp_full_match({trimmed}, '\\d{{1,2}}/\\d{{1,2}}/\\d{{4}}') "
        f"then try_strptime({trimmed}, {written}) else {iso_moment(column)} end"
    )


def iso_moment(column: str) -> str:
    """Return a UTC timestamp of ISO 8601 with or without a zone (then UTC), seconds or not."""
    trimmed = f"trim({column})"
    # DuckDB casts no zoned time without seconds
    whole = f"regexp_replace({trimmed}, '{_NO_SECONDS}', '\\1:00\\2')"
    return (
        f"case when regexp_matches({trimmed}, '{_ZONE}') "
        f"then timezone('UTC', try_cast({whole} as timestamptz)) "
        f"when regexp_matches({trimmed}, '^\\d{{4}}-\\d{{2}}-\\d{{2}}') "
        f"then try_cast({trimmed} as timestamp) end"
    )


def word(column: str, allowed: Collection[str]) -> str:
    """Return an allowed value in its standard case; any other text as it stands."""
    cases = " ".join(f"when {literal(value.lower())} then {literal(value)}" for value in allowed)
    return f"case lower(trim({column})) {cases} else {column} end"
