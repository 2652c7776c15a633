"""Mapped logs and outcomes: any JSONL, CSV or Parquet that a mapping in the workspace describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.contracts.columns import Table
from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.contracts.tables import TABLES
from ingest.errors import ConfigError
from ingest.mapping.expression import Expression
from ingest.mapping.projection import canonical_select, leaves_of
from ingest.mapping.sections import (
    ENTRY_OPTIONS,
    compile_columns,
    compile_labels,
    compile_tokens,
    read_section,
    refuse_nested_paths,
)
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.headers import csv_header, parquet_columns, require_columns
from ingest.records.reader import read_records
from ingest.sql import quote

FILE_TYPES = ("jsonl", "csv", "parquet")

_CALL_DEFAULTS = {
    "operation": "'chat'",
    "service_tier": "'standard'",
    "status": "'ok'",
}
"""What a log that says nothing means; a mapped column whose value is missing means the same."""


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Read files as the source's mapping says.

    Raises:
        ConfigError: the mapping is wrong; names its key.
        SourceFileError: a file cannot be read at all.
    """
    table, expressions = compile_source(config)
    file_type = _file_type(config)
    for file in files:
        _check_columns(file, expressions, file_type)
    for relation in read_records(con, files, leaves_of(expressions), file_type):
        con.execute(
            f"create or replace temp view mapped_rows as {canonical_select(expressions, relation)}"
        )
        yield Staged(table.name, "mapped_rows")
        con.execute("drop view if exists mapped_rows")


def _check_columns(file: InputFile, expressions: Mapping[str, Expression], file_type: str) -> None:
    """A table file without a column that the mapping reads is refused: NULL would be a lie."""
    if file_type == "jsonl":
        return  # a JSON record leaves out what it does not know
    columns = csv_header(file) if file_type == "csv" else parquet_columns(file)
    for expression in expressions.values():
        for choices in expression.needs:
            require_columns(file, columns, expression.origin, choices)


def compile_source(config: SourceConfig) -> tuple[Table, dict[str, Expression]]:
    """The canonical table and the expressions of one mapped source.

    Raises:
        ConfigError: names the key that is wrong or missing.
    """
    table = mapped_table(config)
    fields = read_section(config, "fields")
    expressions = compile_columns(config, "fields", fields, table)
    expressions |= compile_columns(
        config, "attribution", read_section(config, "attribution"), table
    )
    if table is GATEWAY_CALLS:
        expressions |= compile_tokens(config, read_section(config, "tokens"))
        expressions |= compile_labels(config)
        for name, default in _CALL_DEFAULTS.items():
            expressions[name] = _with_default(expressions.get(name), default, name)
        if "response_model" not in expressions and "request_model" in expressions:
            expressions["response_model"] = expressions["request_model"]
    for name in ("tokens", "labels") if table is TASK_OUTCOMES else ():
        if read_section(config, name):
            raise ConfigError(str(config.path), name, "outcomes have none; remove this section")
    if table is TASK_OUTCOMES and "outcome_label" not in expressions and "outcome" in expressions:
        expressions["outcome_label"] = _raw_word(expressions["outcome"])
    refuse_nested_paths(config, expressions)
    for column in table.columns:
        if column.required and column.name not in expressions:
            raise ConfigError(
                str(config.path),
                f"fields.{column.name}",
                f"is required for {table.name} and not mapped ({column.doc})",
            )
    return table, expressions


def _with_default(expression: Expression | None, default: str, name: str) -> Expression:
    if expression is None:
        return Expression(default, f"fields.{name}")
    return replace(expression, sql=f"coalesce({expression.sql}, {default})")


def _raw_word(outcome: Expression) -> Expression:
    """The source's own word for the outcome, when one path gives it."""
    if len(outcome.leaves) != 1:
        return Expression("null::varchar", outcome.origin)
    return Expression(
        f"cast({quote(outcome.leaves[0].name)} as varchar)", outcome.origin, outcome.leaves
    )


def mapped_table(config: SourceConfig) -> Table:
    """The table that a mapping fills.

    Raises:
        ConfigError: it names another one.
    """
    default = "task_outcomes" if config.format == "outcomes" else "gateway_calls"
    name = str(config.options.get("table", default))
    if name not in ("gateway_calls", "task_outcomes"):
        raise ConfigError(
            str(config.path), "table", f"{name!r} is neither gateway_calls nor task_outcomes"
        )
    return TABLES[name]


def _file_type(config: SourceConfig) -> str:
    file_type = str(config.options.get("file_type", ""))
    if file_type not in FILE_TYPES:
        raise ConfigError(str(config.path), "file_type", f"must be one of {', '.join(FILE_TYPES)}")
    return file_type


OPTIONS = (*ENTRY_OPTIONS, "table", "file_type", "fields", "tokens")
SUFFIXES = (".jsonl", ".ndjson", ".json", ".log", ".csv", ".parquet", ".gz")

MAPPED = Format("mapped", "any log that a mapping describes", SUFFIXES, read, options=OPTIONS)
OUTCOMES = Format(
    "outcomes", "evaluations of tasks, described by a mapping", SUFFIXES, read, options=OPTIONS
)
