"""How numbers and days are written: marks of thousands and decimals, and the order of a date.

Words stay English. What programs read (downloads, the data of charts) has dots and ISO days anyway.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

_NARROW_SPACE, _APOSTROPHE = "\u202f", "\u2019"


@dataclass(frozen=True)
class Locale:
    """One way to write.

    Attributes:
        thousands, decimals: marks of numbers.
        day: format of a date; "" is `3 Jun 2026`, without a zero before the day.
    """

    thousands: str = ","
    decimals: str = "."
    day: str = ""


LOCALES = {
    "en": Locale(),
    "en-GB": Locale(day="%d/%m/%Y"),
    "de": Locale(".", ",", "%d.%m.%Y"),
    "de-CH": Locale(_APOSTROPHE, ".", "%d.%m.%Y"),
    "es": Locale(".", ",", "%d/%m/%Y"),
    "fr": Locale(_NARROW_SPACE, ",", "%d/%m/%Y"),
    "it": Locale(".", ",", "%d/%m/%Y"),
    "nl": Locale(".", ",", "%d-%m-%Y"),
    "pt-BR": Locale(".", ",", "%d/%m/%Y"),
}
"""By BCP 47 tag, with the marks of the Unicode CLDR."""

_NOW: ContextVar[Locale] = ContextVar("locale", default=LOCALES["en"])


@contextmanager
def written_as(tag: str) -> Iterator[None]:
    """Whatever is formatted meanwhile is written as in a locale."""
    before = _NOW.set(LOCALES[tag])
    try:
        yield
    finally:
        _NOW.reset(before)


def separators() -> str:
    """Marks of decimals and thousands that hold now, as plotly names them."""
    return _NOW.get().decimals + _NOW.get().thousands


def marked(shown: str) -> str:
    """A figure that Python wrote, with the marks that hold now."""
    now = _NOW.get()
    return shown.translate({ord(","): now.thousands, ord("."): now.decimals})


def written_day(value: dt.date) -> str:
    """A date, as it is written now."""
    form = _NOW.get().day
    return f"{value:{form}}" if form else f"{value.day} {value:%b %Y}"


V = TypeVar("V")


def figure(written: Callable[[V], str]) -> Callable[[V], str]:
    """A format of figures whose text gets the marks that hold when it is called."""

    @wraps(written)
    def localised(value: V) -> str:
        return marked(written(value))

    return localised
