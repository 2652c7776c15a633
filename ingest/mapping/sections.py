"""A mapping file, compiled: which value of a record becomes which canonical column.

The grammar (TOML) is documented for users in `docs`-style comments of the workspace template; each
canonical column is given as one of

* `"a.b"`: a dotted path (a column name in CSV); quote a key that holds a dot: `'"a.b".c'`
* `["a", "b"]`: several paths joined with `/`; NULL when one is missing
* `{ constant = "openai" }`
* `{ path = "ts", time = "epoch_ms" }`: `iso` (default), `epoch_s|ms|us|ns` or a strptime pattern;
  `zone = "Europe/Berlin"` for times without an offset (one that is written counts)
* `{ path = "state", values = { done = "success" }, default = "pending" }`;
  `others = "x"` instead for any other value that is there
* `{ path = "tags", tag = "feature" }`: the `x` of a `feature:x` in a list of strings
* `{ path = "cents", multiply = "0.01" }`
* `{ coalesce = ["a", "b"] }`: the first that is present; `{ sum = ["a", "b"] }`: all, added
* `{ path = "cost", zero = "unknown" }`: of a source that writes 0 for what it does not know
* `{ path = "ts", plus = "ms", unit = "ms" }`: a time a stated duration (`s`, `ms`, `us`) later
* `{ path = "code", from = { 200 = "ok", 400 = "error" } }`: by the highest bound that is reached
* `{ path = "flags", contains = { DC = "aborted" } }`: the first word that a list `DC,UC` has
* `{ path = "meta", json = "tenant" }`: inside a field that holds JSON, as an object or as text
* `{ path = "values", keys = "names", key = "tenant" }`: of two lists side by side
* `{ path = "attempts", count_after = 1 }`: how many elements a list has beyond the first
* `{ path = "model", earlier = "file" }`: where a record says nothing, what the last one before it
  said; `earlier = "session"` among the records with the same value at that path

Any of them can say `when = { stream = "true", state = ["a", "b"] }`: only for records in which
these values are so (`""`: absent, `"*"`: there). The setting `missing = ["-"]` names texts for an
absent value.

A CSV or Parquet file must have every column that is named, of a `coalesce` at least one; with a
`{ constant = ... }` in the list none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.contracts.call_context import CALL_CONTEXT, PROMPT_HASHES
from ingest.contracts.columns import Table
from ingest.errors import ConfigError, nearest
from ingest.mapping.compiler import Compiler
from ingest.mapping.expression import Expression
from ingest.records.fields import Leaf
from ingest.records.format import SourceConfig
from ingest.records.pseudonyms import PSEUDONYMS, pseudonym
from ingest.sql import literal

ENTRY_OPTIONS = ("attribution", "labels", "missing")
"""What the settings of every format say whose attribution is configured."""


LABEL_LENGTH = 200
"""Longer values are no labels but text, which must not enter the lake; they are left out."""

_CONTEXT_TEXTS = {column.name for column in CALL_CONTEXT if column.type == "VARCHAR"}


def short_text(sql: str) -> str:
    """SQL of a label; NULL where it is longer than one."""
    return f"case when length({sql}) <= {LABEL_LENGTH} then {sql} end"


def read_section(
    config: SourceConfig, name: str, usual: Mapping[str, object] | None = None
) -> Mapping[str, object]:
    """One section of a source's settings.

    Args:
        config: the source.
        name: the section's key.
        usual: what holds without the section; nothing when None.

    Raises:
        ConfigError: the key is there and no table.
    """
    section = config.options.get(name, usual or {})
    if not isinstance(section, Mapping):
        raise ConfigError(str(config.path), name, f"write it as a table: [{name}]")
    return section


def compile_columns(
    config: SourceConfig, section: str, entries: Mapping[str, object], table: Table
) -> dict[str, Expression]:
    """Compile the entries of one TOML section into expressions by canonical column.

    Raises:
        ConfigError: an unknown column or a malformed entry; names the file and the key.
    """
    compiler = Compiler(config)
    compiled = {}
    for name, source in entries.items():
        key = f"{section}.{name}"
        if name not in table.column_names:
            hint = nearest(name, table.column_names)
            raise compiler.fail(
                key,
                f"{table.name} has no column {name!r}{hint}; see `outlay contract {table.name}`",
            )
        expression = compiler.compile(key, source, table.column(name).type)
        if name in PSEUDONYMS | PROMPT_HASHES:
            expression = replace(expression, sql=pseudonym(expression.sql, config.salt))
        elif name in _CONTEXT_TEXTS:
            expression = replace(expression, sql=short_text(expression.sql))
        compiled[name] = expression
    return compiled


def compile_labels(
    config: SourceConfig, usual: Mapping[str, object] | None = None
) -> dict[str, Expression]:
    """Compile `[labels]`, values of a log that no column has, into the column `labels`.

    Every entry is short text; what a record lacks is left out, and one without any has NULL.

    Args:
        usual: entries that a format keeps whether or not the settings name others.

    Raises:
        ConfigError: the section is no table, or an entry is malformed.
    """
    entries = {**(usual or {}), **read_section(config, "labels")}
    if not entries:
        return {}
    compiler = Compiler(config)
    parts = {
        name: compiler.compile(f"labels.{name}", source, "VARCHAR")
        for name, source in entries.items()
    }
    pairs = ", ".join(f"{literal(name)}, {short_text(part.sql)}" for name, part in parts.items())
    sql = f"nullif(json_merge_patch('{{}}', json_object({pairs}))::varchar, '{{}}')"
    found = tuple(leaf for part in parts.values() for leaf in part.leaves)
    needs = tuple(group for part in parts.values() for group in part.needs)
    earlier = {name: w for part in parts.values() for name, w in part.earlier.items()}
    return {"labels": Expression(sql, "labels", found, needs=needs, earlier=earlier)}


def refuse_nested_paths(
    config: SourceConfig, compiled: Mapping[str, Expression], others: Sequence[Leaf] = ()
) -> None:
    """Check that no path is the beginning of another: one JSON read cannot give both.

    Nor may a path ask for text of which the reader keeps only the length.

    Args:
        others: leaves that the reader takes besides.

    Raises:
        ConfigError: names the key whose path lies inside, or around, another.
    """
    unkept = {leaf.path for leaf in others if leaf.keep}
    for expression in compiled.values():
        for leaf in expression.leaves:
            if leaf.path in unkept and not leaf.keep:
                raise ConfigError(
                    str(config.path), expression.origin, "names text that must not be kept"
                )
    paths = {leaf.path: "" for leaf in others}
    paths |= {leaf.path: e.origin for e in compiled.values() for leaf in e.leaves}
    for path, key in paths.items():
        for outer in (path[:length] for length in range(1, len(path))):
            if outer in paths:
                inside = f"path {'.'.join(path)} lies inside {'.'.join(outer)}"
                other = paths[outer] or "the format itself"
                raise ConfigError(
                    str(config.path), key or other, f"{inside}, which {other} reads; give one up"
                )
