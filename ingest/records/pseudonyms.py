"""Salted pseudonyms of users and keys: the only form in which they enter the lake."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingest.sql import literal

PSEUDONYMS = frozenset({"user_id", "api_key_id"})
"""Columns that are hashed with the workspace salt before they are written."""

_PSEUDONYM_DIGITS = 16
_PSEUDONYM = re.compile(f"[0-9a-f]{{{_PSEUDONYM_DIGITS}}}")


def pseudonym(sql: str, salt: str) -> str:
    """SQL of a salted pseudonym; the raw identifier never reaches the lake.

    Args:
        salt: one salt a line, the oldest first: each later one was added by a rotation and makes a
            pseudonym of the pseudonym before.
    """
    for one in salt.split("\n"):
        sql = f"left(sha256({literal(one)} || ({sql})), {_PSEUDONYM_DIGITS})"
    return sql


def pseudonym_of(identifier: str, salt: str) -> str:
    """Return the same pseudonym of an identifier that is read in Python."""
    for one in salt.split("\n"):
        identifier = hashlib.sha256((one + identifier).encode()).hexdigest()[:_PSEUDONYM_DIGITS]
    return identifier


def looks_like_pseudonym(text: str) -> bool:
    """Whether a text may be a pseudonym; an identifier may look like one."""
    return _PSEUDONYM.fullmatch(text) is not None


def pseudonyms_of(named: str, salt: str) -> tuple[str, ...]:
    """What may stand in rows for a user or key that a person names in a file of the workspace.

    A name that looks like a pseudonym may be an identifier all the same, or the pseudonym of now,
    or the one from before any rotation.
    """
    if not looks_like_pseudonym(named):
        return (pseudonym_of(named, salt),)
    later = salt.split("\n")
    older = [pseudonym_of(named, "\n".join(later[n:])) for n in range(len(later))]
    return (*older, named)


@dataclass(frozen=True)
class PersonColumns:
    """Columns of a canonical table in which rows of a format hold pseudonyms.

    A rotation of the salt reads it: nobody else knows where a format puts its people.

    Attributes:
        table: the canonical table.
        holds: SQL predicate of the rows that have a pseudonym.
        rekeyed: given one more salt, the SQL of each column that holds one.
    """

    table: str
    holds: str
    rekeyed: Callable[[str], Mapping[str, str]]
