"""Words of a mapping entry that take a value out of its shape, as SQL over leaf columns.

Each function gets the compiler, which knows the settings file, and the entry as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ingest.expressions import Expression
from ingest.leaves import Leaf, parse_path
from ingest.sqltext import literal

if TYPE_CHECKING:
    from ingest.entries import Compiler

UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
"""Microseconds in the units of a duration."""

_LONGEST = 366 * 86_400 * 1_000_000
"""Microseconds beyond which a duration is a wrong unit, not a call."""


def inside_json(
    compiler: Compiler, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`json`: a value inside a field that holds JSON, as an object or as its text."""
    leaf = compiler.leaf(key, source["path"], "VARCHAR")
    try:
        path = "$" + "".join(f'."{part}"' for part in parse_path(str(source["json"])))
    except ValueError as error:
        raise compiler.fail(f"{key}.json", f"{error}; write keys separated by dots") from error
    text = f"json_extract_string(try_cast({compiler.value(leaf)} as json), {literal(path)})"
    return compiler.typed(key, text, (leaf,), column_type)


def in_parallel(
    compiler: Compiler, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`keys` and `key`: of a list of values, the one whose place has that word in `keys`."""
    if "keys" not in source or "key" not in source:
        raise compiler.fail(key, 'keys and key go together: { path, keys = "names", key = "x" }')
    words = compiler.leaf(f"{key}.keys", source["keys"], "VARCHAR[]")
    values = compiler.leaf(key, source["path"], "VARCHAR[]")
    listed = [f"try_cast({compiler.value(leaf)} as varchar[])" for leaf in (values, words)]
    text = f"{listed[0]}[list_position({listed[1]}, {literal(str(source['key']))})]"
    return compiler.typed(key, text, (values, words), column_type)


def by_member(
    compiler: Compiler, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`contains`: the first listed word that a text of comma-separated words has."""
    leaf = compiler.leaf(key, source["path"], "VARCHAR")
    members = f"string_split({compiler.value(leaf)}, ',')"
    cases = " ".join(
        f"when list_contains({members}, {literal(word)}) then {literal(str(ours))}"
        for word, ours in _table(compiler, f"{key}.contains", source["contains"]).items()
    )
    return Expression(f"try_cast(case {cases} end as {column_type})", key, (leaf,))


def by_step(
    compiler: Compiler, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`from`: the word of the highest bound that a number reaches; none below the lowest."""
    leaf = compiler.leaf(key, source["path"], "VARCHAR")
    number = f"try_cast({compiler.value(leaf)} as decimal(18,3))"
    steps = _table(compiler, f"{key}.from", source["from"])
    try:
        bounds = sorted(((Decimal(bound), ours) for bound, ours in steps.items()), reverse=True)
    except InvalidOperation as error:
        raise compiler.fail(f"{key}.from", "write numbers in quotes: { 200 = ... }") from error
    cases = " ".join(
        f"when {number} >= {bound:f} then {literal(str(ours))}" for bound, ours in bounds
    )
    sql = f"try_cast(case {cases} end as {column_type})"
    fault = f"nullif({compiler.value(leaf)}, '') is not null and {number} is null"
    return replace(Expression(sql, key, (leaf,)), fault=fault)


def counted_after(
    compiler: Compiler, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`count_after`: how many elements a list has after that many."""
    first = source["count_after"]
    if isinstance(first, bool) or not isinstance(first, int) or first < 0:
        raise compiler.fail(f"{key}.count_after", "write a whole number, 0 or more")
    leaf = compiler.leaf(key, source["path"], "VARCHAR[]")
    count = f"len(try_cast({compiler.value(leaf)} as varchar[]))"
    sql = f"case when {count} >= {first} then {count} - {first} when {count} is not null then 0 end"
    return Expression(f"cast({sql} as {column_type})", key, (leaf,))


def later(compiler: Compiler, key: str, source: Mapping[str, Any], start: Expression) -> Expression:
    """`plus` and `unit`: a time that lies a stated duration after another."""
    unit = str(source.get("unit", ""))
    if unit not in UNITS:
        raise compiler.fail(f"{key}.unit", f"say of plus: one of {', '.join(UNITS)}")
    leaf = compiler.leaf(f"{key}.plus", source["plus"], "VARCHAR")
    text = f"nullif({compiler.value(leaf)}, '')"
    micros = f"try_cast({text} as double) * {UNITS[unit]}"
    fits = f"{micros} between 0 and {_LONGEST}"
    fault = f"{text} is not null and not coalesce({fits}, false)"
    return replace(
        start,
        sql=f"{start.sql} + case when {fits} then to_microseconds(cast({micros} as bigint)) end",
        fault=f"({start.fault}) or ({fault})" if start.fault else fault,
        leaves=(*start.leaves, leaf),
    )


def only_when(
    compiler: Compiler, key: str, tests: object, expression: Expression
) -> Expression:
    """`when`: the entry counts only for records in which other values are what it says."""
    leaves, holds = holding(compiler, f"{key}.when", tests)
    return replace(
        expression,
        sql=f"case when {holds} then {expression.sql} end",
        fault=f"{holds} and ({expression.fault})" if expression.fault else None,
        leaves=(*expression.leaves, *leaves),
        needs=(*expression.needs, *((leaf.path[0],) for leaf in leaves)),
    )


def holding(compiler: Compiler, key: str, tests: object) -> tuple[tuple[Leaf, ...], str]:
    """Leaves and SQL of a condition: every path has one of its words; "" is an absent value."""
    leaves, predicates = [], []
    for path, stated in _table(compiler, key, tests).items():
        words = stated if isinstance(stated, list) else [stated]
        if not words:
            raise compiler.fail(key, f"{path}: write at least one word")
        leaf = compiler.leaf(key, path, "VARCHAR")
        listed = ", ".join(literal(str(word).lower()) for word in words)
        leaves.append(leaf)
        predicates.append(f"lower(coalesce({compiler.value(leaf)}, '')) in ({listed})")
    return tuple(leaves), f"({' and '.join(predicates)})"


def _table(compiler: Compiler, key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise compiler.fail(key, "write a table: { word = ... }")
    return value
