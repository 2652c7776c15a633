"""One entry of a mapping, compiled: which value of a record becomes a canonical column, as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from ingest import words
from ingest.errors import ConfigError
from ingest.expressions import Expression
from ingest.leaves import Leaf, parse_path
from ingest.reading import SourceConfig
from ingest.sqltext import can_evaluate, literal, quote
from ingest.times import EPOCHS, check_zone, from_epoch, from_iso, from_pattern

__all__ = ["Compiler", "Expression"]

_COMPANIONS = {
    "time": {"time", "zone", "plus", "unit"},
    "tag": {"tag"},
    "values": {"values", "default", "others"},
    "multiply": {"multiply", "zero"},
    "zero": {"zero"},
    "json": {"json"},
    "keys": {"keys", "key"},
    "contains": {"contains"},
    "from": {"from"},
    "count_after": {"count_after"},
}
"""Words that may stand together beside `path`."""

_SHAPES = {
    "json": words.inside_json,
    "keys": words.in_parallel,
    "contains": words.by_member,
    "from": words.by_step,
    "count_after": words.counted_after,
}
"""Words that take a value out of its shape."""

_NUMBER = ("BIGINT", "INTEGER", "DECIMAL")

_FACTOR = "DECIMAL(18,9)"
"""Type of a factor: times an amount of the same type it still fits into 38 digits."""


@dataclass(frozen=True)
class Compiler:
    """Compiles the entries of one settings file, remembering it for error messages."""

    config: SourceConfig

    def fail(self, key: str, reason: str) -> ConfigError:
        """The error for a key of this settings file, to be raised."""
        return ConfigError(str(self.config.path), key, reason)

    def leaf(self, key: str, path: object, leaf_type: str) -> Leaf:
        """A path as a leaf; ConfigError when it is none."""
        if not isinstance(path, str):
            raise self.fail(key, f"a path must be text, not {type(path).__name__}")
        if self._missing and not leaf_type.endswith("[]"):
            leaf_type = "VARCHAR"  # a word for "no value" fits no other type
        try:
            return Leaf(parse_path(path), leaf_type)
        except ValueError as error:
            raise self.fail(key, f"{error}; write keys separated by dots") from error

    @property
    def _missing(self) -> list[str]:
        """Texts with which this source writes that a value is missing."""
        stated = self.config.options.get("missing", [])
        if not isinstance(stated, list) or not all(isinstance(word, str) for word in stated):
            raise self.fail("missing", 'write a list of texts: missing = ["-"]')
        return stated

    def value(self, leaf: Leaf) -> str:
        """SQL of a leaf's value; NULL where the source says that there is none."""
        sql = quote(leaf.name)
        for word in self._missing if not leaf.type.endswith("[]") else ():
            sql = f"nullif({sql}, {literal(word)})"
        return sql

    def typed(
        self, key: str, text: str, leaves: tuple[Leaf, ...], column_type: str
    ) -> Expression:
        """A value that was found as text; one that does not fit its column is a fault."""
        if column_type == "VARCHAR":
            return Expression(f"nullif({text}, '')", key, leaves)
        sql = f"try_cast({text} as {column_type})"
        return Expression(sql, key, leaves, f"{text} is not null and {sql} is null")

    def compile(self, key: str, source: object, column_type: str) -> Expression:
        """Compile one entry; `key` is its dotted TOML key. ConfigError when it is malformed."""
        if isinstance(source, str):
            return self._path(key, {"path": source}, column_type)
        if isinstance(source, list) and source:
            parts = [self.leaf(key, path, "VARCHAR") for path in source]
            sql = " || '/' || ".join(f"nullif({self.value(part)}, '')" for part in parts)
            needs = tuple((part.path[0],) for part in parts)
            return Expression(sql, key, tuple(parts), needs=needs)
        if isinstance(source, Mapping) and "when" in source:
            rest = {word: value for word, value in source.items() if word != "when"}
            return words.only_when(self, key, source["when"], self.compile(key, rest, column_type))
        if isinstance(source, Mapping):
            for word in ("constant", "coalesce", "sum"):
                if word in source and len(source) > 1:
                    raise self.fail(key, f"{word} stands alone; no other word goes with it")
            if "constant" in source:
                return self._constant(key, str(source["constant"]), column_type)
            if "coalesce" in source:
                return self._coalesce(key, source["coalesce"], column_type)
            if "sum" in source:
                return self._sum(key, source["sum"], column_type)
            if "path" in source:
                return self._path(key, source, column_type)
        raise self.fail(
            key, 'write a path, a list of paths, or a table: "path", "constant", "coalesce", "sum"'
        )

    def _constant(self, key: str, text: str, column_type: str) -> Expression:
        sql = f"cast({literal(text)} as {column_type})"
        if not can_evaluate(sql):
            raise self.fail(f"{key}.constant", f"{text!r} is not a {column_type}")
        return Expression(sql, key)

    def _parts(self, key: str, word: str, sources: object, column_type: str) -> list[Expression]:
        if not isinstance(sources, list) or not sources:
            raise self.fail(key, f"{word} takes a list of sources")
        return [self.compile(key, source, column_type) for source in sources]

    def _sum(self, key: str, sources: object, column_type: str) -> Expression:
        """All parts added; unknown when one of them is."""
        if not column_type.startswith(_NUMBER):
            raise self.fail(f"{key}.sum", f"a {column_type} cannot be added")
        parts = self._parts(key, "sum", sources, column_type)
        faults = [f"({part.fault})" for part in parts if part.fault]
        return Expression(
            f"try_cast({' + '.join(part.sql for part in parts)} as {column_type})",
            key,
            tuple(leaf for part in parts for leaf in part.leaves),
            " or ".join(faults) or None,
            tuple(group for part in parts for group in part.needs),
        )

    def _coalesce(self, key: str, sources: object, column_type: str) -> Expression:
        parts = self._parts(key, "coalesce", sources, column_type)
        faults = [part.fault for part in parts if part.fault]
        columns = tuple(name for part in parts for group in part.needs for name in group)
        return Expression(
            f"coalesce({', '.join(part.sql for part in parts)})",
            key,
            tuple(leaf for part in parts for leaf in part.leaves),
            " or ".join(faults) or None,
            (columns,) if all(part.needs for part in parts) else (),
        )

    def _path(self, key: str, source: Mapping[str, Any], column_type: str) -> Expression:
        kind = self._kind(key, source, column_type)
        if kind == "time":
            expression = self._time(key, source)
            if "plus" in source:
                expression = words.later(self, key, source, expression)
        elif kind in _SHAPES:
            expression = _SHAPES[kind](self, key, source, column_type)
        elif kind == "tag":
            expression = self._tag(key, source)
        elif kind == "values":
            expression = self._values(key, source, column_type)
        elif kind == "multiply":
            expression = self._multiply(key, source, column_type)
        else:
            expression = self._plain(key, source, column_type)
        if "zero" in source:
            expression = self._zero(key, source["zero"], expression)
        return replace(expression, needs=tuple((leaf.path[0],) for leaf in expression.leaves))

    def _zero(self, key: str, word: object, expression: Expression) -> Expression:
        """`zero = "unknown"`: a source that writes 0 for what it does not know."""
        if word != "unknown":
            raise self.fail(f"{key}.zero", 'can only say "unknown"')
        return replace(expression, sql=f"nullif({expression.sql}, 0)")

    def _kind(self, key: str, source: Mapping[str, Any], column_type: str) -> str | None:
        """Which word rules an entry; every other word must go with it."""
        known = {"path"}.union(*_COMPANIONS.values())
        if unknown := sorted(set(source) - known):
            raise self.fail(key, f"unknown word {unknown[0]!r}; known: {', '.join(sorted(known))}")
        kinds = [word for word in _COMPANIONS if word in source]
        if column_type == "TIMESTAMP":
            kinds = ["time", *(word for word in kinds if word != "time")]
        allowed = {"path"} | (_COMPANIONS[kinds[0]] if kinds else set())
        if column_type != "TIMESTAMP" and "time" in kinds:
            raise self.fail(f"{key}.time", "only a time has a format; this column is none")
        if stray := sorted(set(source) - allowed):
            beside = f"beside {kinds[0]}" if kinds else "by itself"
            raise self.fail(f"{key}.{stray[0]}", f"{stray[0]} means nothing {beside}")
        return kinds[0] if kinds else None

    def _plain(self, key: str, source: Mapping[str, Any], column_type: str) -> Expression:
        leaf_type = "DECIMAL(18,9)" if column_type.startswith("DECIMAL") else column_type
        if column_type == "INTEGER":
            leaf_type = "BIGINT"
        leaf = self.leaf(key, source["path"], leaf_type)
        name = self.value(leaf)
        if leaf_type == "VARCHAR":
            return Expression(f"nullif({name}, '')", key, (leaf,))
        # another key may want the same path as text, which makes it text for both
        typed = f"try_cast({name} as {leaf_type})"
        return Expression(typed, key, (leaf,), f"{name} is not null and {typed} is null")

    def _tag(self, key: str, source: Mapping[str, Any]) -> Expression:
        leaf = self.leaf(key, source["path"], "VARCHAR[]")
        prefix = literal(f"{source['tag']}:")
        typed = f"try_cast({self.value(leaf)} as varchar[])"
        sql = (
            f"list_filter({typed}, lambda t: starts_with(t, {prefix}))[1]"
            f"[{len(str(source['tag'])) + 2}:]"
        )
        return Expression(sql, key, (leaf,))

    def _multiply(self, key: str, source: Mapping[str, Any], column_type: str) -> Expression:
        if not column_type.startswith(_NUMBER):
            raise self.fail(f"{key}.multiply", f"a {column_type} cannot be multiplied")
        try:
            factor = Decimal(str(source["multiply"]))
            fits = 0 < factor < 10**9 and round(factor, 9) == factor
        except InvalidOperation:
            fits = False
        if not fits:
            raise self.fail(
                f"{key}.multiply",
                "write a decimal number in quotes, below 10^9, with at most nine decimals",
            )
        leaf = self.leaf(key, source["path"], "DECIMAL(18,9)")
        name = self.value(leaf)
        product = f"try_cast({name} as decimal(18,9)) * cast({literal(f'{factor:f}')} as {_FACTOR})"
        sql = f"try_cast({product} as {column_type})"
        return Expression(sql, key, (leaf,), f"{name} is not null and {sql} is null")

    def _values(self, key: str, source: Mapping[str, Any], column_type: str) -> Expression:
        if not isinstance(source["values"], Mapping) or not source["values"]:
            raise self.fail(f"{key}.values", "write a table from the source's word to ours")
        leaf = self.leaf(key, source["path"], "VARCHAR")
        cases = " ".join(
            f"when {literal(str(word))} then {literal(str(ours))}"
            for word, ours in source["values"].items()
        )
        default = source.get("default")
        name = self.value(leaf)
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

    def _time(self, key: str, source: Mapping[str, Any]) -> Expression:
        style = str(source.get("time", "iso"))
        zone = self._zone(key, style, source.get("zone"))
        is_number = style in EPOCHS
        leaf = self.leaf(key, source["path"], "DOUBLE" if is_number else "VARCHAR")
        name = self.value(leaf)
        if is_number:
            sql = from_epoch(f"try_cast({name} as double)", style)
        elif style == "iso":
            sql = from_iso(name, zone)
        else:
            self._check_pattern(key, style)
            sql = from_pattern(name, style, zone)
        present = name if is_number else f"nullif({name}, '')"
        return Expression(sql, key, (leaf,), f"{present} is not null and {sql} is null")

    def _zone(self, key: str, style: str, zone: object) -> str | None:
        if zone is None:
            return None
        if style in EPOCHS or "%z" in style.lower():
            raise self.fail(f"{key}.zone", f"a time in {style!r} says itself where it is: drop it")
        try:
            check_zone(str(zone))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise self.fail(f"{key}.zone", f"{zone!r} is not an IANA time zone") from error
        return str(zone)

    def _check_pattern(self, key: str, pattern: str) -> None:
        reason = f"{pattern!r} is neither iso, epoch_s|ms|us|ns nor a strptime pattern"
        if "%" not in pattern or not can_evaluate(from_pattern("''", pattern, None)):
            raise self.fail(f"{key}.time", reason)
