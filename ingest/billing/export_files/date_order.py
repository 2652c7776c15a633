"""Whether a file writes `9/12/2026` month first or day first: decided once, for the whole file.

A spreadsheet that saved an export again writes dates in its owner's order. Cell by cell, twelve
days of a month would become twelve months; so what the file says as a whole decides, and a file
that says nothing is refused. `cells.moment` reads the decision, which the connection keeps while
the file is typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from ingest.billing.export_files.cells import DATE_FORMAT
from ingest.billing.export_files.tabular import Scan, unreadable
from ingest.errors import ConfigError, SourceFileError
from ingest.records.format import InputFile, SourceConfig
from ingest.sql import quote

FORMATS = {"month_first": "%m/%d/%Y", "day_first": "%d/%m/%Y"}
"""The setting `date_order` -> how a date is written."""

_DATE = r"^\s*(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\s*$"
_FEW = 10
"""Where one order has this many times the records of the other, those of the other are damaged:
they cost themselves alone."""

_SAMPLE = 1000
"""Records that show whether a file writes such dates at all: a file keeps to one way."""


def settle_date_order(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    scan: Scan,
    dates: Sequence[str],
    config: SourceConfig,
    span: tuple[date | None, date | None] = (None, None),
) -> None:
    """Decide a file's order of day and month, for the typing that follows.

    Args:
        dates: the scan's date columns, that of the charge's day first, that of the billing
            period's start second; those that the file lacks are left out here.
        span: first and last day that the file's delivery states.

    Raises:
        ConfigError: the setting `date_order` is unknown.
        SourceFileError: the file's dates fit both orders, or neither.
    """
    asked = config.options.get("date_order")
    if asked is not None and asked not in FORMATS:
        raise ConfigError(str(config.path), "date_order", 'write "month_first" or "day_first"')
    there = [name for name in dates if name in scan.columns]

    def decide() -> str | None:
        return _order(con, file, scan, there, span) if there else None

    try:
        found = scan.lined.answer(decide) if scan.lined else decide()
    except duckdb.Error as error:
        raise unreadable(file, error) from None
    order = asked or found if found else None
    if found and asked and found not in (asked, "either"):
        raise _refusal(file, f'are {found.replace("_", " ")}, and {config.path} says "{asked}"')
    if order == "either":
        raise _refusal(
            file,
            "can be read month first and day first: export them as YYYY-MM-DD, or write"
            f' date_order = "month_first" or "day_first" into {config.path}',
        )
    con.execute(f"set variable {DATE_FORMAT} = $format", {"format": FORMATS.get(order or "")})


def _order(
    con: duckdb.DuckDBPyConnection,
    file: InputFile,
    scan: Scan,
    dates: Sequence[str],
    span: tuple[date | None, date | None],
) -> str | None:
    """Return the order, `either`, or None of a file without such dates."""
    texts = ", ".join(quote(name) for name in dates)
    sample = con.execute(
        f"select bool_or(regexp_matches(text, $date)) from (select unnest([{texts}]) as text"
        f" from (select {texts} from {scan.sql} limit {_SAMPLE}))",
        {"date": _DATE},
    ).fetchall()
    if not sample[0][0]:
        return None
    parts = ", ".join(
        f"regexp_extract({quote(name)}, '{_DATE}', ['a', 'b', 'y']) as part{place}"
        for place, name in enumerate(dates)
    )
    named = ", ".join(f"part{place}" for place in range(len(dates)))
    period = "part1" if len(dates) > 1 else "(null::struct(a varchar, b varchar, y varchar))"
    found = con.execute(
        f"""
        with parts as (
            select {named}, count(*) as records from (select {parts} from {scan.sql}) group by all
        )
        select
            coalesce(sum(records) filter ({_only(dates, "a", "b")}), 0),
            coalesce(sum(records) filter ({_only(dates, "b", "a")}), 0),
            count(distinct (part0.b, part0.y)) filter (part0.a <> ''),
            count(distinct (part0.a, part0.y)) filter (part0.a <> ''),
            bool_and({period}.a::int = 1), bool_and({period}.b::int = 1),
            bool_and(part0.a::int = part0.b::int) filter (part0.a <> ''),
            list(distinct part0) filter (part0.a <> '')
        from (
            select {", ".join(_cleaned(place) for place in range(len(dates)))}, records from parts
        )
        """
    ).fetchall()[0]
    day_first, month_first, *others = found
    months_day_first, months_month_first, day_ones, month_ones, same, days = others
    if min(day_first, month_first) * _FEW > max(day_first, month_first):
        raise _refusal(
            file, "are some month first and some day first: export them again as YYYY-MM-DD"
        )
    if day_first or month_first:
        return "day_first" if day_first > month_first else "month_first"
    if same and day_ones in (None, month_ones):
        return "month_first"  # the same day in both
    if bool(day_ones) != bool(month_ones):
        return "day_first" if day_ones else "month_first"
    fitting = [order for order in FORMATS if _within(days or [], order, span)]
    if len(fitting) == 1:
        return fitting[0]
    if (months_day_first == 1) != (months_month_first == 1):
        return "day_first" if months_day_first == 1 else "month_first"
    return "either"


def _only(dates: Sequence[str], day: str, month: str) -> str:
    """Predicate: a record has a date that is one in this order alone."""
    return " or ".join(
        f"(try_cast(part{place}.{day} as int) between 13 and 31"
        f" and try_cast(part{place}.{month} as int) between 1 and 12)"
        for place in range(len(dates))
    )


def _cleaned(place: int) -> str:
    """A date's parts; NULL where the column holds no such date."""
    return f"case when part{place}.a <> '' then part{place} end as part{place}"


def _within(
    days: Sequence[dict[str, str]], order: str, span: tuple[date | None, date | None]
) -> bool:
    """Whether all days lie in the span; without a span they do."""
    first, last = span[0] or date.min, span[1] or date.max
    for day in days:
        month, number = (day["a"], day["b"]) if order == "month_first" else (day["b"], day["a"])
        year = int(day["y"]) + (2000 if len(day["y"]) == 2 else 0)
        try:
            if not first <= date(year, int(month), int(number)) <= last:
                return False
        except ValueError:
            return False
    return True


def _refusal(file: InputFile, what: str) -> SourceFileError:
    return SourceFileError(file.relative, f"its dates {what}")
