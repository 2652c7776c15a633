"""What a euro is worth in US dollars, on every weekday of the demo; a weekend has Friday's rate."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

CURRENCY = "EUR"

_FIRST_DAY = date(2026, 6, 1)
_FIRST_RATE = Decimal("1.0843")
_STEPS = (12, -7, 25, -31, 4, 18, -22, 9, -3, 15, -14, 28, -19)
"""Ten-thousandths by which the rate moves from weekday to weekday, again and again."""

_SATURDAY = 5


@cache
def rates(until: date) -> dict[date, Decimal]:
    """Dollars for a euro by weekday, up to `until`, which is included."""
    rate, found = _FIRST_RATE, {}
    for number in range((until - _FIRST_DAY).days + 1):
        day = _FIRST_DAY + timedelta(days=number)
        if day.weekday() < _SATURDAY:
            found[day] = rate
            rate += Decimal(_STEPS[len(found) % len(_STEPS)]).scaleb(-4)
    return found


def rate_on(day: date) -> Decimal:
    """Dollars for a euro on a day: the last weekday's."""
    return max(rates(day).items())[1]


def exchange_rates_csv(until: date) -> str:
    """Text of `config/fx_rates.csv`."""
    return "currency,day,usd,source\n" + "".join(
        f"{CURRENCY},{day},{rate},ECB\n" for day, rate in rates(until).items()
    )
