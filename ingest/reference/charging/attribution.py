"""Rules of a workspace that say whose a call is: `config/attribution.csv`, dated and in order.

A rule reads what a call's record says (its key, user, team, model, a label that the source's
settings keep) and sets what it does not say. Rules work on the warehouse, not on files: a changed
rule changes history without reading a log again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import pyarrow as pa

from ingest.contracts.columns import ATTRIBUTION
from ingest.errors import nearest
from ingest.records.pseudonyms import PSEUDONYMS, looks_like_pseudonym, pseudonyms_of
from ingest.reference.columns import LINE, Validity, one_of
from ingest.reference.conditions import Condition, parts, refuse_unknown
from ingest.reference.row import Row
from ingest.reference.table import Column, Concern, Note, ReferenceRow, ReferenceTable

SETTABLE = {c.name: c.allowed for c in ATTRIBUTION if c.name not in PSEUDONYMS}
"""What a rule may set, and of each the words that it takes, any where none are listed; who called,
and with which key, stays as the source says."""

READABLE = (
    "source_name",
    "provider",
    "request_model",
    "response_model",
    "operation",
    "agent_name",
    "tool_name",
    *(c.name for c in ATTRIBUTION),
)
"""What a condition may read, beside `label.<name>`."""

MODES = ("fill", "replace")

_VALIDITY = Validity("rule")


def _conditions(row: Row, column: str) -> tuple[Condition, ...]:
    found = tuple((name, _wanted(row, name, value)) for name, value in parts(row, column))
    refuse_unknown(row, column, [name for name, _ in found], READABLE, prefix="label.")
    return found


def _settings(row: Row, column: str) -> dict[str, str]:
    found = dict(parts(row, column))
    for name, value in found.items():
        if name not in SETTABLE:
            there = f"there are {', '.join(SETTABLE)}{nearest(name, SETTABLE)}"
            row.refuse(column, f"{name!r} cannot be set; {there}")
        elif (words := SETTABLE[name]) and value not in words:
            there = f"there are {', '.join(words)}{nearest(value, words)}"
            row.refuse(column, f"{name} cannot be {value!r}; {there}")
    return found


def _replaces(row: Row, column: str) -> bool:
    return one_of(row, column, MODES, default=MODES[0]) == "replace"


def _wanted(row: Row, name: str, value: str) -> tuple[str, ...]:
    """What a column may hold; a key or user is stored as a pseudonym, which a rule may name too."""
    if name not in PSEUDONYMS:
        return (value,)
    if "*" in value:
        row.refuse("when", f"{name} is stored as a pseudonym: name the whole of it, without *")
    return pseudonyms_of(value, row.salt)


@dataclass(frozen=True)
class Rule(ReferenceRow):
    """One rule; its conditions and settings are JSON in schema `raw`, of which models make SQL."""

    line: Annotated[int, LINE]
    conditions: Annotated[
        tuple[Condition, ...],
        Column(
            "columns or `label.<name>` and what each must be, joined with `and`; `*` stands for"
            " any text",
            _conditions,
            name="when",
            type=pa.string(),
            is_required=True,
            to_raw=json.dumps,
        ),
    ]
    settings: Annotated[
        Mapping[str, str],
        Column(
            "columns and what each becomes, joined with `and`",
            _settings,
            name="set",
            type=pa.string(),
            is_required=True,
            to_raw=partial(json.dumps, sort_keys=True),
        ),
    ]
    replaces: Annotated[
        bool,
        Column(
            "`fill` (also when empty) sets what is empty, `replace` also what the source says",
            _replaces,
            name="mode",
            type=pa.bool_(),
            allowed=MODES,
        ),
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    note: Note = field(default="", compare=False)


ATTRIBUTION_RULES = ReferenceTable(
    name="attribution_rules",
    file="config/attribution.csv",
    title="whose calls are; `outlay unattributed` lists what is left",
    row_type=Rule,
    concern=Concern(("gateway_calls",)),
)


def named_pseudonyms(path: Path) -> dict[str, int]:
    """Users and keys that rules name by what looks like a pseudonym, with the line of the first.

    Raises:
        ConfigError: names the row and column of what is wrong.
    """
    found: dict[str, int] = {}
    for row in ATTRIBUTION_RULES.cells(path):
        for name, value in parts(row, "when"):
            if name in PSEUDONYMS and looks_like_pseudonym(value):
                found.setdefault(value, row.line)
    return found


def without_names(row: Row, hide: Callable[[str], str]) -> str:
    """The conditions of a row, with `hide` of the keys and users that it names in their place.

    Raises:
        ConfigError: the cell is no condition.
    """
    return " and ".join(
        f'{name} = "{hide(value) if name in PSEUDONYMS else value}"'
        for name, value in parts(row, "when")
    )
