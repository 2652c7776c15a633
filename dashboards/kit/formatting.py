"""How a value of a report row reads on a page; the only place where figures become text.

Nothing here computes: amounts are rounded for display, half up, and nothing else. An unknown value
(NULL) reads as `UNKNOWN`, never as 0, and a value too small to show is marked as such, because a
finance reader takes `$0.00` and `0.0%` for exact.
"""

from __future__ import annotations

import datetime as dt
import html
import math
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from dashboards.kit.key_names import key_name
from dashboards.kit.locales import figure, marked, written_day

UNKNOWN = "—"
ALL_TYPES = "all"
CENT = Decimal("0.01")
MICRO = Decimal("0.000001")
SIGNIFICANT_DIGITS = 4
MAX_LABEL = 40
"""Characters of a name that a chart label shows; tables always show the whole name."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_DIRECTION = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode bidirectional classes of the characters that reorder the text around them."""


@figure
def money(value: Decimal | None) -> str:
    """Format US dollars to the cent: `$1,234.56`; below half a cent, `<$0.01`."""
    if value is None:
        return UNKNOWN
    rounded = value.quantize(CENT, context=_EXACT)
    if rounded == 0 and value != 0:
        return ">-$0.01" if value < 0 else "<$0.01"
    return _dollars(rounded)


@figure
def amount(value: Decimal | None) -> str:
    """Format an amount of a currency that stands elsewhere, to the cent: `1,234.56`."""
    return UNKNOWN if value is None else f"{value.quantize(CENT, context=_EXACT):,f}"


@figure
def exchange_rate(value: Decimal | None) -> str:
    """Format dollars for one unit of a currency, every digit but trailing zeros: `1.0843`."""
    return UNKNOWN if value is None else f"{value.normalize():f}"


@figure
def unit_cost(value: Decimal | None) -> str:
    """Format US dollars per unit to four significant digits, never fewer than the whole dollars."""
    return _per_unit(value, most_places=60)


def signed_unit_cost(value: Decimal | None) -> str:
    """Format a difference in US dollars per unit, to a millionth at most; a plus sign up."""
    if value is not None and 0 < abs(value) < MICRO:
        return marked(f"+<${MICRO:f}" if value > 0 else f">-${MICRO:f}")
    shown = marked(_per_unit(value, most_places=6))
    return f"+{shown}" if value is not None and value > 0 else shown


def _per_unit(value: Decimal | None, most_places: int) -> str:
    if value is None:
        return UNKNOWN
    if value == 0:
        return "$0.00"
    magnitude = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_UP).plus(value).adjusted()
    places = min(most_places, max(0, SIGNIFICANT_DIGITS - 1 - magnitude))
    return _dollars(value.quantize(Decimal(1).scaleb(-places), context=_EXACT))


@figure
def exact_money(value: Decimal | None) -> str:
    """Format US dollars with every digit the report states, for a tooltip."""
    return "not known" if value is None else _dollars(value)


def exact(value: object) -> str:
    """Write a figure, date or moment as a program reads it; "" for unknown, and for a text.

    A ratio has the fewest digits that give the same double again.
    """
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    return repr(value) if isinstance(value, (int, float)) else ""


def signed_money(value: Decimal | None) -> str:
    """Format a difference in US dollars; an increase carries a plus sign."""
    return f"+{money(value)}" if value is not None and value > 0 else money(value)


@figure
def ratio(value: float | None) -> str:
    """Format a ratio as a percentage with one decimal: 0.1234 is `12.3%`.

    A ratio over zero, if a model lets one through, is as unknown as NULL.
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value != 0 and abs(value) < 0.0005:
        return ">-0.1%" if value < 0 else "<0.1%"
    if 0.9995 <= value < 1:
        return ">99.9%"
    return f"{value:,.1%}"


def signed_ratio(value: float | None) -> str:
    """Format a relative change; an increase carries a plus sign."""
    shown = ratio(value)
    return f"+{shown}" if value is not None and value > 0 and shown != UNKNOWN else shown


@figure
def count(value: int | None) -> str:
    """Format a count with thousands separators."""
    return UNKNOWN if value is None else f"{value:,d}"


@figure
def quantity(value: Decimal | None) -> str:
    """Format a quantity of things that are counted, to whole ones: `16,000`."""
    if value is None:
        return UNKNOWN
    return (
        "<1" if 0 < value < Decimal("0.5") else f"{value.quantize(Decimal(1), context=_EXACT):,f}"
    )


@figure
def number(value: float | None) -> str:
    """Format a plain quantity such as an average loop depth, to one decimal; never to a false 0."""
    if value is None:
        return UNKNOWN
    return "<0.1" if 0 < value < 0.05 else f"{value:,.1f}"


@figure
def seconds(value: float | None) -> str:
    """Format a duration in seconds to three significant digits: `0.25 s`, `61.2 s`, `1,250 s`."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.001:
        return "<0.001 s"
    places = 0 if value == 0 else max(0, 2 - math.floor(math.log10(value)))
    shown = f"{value:,.{min(places, 3)}f}"
    return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown} s"


def day(value: dt.date | None) -> str:
    """Format a date as `3 Jun 2026`, or as the locale has it."""
    return UNKNOWN if value is None else written_day(value)


def month(value: dt.date | None) -> str:
    """Format the month that a date stands for: `June 2026`."""
    return UNKNOWN if value is None else f"{value:%B %Y}"


def moment(value: dt.datetime | None) -> str:
    """Format a UTC timestamp to the minute."""
    return UNKNOWN if value is None else f"{day(value)}, {value:%H:%M} UTC"


def text(value: object) -> str:
    """Show a name taken from data; control and direction characters become visible escapes.

    HTML is not escaped here: templates escape whatever they print. A right-to-left override would
    survive that and let one tenant's name read like another's.
    """
    if value is None:
        return UNKNOWN
    return "".join(_visible(character) for character in str(value))


def phrase(value: object) -> str:
    """Show one of the warehouse's own words (`not_billed_yet`) with spaces."""
    return text(value).replace("_", " ")


def whose(scope: str, member: object) -> str:
    """Name a member of a scope that guardrails and forecasts watch: `feature chat`, `company`."""
    named = key_name(member) if scope in ("api_key", "key") else member
    return phrase(scope) if scope == "company" else f"{phrase(scope)} {named}"


def key(value: object) -> str:
    """Show a key by what people call it, else by its pseudonym."""
    return text(key_name(value))


def task_type(value: object) -> str:
    """Show a task type; the reports call all of them together `all`."""
    return "All task types" if value == ALL_TYPES else text(value)


def yes_no(value: bool | None) -> str:
    """Format a flag."""
    return UNKNOWN if value is None else ("yes" if value else "no")


def chart_text(value: object) -> str:
    """Make a name safe inside plotly, which renders a subset of HTML in labels and hover boxes.

    Quotes stay: plotly has no attribute for a name to break out of, and shows `&quot;` as it is.
    """
    shown = text(value)
    if len(shown) > MAX_LABEL:
        shown = shown[: MAX_LABEL - 1] + "…"
    return html.escape(shown, quote=False)


MEMBER_KINDS = {
    "cost_centre": "Cost centre",
    "team": "Team",
    "feature": "Feature",
    "tenant": "Tenant",
}
"""Whom a bill is split among, in the order of statements, with what stands above each."""

FORMATS: dict[str, Callable[[Any], str]] = {
    "money": money,
    "amount": amount,
    "exchange_rate": exchange_rate,
    "signed_money": signed_money,
    "unit_cost": unit_cost,
    "signed_unit_cost": signed_unit_cost,
    "ratio": ratio,
    "signed_ratio": signed_ratio,
    "count": count,
    "number": number,
    "quantity": quantity,
    "seconds": seconds,
    "day": day,
    "month": month,
    "moment": moment,
    "text": text,
    "phrase": phrase,
    "key": key,
    "task_type": task_type,
    "yes_no": yes_no,
}
"""Format by the name that a table column states."""

NUMERIC = frozenset(
    {
        "money",
        "amount",
        "exchange_rate",
        "signed_money",
        "unit_cost",
        "signed_unit_cost",
        "ratio",
        "signed_ratio",
        "count",
        "quantity",
        "number",
        "seconds",
    }
)
"""Formats whose cells are right-aligned."""


def _dollars(value: Decimal) -> str:
    return f"{'-' if value < 0 else ''}${abs(value):,f}"


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) == "Cc"
    if hidden or unicodedata.bidirectional(character) in _DIRECTION:
        return f"\\u{ord(character):04x}"
    return character
