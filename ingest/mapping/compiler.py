"""One entry of a mapping, compiled: which value of a record becomes a canonical column, as SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.errors import nearest
from ingest.mapping import operators
from ingest.mapping.context import EntryContext
from ingest.mapping.expression import Expression
from ingest.mapping.usage_readings import whole_number
from ingest.sql import can_evaluate, literal

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

_OPERATORS = {
    "time": operators.op_time,
    "tag": operators.op_tag,
    "values": operators.op_values,
    "multiply": operators.op_multiply,
    "json": operators.op_json,
    "keys": operators.op_keys,
    "contains": operators.op_contains,
    "from": operators.op_threshold,
    "count_after": operators.op_count_after,
}
"""What the word that rules an entry does."""


@dataclass(frozen=True)
class Compiler(EntryContext):
    """Compiler of the entries of one settings file."""

    def compile(self, key: str, source: object, column_type: str) -> Expression:
        """Compile one entry; `key` is its dotted TOML key. ConfigError when it is malformed."""
        if isinstance(source, str):
            return self._path(key, {"path": source}, column_type)
        if isinstance(source, list) and source:
            return self._joined(key, source)
        if isinstance(source, Mapping) and "earlier" in source:
            rest = {word: value for word, value in source.items() if word != "earlier"}
            expression = self.compile(key, rest, column_type)
            return operators.op_earlier(self, key, source["earlier"], expression)
        if isinstance(source, Mapping) and "when" in source:
            rest = {word: value for word, value in source.items() if word != "when"}
            return operators.op_when(
                self, key, source["when"], self.compile(key, rest, column_type)
            )
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

    def _joined(self, key: str, sources: list[object]) -> Expression:
        """All parts as one text, `/` between; unknown when one of them is."""
        parts = [
            self.compile(key, part, "VARCHAR")
            if isinstance(part, Mapping)
            else self._path(key, {"path": part}, "VARCHAR")
            for part in sources
        ]
        return Expression(
            " || '/' || ".join(part.sql for part in parts),
            key,
            tuple(leaf for part in parts for leaf in part.leaves),
            needs=tuple(group for part in parts for group in part.needs),
            earlier=_windows(parts),
        )

    def _parts(self, key: str, word: str, sources: object, column_type: str) -> list[Expression]:
        if not isinstance(sources, list) or not sources:
            raise self.fail(key, f"{word} takes a list of sources")
        return [self.compile(key, source, column_type) for source in sources]

    def _sum(self, key: str, sources: object, column_type: str) -> Expression:
        """All parts added; unknown when one of them is."""
        if not column_type.startswith(operators.NUMBER):
            raise self.fail(f"{key}.sum", f"a {column_type} cannot be added")
        parts = self._parts(key, "sum", sources, column_type)
        faults = [f"({part.fault})" for part in parts if part.fault]
        return Expression(
            f"try_cast({' + '.join(part.sql for part in parts)} as {column_type})",
            key,
            tuple(leaf for part in parts for leaf in part.leaves),
            " or ".join(faults) or None,
            tuple(group for part in parts for group in part.needs),
            earlier=_windows(parts),
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
            earlier=_windows(parts),
        )

    def _path(self, key: str, source: Mapping[str, Any], column_type: str) -> Expression:
        kind = self._kind(key, source, column_type)
        if kind in _OPERATORS:
            expression = _OPERATORS[kind](self, key, source, column_type)
        else:
            expression = self._plain(key, source, column_type)
        if "plus" in source:
            expression = operators.op_offset(self, key, source, expression)
        if "zero" in source:
            expression = operators.op_zero(self, key, source["zero"], expression)
        return replace(expression, needs=tuple((leaf.path[0],) for leaf in expression.leaves))

    def _kind(self, key: str, source: Mapping[str, Any], column_type: str) -> str | None:
        """Which word rules an entry; every other word must go with it."""
        known = {"path"}.union(*_COMPANIONS.values())
        if unknown := sorted(set(source) - known):
            words = f"{', '.join(sorted(known))}{nearest(unknown[0], known)}"
            raise self.fail(key, f"unknown word {unknown[0]!r}; known: {words}")
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
        if column_type in ("BIGINT", "INTEGER"):
            leaf_type = "DOUBLE"  # a number with a fraction must be seen to be refused
        leaf = self.leaf(key, source["path"], leaf_type)
        name = self.value(leaf)
        if leaf_type == "VARCHAR":
            return Expression(f"nullif({name}, '')", key, (leaf,))
        # another key may want the same path as text, which makes it text for both
        typed = f"try_cast({name} as {leaf_type})"
        if leaf_type == "DOUBLE":
            whole = whole_number(typed)
            return Expression(whole, key, (leaf,), f"{name} is not null and {whole} is null")
        return Expression(typed, key, (leaf,), f"{name} is not null and {typed} is null")


def _windows(parts: Sequence[Expression]) -> dict[str, str]:
    return {name: sql for part in parts for name, sql in part.earlier.items()}
