"""Words of a mapping entry that take a value out of its shape, as SQL over leaf columns.

Each function gets the context, which knows the settings file, and the entry as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from ingest.mapping.context import EntryContext
from ingest.mapping.expression import Expression
from ingest.mapping.timestamps import EPOCHS, check_zone, from_epoch, from_iso, from_pattern
from ingest.records.fields import Leaf, parse_path
from ingest.sql import can_evaluate, literal, quote

UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
"""Microseconds in the units of a duration."""

_LONGEST = 366 * 86_400 * 1_000_000
"""Microseconds beyond which a duration is a wrong unit, not a call."""

NUMBER = ("BIGINT", "INTEGER", "DECIMAL")
"""Beginnings of the types that can be calculated with."""

_FACTOR = "DECIMAL(18,9)"
"""Type of a factor: times an amount of the same type it still fits into 38 digits."""


def op_json(
    context: EntryContext, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`json`: a value inside a field that holds JSON, as an object or as its text."""
    leaf = context.leaf(key, source["path"], "VARCHAR")
    try:
        path = "$" + "".join(f'."{part}"' for part in parse_path(str(source["json"])))
    except ValueError as error:
        raise context.fail(f"{key}.json", f"{error}; write keys separated by dots") from error
    text = f"json_extract_string(try_cast({context.value(leaf)} as json), {literal(path)})"
    return context.typed(key, text, (leaf,), column_type)


def op_keys(
    context: EntryContext, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`keys` and `key`: of a list of values, the one whose place has that word in `keys`."""
    if "keys" not in source or "key" not in source:
        raise context.fail(key, 'keys and key go together: { path, keys = "names", key = "x" }')
    words = context.leaf(f"{key}.keys", source["keys"], "VARCHAR[]")
    values = context.leaf(key, source["path"], "VARCHAR[]")
    listed = [f"try_cast({context.value(leaf)} as varchar[])" for leaf in (values, words)]
    text = f"{listed[0]}[list_position({listed[1]}, {literal(str(source['key']))})]"
    return context.typed(key, text, (values, words), column_type)


def op_contains(
    context: EntryContext, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`contains`: the first listed word that a text of comma-separated words has."""
    leaf = context.leaf(key, source["path"], "VARCHAR")
    members = f"string_split({context.value(leaf)}, ',')"
    cases = " ".join(
        f"when list_contains({members}, {literal(word)}) then {literal(str(ours))}"
        for word, ours in _table(context, f"{key}.contains", source["contains"]).items()
    )
    return Expression(f"try_cast(case {cases} end as {column_type})", key, (leaf,))


def op_threshold(
    context: EntryContext, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`from`: the word of the highest bound that a number reaches; none below the lowest."""
    leaf = context.leaf(key, source["path"], "VARCHAR")
    number = f"try_cast({context.value(leaf)} as decimal(18,3))"
    steps = _table(context, f"{key}.from", source["from"])
    try:
        bounds = sorted(((Decimal(bound), ours) for bound, ours in steps.items()), reverse=True)
    except InvalidOperation as error:
        raise context.fail(f"{key}.from", "write numbers in quotes: { 200 = ... }") from error
    cases = " ".join(
        f"when {number} >= {bound:f} then {literal(str(ours))}" for bound, ours in bounds
    )
    sql = f"try_cast(case {cases} end as {column_type})"
    fault = f"nullif({context.value(leaf)}, '') is not null and {number} is null"
    return replace(Expression(sql, key, (leaf,)), fault=fault)


def op_count_after(
    context: EntryContext, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`count_after`: how many elements a list has after that many."""
    first = source["count_after"]
    if isinstance(first, bool) or not isinstance(first, int) or first < 0:
        raise context.fail(f"{key}.count_after", "write a whole number, 0 or more")
    leaf = context.leaf(key, source["path"], "VARCHAR[]")
    count = f"len(try_cast({context.value(leaf)} as varchar[]))"
    sql = f"case when {count} >= {first} then {count} - {first} when {count} is not null then 0 end"
    return Expression(f"cast({sql} as {column_type})", key, (leaf,))


def op_offset(
    context: EntryContext, key: str, source: Mapping[str, Any], start: Expression
) -> Expression:
    """`plus` and `unit`: a time that lies a stated duration after another."""
    unit = str(source.get("unit", ""))
    if unit not in UNITS:
        raise context.fail(f"{key}.unit", f"say of plus: one of {', '.join(UNITS)}")
    leaf = context.leaf(f"{key}.plus", source["plus"], "VARCHAR")
    text = f"nullif({context.value(leaf)}, '')"
    micros = f"try_cast({text} as double) * {UNITS[unit]}"
    fits = f"{micros} between 0 and {_LONGEST}"
    fault = f"{text} is not null and not coalesce({fits}, false)"
    return replace(
        start,
        sql=f"{start.sql} + case when {fits} then to_microseconds(cast({micros} as bigint)) end",
        fault=f"({start.fault}) or ({fault})" if start.fault else fault,
        leaves=(*start.leaves, leaf),
    )


def op_earlier(
    context: EntryContext, key: str, within: object, expression: Expression
) -> Expression:
    """`earlier`: where a record says nothing, the value of the last one before it that does.

    `"file"`: of the same file; a path: of the records of the file with the same value there.
    """
    leaves: tuple[Leaf, ...] = ()
    same = "file_id"
    if within != "file":
        leaves = (context.leaf(f"{key}.earlier", within, "VARCHAR"),)
        same = f"file_id, {context.value(leaves[0])}"
    window = (
        f"last_value({expression.sql} ignore nulls) over (partition by {same}"
        " order by source_line rows between unbounded preceding and current row)"
    )
    name = f"earlier {key}"
    return replace(
        expression,
        sql=quote(name),
        fault=None,
        leaves=(*expression.leaves, *leaves),
        earlier={name: window},
    )


def op_when(context: EntryContext, key: str, tests: object, expression: Expression) -> Expression:
    """`when`: the entry counts only for records in which other values are what it says."""
    leaves, holds = condition(context, f"{key}.when", tests)
    return replace(
        expression,
        sql=f"case when {holds} then {expression.sql} end",
        fault=f"{holds} and ({expression.fault})" if expression.fault else None,
        leaves=(*expression.leaves, *leaves),
        needs=(*expression.needs, *((leaf.path[0],) for leaf in leaves)),
    )


def condition(context: EntryContext, key: str, tests: object) -> tuple[tuple[Leaf, ...], str]:
    """Leaves and SQL of a condition: every path has one of its words.

    "" is an absent value, "*" by itself any that is there.
    """
    leaves, predicates = [], []
    for path, stated in _table(context, key, tests).items():
        words = stated if isinstance(stated, list) else [stated]
        if not words:
            raise context.fail(key, f"{path}: write at least one word")
        leaf = context.leaf(key, path, "VARCHAR")
        listed = ", ".join(literal(str(word).lower()) for word in words)
        leaves.append(leaf)
        value = f"lower(coalesce({context.value(leaf)}, ''))"
        predicates.append(f"{value} <> ''" if words == ["*"] else f"{value} in ({listed})")
    return tuple(leaves), f"({' and '.join(predicates)})"


def op_time(
    context: EntryContext, key: str, source: Mapping[str, Any], _column_type: str
) -> Expression:
    """`time` and `zone`: a moment in one of the ways of `timestamps`, as UTC."""
    style = str(source.get("time", "iso"))
    zone = _zone(context, key, style, source.get("zone"))
    is_number = style in EPOCHS
    leaf = context.leaf(key, source["path"], "DOUBLE" if is_number else "VARCHAR")
    name = context.value(leaf)
    if is_number:
        sql = from_epoch(f"try_cast({name} as double)", style)
    elif style == "iso":
        sql = from_iso(name, zone)
    else:
        _check_pattern(context, key, style)
        sql = from_pattern(name, style, zone)
    present = name if is_number else f"nullif({name}, '')"
    return Expression(sql, key, (leaf,), f"{present} is not null and {sql} is null")


def _zone(context: EntryContext, key: str, style: str, zone: object) -> str | None:
    if zone is None:
        return None
    if style in EPOCHS or "%z" in style.lower():
        raise context.fail(f"{key}.zone", f"a time in {style!r} says itself where it is: drop it")
    try:
        check_zone(str(zone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise context.fail(f"{key}.zone", f"{zone!r} is not an IANA time zone") from error
    return str(zone)


def _check_pattern(context: EntryContext, key: str, pattern: str) -> None:
    reason = f"{pattern!r} is neither iso, epoch_s|ms|us|ns nor a strptime pattern"
    if "%" not in pattern or not can_evaluate(from_pattern("''", pattern, None)):
        raise context.fail(f"{key}.time", reason)


def op_tag(
    context: EntryContext, key: str, source: Mapping[str, Any], _column_type: str
) -> Expression:
    """`tag`: the `x` of a `tag:x` in a list of texts."""
    leaf = context.leaf(key, source["path"], "VARCHAR[]")
    prefix = literal(f"{source['tag']}:")
    typed = f"try_cast({context.value(leaf)} as varchar[])"
    sql = (
        f"list_filter({typed}, lambda t: starts_with(t, {prefix}))[1]"
        f"[{len(str(source['tag'])) + 2}:]"
    )
    return Expression(sql, key, (leaf,))


def op_values(
    context: EntryContext, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`values`, `default` and `others`: the source's word as ours."""
    if not isinstance(source["values"], Mapping) or not source["values"]:
        raise context.fail(f"{key}.values", "write a table from the source's word to ours")
    leaf = context.leaf(key, source["path"], "VARCHAR")
    cases = " ".join(
        f"when {literal(str(word))} then {literal(str(ours))}"
        for word, ours in source["values"].items()
    )
    default = source.get("default")
    name = context.value(leaf)
    other = literal(str(default)) if default is not None else "null"
    if "others" in source:
        there = f"nullif({name}, '') is not null"
        other = f"case when {there} then {literal(str(source['others']))} else {other} end"
    sql = f"try_cast(case {name} {cases} else {other} end as {column_type})"
    fault = None
    if default is None and "others" not in source:
        listed = ", ".join(literal(str(word)) for word in source["values"])
        fault = f"nullif({name}, '') not in ({listed})"
    return Expression(sql, key, (leaf,), fault)


def op_multiply(
    context: EntryContext, key: str, source: Mapping[str, Any], column_type: str
) -> Expression:
    """`multiply`: a number times an exact factor."""
    if not column_type.startswith(NUMBER):
        raise context.fail(f"{key}.multiply", f"a {column_type} cannot be multiplied")
    try:
        factor = Decimal(str(source["multiply"]))
        fits = 0 < abs(factor) < 10**9 and round(factor, 9) == factor
    except InvalidOperation:
        fits = False
    if not fits:
        raise context.fail(
            f"{key}.multiply",
            "write a decimal number in quotes, below 10^9, with at most nine decimals",
        )
    leaf = context.leaf(key, source["path"], "DECIMAL(18,9)")
    name = context.value(leaf)
    product = f"try_cast({name} as decimal(18,9)) * cast({literal(f'{factor:f}')} as {_FACTOR})"
    sql = f"try_cast({product} as {column_type})"
    return Expression(sql, key, (leaf,), f"{name} is not null and {sql} is null")


def op_zero(context: EntryContext, key: str, word: object, expression: Expression) -> Expression:
    """`zero = "unknown"`: a source that writes 0 for what it does not know."""
    if word != "unknown":
        raise context.fail(f"{key}.zero", 'can only say "unknown"')
    return replace(expression, sql=f"nullif({expression.sql}, 0)")


def _table(context: EntryContext, key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise context.fail(key, "write a table: { word = ... }")
    return value
