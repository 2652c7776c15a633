"""From leaf columns to staged canonical rows: one select, shared by every record-based source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from ingest.entries import Expression
from ingest.leaves import Leaf
from ingest.sqltext import literal


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
    faults = [(e.fault, e.origin) for e in expressions.values() if e.fault]
    cases = " ".join(f"when {fault} then {literal(origin)}" for fault, origin in faults)
    field = f"coalesce(reject_field, case {cases} end)" if cases else "reject_field"
    return (
        f"select file_id, source_line, {field} as reject_field,"
        " coalesce(reject_reason, case when"
        f" {field} is not null then 'the value does not fit what the mapping says of it' end)"
        f" as reject_reason, {columns} from {relation}"
    )
