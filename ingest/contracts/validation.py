"""The contract as SQL: which staged rows may enter the lake, and why the others may not."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ingest.contracts.calls import TRACE_SPANS
from ingest.contracts.columns import Table
from ingest.contracts.credentials import without_credentials
from ingest.sql import literal

EARLIEST, LATEST = "2015-01-01", "2100-01-01"
"""A day outside is a broken clock, not a call: no LLM API billed before, none will after."""

MOST_TOKENS = 10**12
"""Prices multiply counts of up to twelve digits; more is a wrong unit, not usage."""


PLACEHOLDERS = ("none", "null", "unknown", "undefined", "nil", "nan", "n/a", "-")
"""Words that programs write for an identifier that they do not have: they identify nothing."""

_IDENTIFIERS = ("provider_response_id", "request_id", "trace_id", "session_id")
"""Columns by which records are held to be one call, one request or one conversation."""

_SPANS = ("span_id", "parent_span_id")
"""Identifiers that must stay equal to a `call_id`."""


def checked(con: duckdb.DuckDBPyConnection, table: Table, relation: str) -> str:
    """Select of all contract columns, typed, with `reject_field` and `reject_reason` filled.

    A column that the staged relation lacks is NULL. Every text value is trimmed to NULL when it
    is empty, so that "absent" has one form.
    """
    present = {row[0] for row in con.execute(f"describe {relation}").fetchall()}
    columns = []
    for column in table.columns:
        value = column.name if column.name in present else "null"
        if column.type == "VARCHAR" and column.name in present:
            value = f"nullif({column.name}, '')"
            if column.name in _IDENTIFIERS:
                words = ", ".join(map(literal, PLACEHOLDERS))
                value = f"case when lower({column.name}) not in ({words}) then {value} end"
            if column.name not in _SPANS:
                value = without_credentials(column, value)
        elif table is TRACE_SPANS and column.name.endswith("_tokens") and value != "null":
            # the call of the span is refused for them; the span keeps its place in the tree
            value = f"case when {value} between 0 and {MOST_TOKENS - 1} then {value} end"
        columns.append(f"try_cast({value} as {column.type}) as {column.name}")
    faults = list(_faults(table))
    fields = " ".join(f"when {test} then {literal(name)}" for test, name, _ in faults)
    reasons = " ".join(f"when {test} then {literal(reason)}" for test, _, reason in faults)
    return f"""
        with typed as (
            select file_id, source_line, reject_field as read_field, reject_reason as read_reason,
                {", ".join(columns)}
            from {relation}
        )
        select * exclude (read_field, read_reason),
            case when read_reason is not null then read_field {fields} end as reject_field,
            case when read_reason is not null then read_reason {reasons} end as reject_reason
        from typed
    """


def _faults(table: Table) -> Iterator[tuple[str, str, str]]:
    """Yield (predicate of a faulty row, field, reason), the most telling fault first."""
    day = table.day_from
    yield f"{day} is null", day, "is required and missing"
    for column in table.columns:
        name = column.name
        if column.required:
            yield f"{name} is null", name, "is required and missing"
        if column.non_negative:
            yield f"{name} < 0", name, "is negative"
        if column.allowed:
            words = ", ".join(literal(word) for word in column.allowed)
            yield f"{name} not in ({words})", name, f"is none of {', '.join(column.allowed)}"
        if name.endswith("_tokens"):
            yield f"{name} >= {MOST_TOKENS}", name, "is more tokens than one row can have"
    for column in table.columns:
        if column.type == "TIMESTAMP":
            name = column.name
            yield (
                f"not {in_bounds(name)}",
                name,
                f"lies outside {EARLIEST[:4]} to {LATEST[:4]}: a clock or unit is wrong",
            )


def in_bounds(time: str) -> str:
    """Predicate: a time that a call can have."""
    return f"({time} >= timestamp '{EARLIEST}' and {time} < timestamp '{LATEST}')"
