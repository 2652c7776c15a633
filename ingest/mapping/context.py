"""Context of a mapping entry: its settings file, named in errors, and the fields it may read."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.errors import ConfigError
from ingest.mapping.expression import Expression
from ingest.mapping.usage_readings import whole_number
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import SourceConfig
from ingest.sql import literal, quote


@dataclass(frozen=True)
class EntryContext:
    """One settings file, as its entries are compiled."""

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

    def typed(self, key: str, text: str, leaves: tuple[Leaf, ...], column_type: str) -> Expression:
        """A value that was found as text; one that does not fit its column is a fault."""
        if column_type == "VARCHAR":
            return Expression(f"nullif({text}, '')", key, leaves)
        sql = f"try_cast({text} as {column_type})"
        if column_type in ("BIGINT", "INTEGER"):
            sql = whole_number(f"try_cast({text} as double)")
        return Expression(sql, key, leaves, f"{text} is not null and {sql} is null")
