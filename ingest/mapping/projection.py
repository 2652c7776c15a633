"""From leaf columns to staged canonical rows: one select, shared by every record-based source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from ingest.contracts.columns import Column, Table
from ingest.mapping.expression import Expression
from ingest.records.fields import Leaf
from ingest.sql import literal

UNFIT = "the value does not fit what the mapping says of it"
"""Why a value that is present but cannot be typed is rejected."""


def leaves_of(expressions: Mapping[str, Expression], extra: Sequence[Leaf] = ()) -> list[Leaf]:
    """Every distinct leaf; when two want one path with different types, text wins."""
    found: dict[tuple[str, ...], Leaf] = {}
    for leaf in chain(extra, *(expression.leaves for expression in expressions.values())):
        known = found.get(leaf.path)
        found[leaf.path] = leaf if known is None or known == leaf else Leaf(leaf.path)
    return list(found.values())


def canonical_select(expressions: Mapping[str, Expression], relation: str) -> str:
    """The staged select: canonical columns, with the first value that could not be typed."""
    columns = ", ".join(f"{e.sql} as {name}" for name, e in expressions.items())
    faults = [fault for e in expressions.values() for fault in _faults(e)]
    cases = " ".join(f"when {test} then {literal(origin)}" for test, origin, _ in faults)
    reasons = " ".join(f"when {test} then {literal(reason)}" for test, _, reason in faults)
    field = f"coalesce(reject_field, case {cases} end)" if cases else "reject_field"
    reason = f"coalesce(reject_reason, case {reasons} end)" if cases else "reject_reason"
    return (
        f"select file_id, source_line, {field} as reject_field, {reason} as reject_reason,"
        f" {columns} from {relation}"
    )


def in_source_words(
    table: Table, expressions: Mapping[str, Expression], fields: Mapping[str, str] | None = None
) -> dict[str, Expression]:
    """Columns whose faults name the source's own fields, those of the contract included.

    For a format that ships its mapping: nobody knows the keys of a file that he never wrote.

    Args:
        fields: the source's field of a column whose expression does not name its leaves.
    """
    stated = fields or {}
    return {
        name: _in_source_words(table.column(name), expression, stated.get(name))
        for name, expression in expressions.items()
    }


def _in_source_words(column: Column, expression: Expression, field: str | None) -> Expression:
    field = field or ", ".join(dict.fromkeys(leaf.name for leaf in expression.leaves))
    if not field:
        return expression
    checks = list(expression.checks)
    if column.required:
        checks.append((f"({expression.sql}) is null", f"is required for {column.name} and missing"))
    if column.non_negative:
        checks.append((f"({expression.sql}) < 0", f"makes {column.name} negative"))
    return replace(expression, origin=field, checks=tuple(checks))


def _faults(expression: Expression) -> Iterator[tuple[str, str, str]]:
    """Yield (predicate, field, reason) of what can be wrong with a value."""
    if expression.fault:
        yield expression.fault, expression.origin, UNFIT
    for test, reason in expression.checks:
        yield test, expression.origin, reason
