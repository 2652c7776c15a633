"""Rules of a workspace that say whose a call is: `config/attribution.csv`, dated and in order.

A rule reads what a call's record says (its key, user, team, model, a label that the source's
settings keep) and sets what it does not say. Rules work on the warehouse, not on files: a changed
rule changes history without reading a log again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from ingest.contracts.columns import ATTRIBUTION
from ingest.records.pseudonyms import PSEUDONYMS, looks_like_pseudonym, pseudonyms_of
from ingest.reference.conditions import Condition, parts, refuse_unknown
from ingest.reference.csv_table import Row, read_rows

HEADER = ("when", "set", "mode", "valid_from", "valid_to", "note")

SETTABLE = tuple(c.name for c in ATTRIBUTION if c.name not in PSEUDONYMS)
"""What a rule may set; who called, and with which key, stays as the source says."""

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

RULES = pa.schema(
    [
        ("line", pa.int64()),
        ("conditions", pa.string()),
        ("settings", pa.string()),
        ("replaces", pa.bool_()),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
    ]
)
"""One rule a row: conditions and settings as JSON, which the models turn into SQL."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        line: its line in the file, by which calls name it.
        conditions: (column or `label.<name>`, texts or patterns with `*` of which one must fit).
        settings: column -> value.
        replaces: sets a column even where the source has a value.
        valid_from: UTC, inclusive, naive; by the start of the call.
        valid_to: UTC, exclusive, naive.
    """

    line: int
    conditions: tuple[Condition, ...]
    settings: Mapping[str, str]
    replaces: bool
    valid_from: datetime
    valid_to: datetime


def read_rules(path: Path, salt: str, shown_as: str = "config/attribution.csv") -> tuple[Rule, ...]:
    """Read the rules of a workspace, in their order; one without the file has none.

    Args:
        path: the file on disk.
        salt: the workspace's salt, for keys and users that a rule names.
        shown_as: its name in errors.

    Raises:
        ConfigError: names the row and column of what is wrong.
    """
    return tuple(_rule(row, salt) for row in read_rows(path, shown_as, HEADER))


def named_pseudonyms(path: Path, shown_as: str = "config/attribution.csv") -> dict[str, int]:
    """Users and keys that rules name by what looks like a pseudonym, with the line of the first.

    Raises:
        ConfigError: names the row and column of what is wrong.
    """
    found: dict[str, int] = {}
    for row in read_rows(path, shown_as, HEADER):
        for name, value in parts(row, "when"):
            if name in PSEUDONYMS and looks_like_pseudonym(value):
                found.setdefault(value, row.line)
    return found


def rules_table(rules: Iterable[Rule]) -> pa.Table:
    """The rules with the columns of `RULES`."""
    return pa.Table.from_pylist(
        [
            {
                **vars(rule),
                "conditions": json.dumps(rule.conditions),
                "settings": json.dumps(rule.settings, sort_keys=True),
            }
            for rule in rules
        ],
        schema=RULES,
    )


def without_names(row: Row, hide: Callable[[str], str]) -> str:
    """The conditions of a row, with `hide` of the keys and users that it names in their place.

    Raises:
        ConfigError: the cell is no condition.
    """
    return " and ".join(
        f'{name} = "{hide(value) if name in PSEUDONYMS else value}"'
        for name, value in parts(row, "when")
    )


def _rule(row: Row, salt: str) -> Rule:
    valid_from, valid_to = row.validity("rule")
    mode = row["mode"] or MODES[0]
    if mode not in MODES:
        row.refuse("mode", f"{mode!r} is not one of {', '.join(MODES)}")
    conditions = tuple(
        (name, _wanted(row, name, value, salt)) for name, value in parts(row, "when")
    )
    refuse_unknown(row, "when", [name for name, _ in conditions], READABLE, prefix="label.")
    settings = dict(parts(row, "set"))
    for name in settings:
        if name not in SETTABLE:
            row.refuse("set", f"{name!r} cannot be set; there are {', '.join(SETTABLE)}")
    return Rule(row.line, conditions, settings, mode == "replace", valid_from, valid_to)


def _wanted(row: Row, name: str, value: str, salt: str) -> tuple[str, ...]:
    """What a column may hold; a key or user is stored as a pseudonym, which a rule may name too."""
    if name not in PSEUDONYMS:
        return (value,)
    if "*" in value:
        row.refuse("when", f"{name} is stored as a pseudonym: name the whole of it, without *")
    return pseudonyms_of(value, salt)
