"""Limits of a workspace, `config/limits.csv`: who may use how much in which period, dated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import pyarrow as pa

from ingest.records.pseudonyms import looks_like_pseudonym, pseudonyms_of
from ingest.reference.columns import (
    MOST,
    SOURCE,
    Validity,
    computed,
    decimal,
    one_of,
    text,
    word,
)
from ingest.reference.row import Row
from ingest.reference.table import Column, Note, ReferenceRow, ReferenceTable

SCOPES = ("company", "feature", "tenant", "team", "api_key", "user", "provider", "model")
"""Whose spend a limit is of."""

PSEUDONYMOUS = frozenset({"api_key", "user"})
"""Scopes whose members the lake knows by a pseudonym alone."""

QUOTA = "minute"
"""Of what a provider lets through at most: a quota, which the peak plan is made for."""

PERIODS = ("month", "week", "day", "5h", QUOTA)
"""Months, weeks from Monday and days of the reporting calendar; five hours that move along; a
quota."""

UNITS = ("usd", "tokens", "uncached_tokens", "input_tokens", "output_tokens", "requests")
"""What a limit may be stated in: money, tokens of some kinds, requests that reach a provider."""

EVERY = "*"
"""A limit of each member of its scope that no row names."""

_VALIDITY = Validity("limit")
_WARN_AT = Decimal("0.8")
_MOST_MARKS = 5


def _member(row: Row, column: str) -> str:
    """The member as the row names it; keys and users leave this module as pseudonyms."""
    if row["scope"] == "company":
        if row[column] not in ("", "all"):
            row.refuse(column, "leave it empty: the company has no members")
        return "all"
    if not row[column]:
        row.refuse(column, f"name the {row['scope']}, or write {EVERY} for each of them")
    return row[column]


def _period(row: Row, column: str) -> str:
    """The period; a quota is of tokens or requests, of one member that a provider knows."""
    period = one_of(row, column, PERIODS)
    if period == QUOTA:
        if row["unit"] in ("", "usd"):
            row.refuse(column, "a minute is of tokens or requests: write unit and limit_quantity")
        if row["member"] == EVERY or row["scope"] == "user":
            row.refuse(column, "a minute is the quota of one member that a provider knows")
    return period


def _names(row: Row) -> tuple[str, ...]:
    """What rows of calls may hold for the member."""
    member = _member(row, "member")
    if row["scope"] in PSEUDONYMOUS and member != EVERY:
        return pseudonyms_of(member, row.salt)
    return (member,)


def _marks(row: Row, column: str) -> tuple[Decimal, ...]:
    """Shares of the limit at which to warn, the least first."""
    if not row[column]:
        return (_WARN_AT,)
    try:
        found = sorted({Decimal(part.strip()) for part in row[column].split("|")})
    except InvalidOperation:
        row.refuse(column, f"{row[column]!r} is no share: write 0.5 | 0.8, of the limit")
    if len(found) > _MOST_MARKS or not all(
        part.is_finite() and 0 < part <= 1 and part == round(part, 4) for part in found
    ):
        row.refuse(column, f"write up to {_MOST_MARKS} shares above 0, at most 1, as in 0.5 | 0.8")
    return tuple(found)


def _unit(row: Row, column: str) -> str:
    return one_of(row, column, UNITS, default="usd")


def _usd(row: Row, column: str) -> Decimal | None:
    """US dollars of a limit of money; of another unit there are none."""
    if row["unit"] in ("", "usd"):
        return decimal(row, column, "USD for a period", places=9, below=MOST, above_zero=True)
    if row[column]:
        row.refuse(column, f"leave it empty: the limit is in {row['unit']}, so limit_quantity")
    return None


def _quantity(row: Row, column: str) -> Decimal | None:
    """Tokens or requests; of a limit of money there are none."""
    if row["unit"] in ("", "usd"):
        if row[column]:
            row.refuse(column, f"leave it empty, or say of what: unit is one of {', '.join(UNITS)}")
        return None
    what = f"{row['unit'].replace('_', ' ')} for a period"
    return decimal(row, column, what, places=0, below=10**18, above_zero=True)


@dataclass(frozen=True)
class Limit(ReferenceRow):
    """One limit; its marks are a list in schema `raw`."""

    scope: Annotated[str, word("whose spend it is of", SCOPES)]
    member: Annotated[
        str,
        Column(
            "the feature, tenant, team, key, user, provider or model; `*`: each that no row names;"
            " empty for the company. A key or user as the log or the pages name it",
            _member,
        ),
    ]
    names: Annotated[
        tuple[str, ...],
        computed(
            "what rows of calls may hold for the member",
            _names,
            pa.list_(pa.string()),
            to_raw=list,
        ),
    ]
    period: Annotated[
        str,
        Column(
            "after which use counts from 0 again; `minute`: what a provider lets through, for the"
            " peak plan alone",
            _period,
            type=pa.string(),
            is_required=True,
            allowed=PERIODS,
        ),
    ]
    limit_usd: Annotated[
        Decimal | None,
        Column(
            "USD for a period; empty where another unit is stated", _usd, type=pa.decimal128(18, 9)
        ),
    ]
    kind: Annotated[
        str,
        word("`hard` is the gateway's to enforce, `soft` only warns", ("hard", "soft")),
    ]
    warn_at: Annotated[
        tuple[Decimal, ...],
        Column(
            "shares of the limit at which it warns, joined with `|`; empty: 0.8",
            _marks,
            type=pa.list_(pa.decimal128(5, 4)),
            to_raw=list,
        ),
    ]
    owner: Annotated[str, text("who decides on it", empty="name a team or a person")]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    source: Annotated[str, SOURCE]
    unit: Annotated[
        str,
        Column(
            "of the limit; empty: `usd`. `tokens` are input and output as the provider bills them,"
            " `uncached_tokens` those without what is read from its prefix cache; `requests` reach"
            " a provider",
            _unit,
            type=pa.string(),
            is_optional=True,
            allowed=UNITS,
        ),
    ]
    limit_quantity: Annotated[
        Decimal | None,
        Column(
            "tokens or requests for a period; empty where the unit is `usd`",
            _quantity,
            type=pa.decimal128(18, 0),
            is_optional=True,
        ),
    ]
    note: Note = field(default="", compare=False)


LIMITS = ReferenceTable(
    name="limits",
    file="config/limits.csv",
    title="limits of spend, tokens and requests: hard caps and soft warnings",
    row_type=Limit,
    key=("scope", "names", "unit", "period", "kind"),
    verb="limits",
)


def named_pseudonyms(path: Path) -> dict[str, int]:
    """Users and keys named by what looks like a pseudonym, with the line of the first.

    Raises:
        ConfigError: the file cannot be read.
    """
    found: dict[str, int] = {}
    for row in LIMITS.cells(path):
        if row["scope"] in PSEUDONYMOUS and looks_like_pseudonym(row["member"]):
            found.setdefault(row["member"], row.line)
    return found


def without_name(row: Row, hide: Callable[[str], str]) -> str:
    """The member of a row, with `hide` of it where it is a key or a user."""
    is_person = row["scope"] in PSEUDONYMOUS and row["member"] != EVERY
    return hide(row["member"]) if is_person else row["member"]
