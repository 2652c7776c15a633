"""IAM principals of AWS bills, whose role session, often a person's address, is a pseudonym."""

from __future__ import annotations

import re

from ingest.records.pseudonyms import pseudonym, pseudonyms_of

_SESSION = ":(?:assumed-role/[^/]+|federated-user)/(.+)$"


def principal(salt: str, column: str = "lineitemiamprincipal") -> str:
    """Return the IAM principal; a role's session, often a person's address, as a pseudonym.

    Args:
        column: holds the principal.
    """
    session = f"regexp_extract({column}, '{_SESSION}', 1)"
    return (
        f"case when {session} <> '' then left({column}, "
        f"length({column}) - length({session})) || {pseudonym(session, salt)} "
        f"else {column} end"
    )


def principals_of(named: str, salt: str) -> tuple[str, ...]:
    """Return what may stand in rows for a principal that a person names in the workspace's files.

    A role's session may be named as it is, or by its pseudonym of now or of before a rotation.
    """
    session = re.search(_SESSION, named)
    if not session or "*" in session[1]:
        return (named,)
    role = named[: session.start(1)]
    found = (role + pseudonym for pseudonym in pseudonyms_of(session[1], salt))
    return tuple(dict.fromkeys((named, *found)))


def has_session(column: str) -> str:
    """Return the predicate of a principal that is a role's session."""
    return f"coalesce(regexp_matches({column}, '{_SESSION}'), false)"
