"""A mapping file, compiled: which value of a record becomes which canonical column.

The grammar (TOML) is documented for users in `docs`-style comments of the workspace template; each
canonical column is given as one of

* `"a.b"`: a dotted path (a column name in CSV); quote a key that holds a dot: `'"a.b".c'`
* `["a", "b"]`: several paths joined with `/`; NULL when one is missing
* `{ constant = "openai" }`
* `{ path = "ts", time = "epoch_ms" }`: `iso` (default), `epoch_s|ms|us|ns` or a strptime pattern;
  `zone = "Europe/Berlin"` for times without an offset
* `{ path = "state", values = { done = "success" }, default = "pending" }`
* `{ path = "tags", tag = "feature" }`: the `x` of a `feature:x` in a list of strings
* `{ path = "cents", multiply = "0.01" }`
* `{ coalesce = ["a", "b"] }`: the first that is present
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.contracts import Table
from ingest.errors import ConfigError
from ingest.leaves import Leaf, parse_path
from ingest.reading import SourceConfig
from ingest.sqltext import literal, quote

PSEUDONYMS = frozenset({"user_id", "api_key_id"})
"""Columns that are hashed with the workspace salt before they are written."""

_EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": 0.001}


@dataclass(frozen=True)
class Expression:
    """SQL of one canonical column.

    Attributes:
        sql: expression over leaf columns.
        fault: predicate that is true when a value is present but cannot be typed, or None.
        leaves: leaves it reads.
        origin: the mapping key and its paths, for messages.
    """

    sql: str
    origin: str
    leaves: tuple[Leaf, ...] = ()
    fault: str | None = None


@dataclass
class _Compiler:
    """Compiles the entries of one settings file, remembering it for error messages."""

    config: SourceConfig
    expressions: dict[str, Expression] = field(default_factory=dict)

    def fail(self, key: str, reason: str) -> ConfigError:
        return ConfigError(str(self.config.path), key, reason)

    def leaf(self, key: str, path: object, leaf_type: str) -> Leaf:
        if not isinstance(path, str):
            raise self.fail(key, f"a path must be text, not {type(path).__name__}")
        try:
            return Leaf(parse_path(path), leaf_type)
        except ValueError as error:
            raise self.fail(key, f"{error}; write keys separated by dots") from error

    def compile(self, key: str, source: object, column_type: str) -> Expression:
        """Compile one entry; `key` is its dotted TOML key."""
        if isinstance(source, str):
            return self._path(key, {"path": source}, column_type)
        if isinstance(source, list):
            parts = [self.leaf(key, path, "VARCHAR") for path in source]
            sql = " || '/' || ".join(quote(part.name) for part in parts)
            return Expression(sql, key, tuple(parts))
        if isinstance(source, Mapping):
            if "constant" in source:
                return Expression(
                    f"cast({literal(str(source['constant']))} as {column_type})", key
                )
            if "coalesce" in source:
                return self._coalesce(key, source["coalesce"], column_type)
            if "path" in source:
                return self._path(key, source, column_type)
        raise self.fail(
            key, 'write a path, a list of paths, or a table with "path", "constant" or "coalesce"'
        )

    def _coalesce(self, key: str, sources: object, column_type: str) -> Expression:
        if not isinstance(sources, list) or not sources:
            raise self.fail(key, "coalesce takes a list of sources")
        parts = [self.compile(key, source, column_type) for source in sources]
        faults = [part.fault for part in parts if part.fault]
        return Expression(
            f"coalesce({', '.join(part.sql for part in parts)})",
            key,
            tuple(leaf for part in parts for leaf in part.leaves),
            " or ".join(faults) or None,
        )

    def _path(self, key: str, source: Mapping[str, Any], column_type: str) -> Expression:
        known = {"path", "time", "zone", "values", "default", "tag", "multiply"}
        if unknown := sorted(set(source) - known):
            raise self.fail(key, f"unknown word {unknown[0]!r}; known: {', '.join(sorted(known))}")
        if column_type == "TIMESTAMP":
            return self._time(key, source)
        if "tag" in source:
            leaf = self.leaf(key, source["path"], "VARCHAR[]")
            prefix = literal(f"{source['tag']}:")
            name = quote(leaf.name)
            sql = (
                f"list_filter({name}, lambda t: starts_with(t, {prefix}))[1]"
                f"[{len(str(source['tag'])) + 2}:]"
            )
            return Expression(sql, key, (leaf,))
        if "values" in source:
            return self._values(key, source, column_type)
        leaf_type = "DECIMAL(18,9)" if column_type.startswith("DECIMAL") else column_type
        if column_type == "INTEGER":
            leaf_type = "BIGINT"
        leaf = self.leaf(key, source["path"], leaf_type)
        if "multiply" in source:
            return self._multiply(key, source, leaf, column_type)
        sql = f"nullif({quote(leaf.name)}, '')" if leaf_type == "VARCHAR" else quote(leaf.name)
        return Expression(sql, key, (leaf,))

    def _multiply(
        self, key: str, source: Mapping[str, Any], leaf: Leaf, column_type: str
    ) -> Expression:
        try:
            factor = Decimal(str(source["multiply"]))
        except InvalidOperation as error:
            raise self.fail(f"{key}.multiply", "write a decimal number in quotes") from error
        wide = f"cast({quote(leaf.name)} as decimal(18,9)) * cast({factor} as decimal(12,9))"
        return Expression(f"cast({wide} as {column_type})", key, (leaf,))

    def _values(self, key: str, source: Mapping[str, Any], column_type: str) -> Expression:
        if not isinstance(source["values"], Mapping):
            raise self.fail(f"{key}.values", "write a table from the source's word to ours")
        leaf = self.leaf(key, source["path"], "VARCHAR")
        cases = " ".join(
            f"when {literal(str(word))} then {literal(str(ours))}"
            for word, ours in source["values"].items()
        )
        default = source.get("default")
        other = literal(str(default)) if default is not None else "null"
        name = quote(leaf.name)
        sql = f"cast(case {name} {cases} else {other} end as {column_type})"
        fault = None
        if default is None:
            words = ", ".join(literal(str(word)) for word in source["values"])
            fault = f"{name} is not null and {name} not in ({words})"
        return Expression(sql, key, (leaf,), fault)

    def _time(self, key: str, source: Mapping[str, Any]) -> Expression:
        style = str(source.get("time", "iso"))
        if style in _EPOCHS:
            leaf = self.leaf(key, source["path"], "DOUBLE")
            sql = f"make_timestamp(cast({quote(leaf.name)} * {_EPOCHS[style]} as bigint))"
            return Expression(sql, key, (leaf,))
        leaf = self.leaf(key, source["path"], "VARCHAR")
        name = quote(leaf.name)
        if style != "iso" and "%" not in style:
            raise self.fail(
                f"{key}.time", f"{style!r} is neither iso, epoch_s|ms|us|ns nor a strptime pattern"
            )
        zone = source.get("zone")
        if zone is not None:
            try:
                ZoneInfo(str(zone))
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise self.fail(f"{key}.zone", f"{zone!r} is not an IANA time zone") from error
        naive = (
            f"try_cast({name} as timestamp)" if style == "iso"
            else f"try_strptime({name}, {literal(style)})::timestamp"
        )
        if zone is not None:
            sql = f"(({naive} at time zone {literal(str(zone))}) at time zone 'UTC')"
        elif style == "iso":
            sql = f"(try_cast({name} as timestamptz) at time zone 'UTC')"
        else:
            sql = naive
        return Expression(sql, key, (leaf,), f"{name} is not null and {sql} is null")


def pseudonym(sql: str, salt: str) -> str:
    """SQL of a salted pseudonym; the raw identifier never reaches the lake."""
    return f"left(sha256({literal(salt)} || ({sql})), 16)"


def compile_columns(
    config: SourceConfig, section: str, entries: Mapping[str, object], table: Table
) -> dict[str, Expression]:
    """Compile the entries of one TOML section into expressions by canonical column.

    Raises:
        ConfigError: an unknown column or a malformed entry; names the file and the key.
    """
    compiler = _Compiler(config)
    compiled = {}
    for name, source in entries.items():
        key = f"{section}.{name}"
        if name not in table.column_names:
            raise compiler.fail(
                key, f"{table.name} has no column {name!r}; see `outlay contract {table.name}`"
            )
        expression = compiler.compile(key, source, table.column(name).type)
        if name in PSEUDONYMS:
            expression = Expression(
                pseudonym(expression.sql, config.salt), key, expression.leaves, expression.fault
            )
        compiled[name] = expression
    _refuse_nested_leaves(compiler, compiled)
    return compiled


def _refuse_nested_leaves(compiler: _Compiler, compiled: Mapping[str, Expression]) -> None:
    """A path may not be the beginning of another: one JSON read cannot give both."""
    paths = {leaf.path: e.origin for e in compiled.values() for leaf in e.leaves}
    for path, key in paths.items():
        for length in range(1, len(path)):
            if path[:length] in paths:
                raise compiler.fail(
                    key, f"path {'.'.join(path)} lies inside the path of {paths[path[:length]]}"
                )


def compile_tokens(config: SourceConfig, entries: Mapping[str, object]) -> dict[str, Expression]:
    """Compile `[tokens]` into the disjoint token vector.

    Words: `input`, `input_includes_cache` (true when `input` counts cached and written tokens
    too), `cache_read`, `cache_write_5m`, `cache_write_1h`, `cache_write_other`, `output`,
    `reasoning`, each but the flag a source of a whole number.

    Raises:
        ConfigError: an unknown word, or no `input_includes_cache` beside a cache class.
    """
    compiler = _Compiler(config)
    caches = ("cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other")
    known = {"input", "input_includes_cache", *caches, "output", "reasoning"}
    if unknown := sorted(set(entries) - known):
        raise compiler.fail(f"tokens.{unknown[0]}", f"known words: {', '.join(sorted(known))}")
    parts = {
        word: compiler.compile(f"tokens.{word}", source, "BIGINT")
        for word, source in entries.items()
        if word != "input_includes_cache"
    }
    used = [parts[word] for word in caches if word in parts]
    if used and "input_includes_cache" not in entries:
        raise compiler.fail(
            "tokens.input_includes_cache",
            "say true when `input` includes cached tokens (OpenAI) or false (Anthropic)",
        )
    vector = {f"{word}_tokens": part for word, part in parts.items() if word != "input"}
    if "input" in parts:
        uncached = parts["input"].sql
        if entries.get("input_includes_cache") is True:
            uncached = " - ".join([uncached, *(f"coalesce({part.sql}, 0)" for part in used)])
        leaves = tuple(leaf for part in (parts["input"], *used) for leaf in part.leaves)
        vector["input_uncached_tokens"] = Expression(uncached, "tokens.input", leaves)
    return vector
