"""Mapped logs: calls, outcomes, changes, queues of any JSONL, CSV or Parquet, by a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS, INHERITED, TRACE_SPANS
from ingest.contracts.changes import CHANGE_EVENTS
from ingest.contracts.columns import Table
from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.contracts.queues import QUEUE_SAMPLES
from ingest.contracts.tables import TABLES
from ingest.contracts.validation import in_bounds
from ingest.errors import ConfigError, nearest
from ingest.gateways.staged_calls import staged_calls
from ingest.mapping.compiler import Compiler
from ingest.mapping.expression import Expression, with_earlier
from ingest.mapping.operators import condition
from ingest.mapping.projection import canonical_select, leaves_of
from ingest.mapping.sections import (
    ENTRY_OPTIONS,
    compile_columns,
    compile_labels,
    read_section,
    refuse_nested_paths,
)
from ingest.mapping.token_counts import TokenCounts, compile_tokens
from ingest.mapping.usage_readings import CLASSES_IN, CLASSES_OUT, INCLUSIVE
from ingest.records.fields import Leaf
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
    source = compile_source(config)
    file_type = _file_type(config)
    for file in files:
        _check_columns(file, source.expressions, file_type)
    for relation in read_records(con, files, source.leaves, file_type):
        yield from source.staged(con, relation)


def _check_columns(file: InputFile, expressions: Mapping[str, Expression], file_type: str) -> None:
    """A table file without a column that the mapping reads is refused: NULL would be a lie."""
    if file_type == "jsonl":
        return  # a JSON record leaves out what it does not know
    columns = csv_header(file) if file_type == "csv" else parquet_columns(file)
    for expression in expressions.values():
        for choices in expression.needs:
            require_columns(file, columns, expression.origin, choices)


@dataclass(frozen=True)
class MappedSource:
    """A mapping, compiled.

    Attributes:
        table: the canonical table that it fills.
        expressions: its columns, over a relation that `TokenCounts.read` gives.
        tokens: what a record counts.
        records: predicate of the records that are rows, as `[records]` says; others of a log of
            calls are counted, of any other log they are passed over.
        others: predicate of the records that are something else that is read.
    """

    table: Table
    expressions: Mapping[str, Expression]
    tokens: TokenCounts
    records: Expression
    others: str = "false"

    @property
    def leaves(self) -> list[Leaf]:
        """Every value that is read."""
        return leaves_of({**self.expressions, "records": self.records})

    def staged(self, con: duckdb.DuckDBPyConnection, relation: str) -> Iterator[Staged]:
        """Yield the rows of a relation of records, and what of it is no call."""
        relation = with_earlier(relation, [*self.expressions.values(), self.records])
        if self.table is not GATEWAY_CALLS:
            wanted = f"reject_reason is not null or coalesce({self.records.sql}, false)"
            found = f"(from {relation} where {wanted})"
            yield Staged(self.table.name, f"({canonical_select(self.expressions, found)})")
            return
        if self.others != "false":
            is_other = f"{self.others} and not {self.records.sql}"
            relation = f"(from {relation} where reject_reason is not null or not ({is_other}))"
        counted = self.tokens.read(relation)
        omitted = {UNMATCHED: f"not {self.records.sql}", EMPTY: self._is_empty}
        yield from staged_calls(con, self.expressions, counted, omitted)
        if {"trace_id", "parent_call_id"} <= self.expressions.keys():
            calls = canonical_select(self.expressions, f"(from {counted} where {self.records.sql})")
            yield Staged(TRACE_SPANS.name, f"({_spans(calls, self.expressions)})")

    @property
    def _is_empty(self) -> str:
        """Predicate: the record names no model and states neither usage, cost nor a failure."""
        named = {"request_model", "response_model"} & self.expressions.keys()
        if not named or not self.tokens.counts:
            return "false"  # a mapping that reads neither cannot tell
        facts = [*named, *self.tokens.columns, "reported_cost_usd", "reported_cost", "tool_name"]
        found = [self.expressions[name] for name in facts if name in self.expressions]
        tests = [f"({e.sql}) is null" for e in found]
        tests += [f"not coalesce({e.fault}, false)" for e in found if e.fault]
        tests += [f"{self.expressions['operation'].sql} in ({_MODEL_TURNS})"]
        tests += [f"{self.expressions['status'].sql} = 'ok'"]
        return " and ".join(tests)


UNMATCHED = "matches no [records]"
EMPTY = "names no model and states neither usage nor cost"
_MODEL_TURNS = "'chat', 'text_completion', 'generate_content'"


def _spans(calls: str, expressions: Mapping[str, Expression]) -> str:
    """Select of calls as spans of their traces, where the mapping says who called whom."""
    known = [name for name in (*INHERITED, "ended_at", "tool_name") if name in expressions]

    def total(classes: Sequence[str]) -> str:
        stated = [f"{name}_tokens" for name in classes if f"{name}_tokens" in expressions]
        added = " + ".join(f"coalesce({name}, 0)" for name in stated)
        test = f"coalesce({', '.join(stated)}) is not null"
        return f"case when {test} then {added} end" if stated else "null"

    return f"""
        select file_id, source_line, null::varchar as reject_field, null::varchar as reject_reason,
            trace_id, call_id as span_id, parent_call_id as parent_span_id, started_at, operation,
            {total(CLASSES_IN)} as input_tokens, {total(CLASSES_OUT)} as output_tokens,
            {", ".join(known)}
        from ({calls})
        where reject_reason is null and trace_id is not null and call_id is not null
            and {in_bounds("started_at")}
    """


def compile_source(config: SourceConfig) -> MappedSource:
    """Compile the mapping of one source.

    Raises:
        ConfigError: names the key that is wrong or missing.
    """
    table = mapped_table(config)
    tokens = TokenCounts({}, {}, INCLUSIVE)
    fields = read_section(config, "fields")
    expressions = compile_columns(config, "fields", fields, table)
    expressions |= compile_columns(
        config, "attribution", read_section(config, "attribution"), table
    )
    if table is GATEWAY_CALLS:
        tokens = compile_tokens(config, read_section(config, "tokens"))
        expressions |= tokens.columns
        expressions |= compile_labels(config)
        for name, default in _CALL_DEFAULTS.items():
            expressions[name] = _with_default(expressions.get(name), default, name)
        if "response_model" not in expressions and "request_model" in expressions:
            expressions["response_model"] = expressions["request_model"]
    for name in ("tokens", "labels") if table is not GATEWAY_CALLS else ():
        if read_section(config, name):
            reason = f"{table.name} has none; remove this section"
            raise ConfigError(str(config.path), name, reason)
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
    return MappedSource(table, expressions, tokens, _record_filter(config))


def _record_filter(config: SourceConfig) -> Expression:
    """Which records are calls: all, unless `[records]` says otherwise."""
    tests = read_section(config, "records")
    if not tests:
        return Expression("true", "records")
    leaves, sql = condition(Compiler(config), "records", tests)
    return Expression(sql, "records", leaves)


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
    name = str(config.options.get("table", _USUAL.get(config.format, GATEWAY_CALLS.name)))
    if name not in MAPPED_TABLES:
        reason = f"{name!r} is none of {', '.join(MAPPED_TABLES)}{nearest(name, MAPPED_TABLES)}"
        raise ConfigError(str(config.path), "table", reason)
    return TABLES[name]


def _file_type(config: SourceConfig) -> str:
    file_type = str(config.options.get("file_type", ""))
    if file_type not in FILE_TYPES:
        raise ConfigError(str(config.path), "file_type", f"must be one of {', '.join(FILE_TYPES)}")
    return file_type


MAPPED_TABLES = (GATEWAY_CALLS.name, TASK_OUTCOMES.name, CHANGE_EVENTS.name, QUEUE_SAMPLES.name)
"""Tables that a mapping can fill."""

_USUAL = {
    "outcomes": TASK_OUTCOMES.name,
    "change_events": CHANGE_EVENTS.name,
    "queue_samples": QUEUE_SAMPLES.name,
}
"""The table of a format whose settings name none, unless it is that of calls."""

OPTIONS = (*ENTRY_OPTIONS, "table", "file_type", "fields", "tokens", "records")
SUFFIXES = (".jsonl", ".ndjson", ".json", ".log", ".csv", ".parquet", ".gz")

MAPPED = Format("mapped", "any log that a mapping describes", SUFFIXES, read, options=OPTIONS)
OUTCOMES = Format(
    "outcomes", "evaluations of tasks, described by a mapping", SUFFIXES, read, options=OPTIONS
)
CHANGES = Format(
    "change_events",
    "releases, flags, prompts, prices, publications, incidents: described by a mapping",
    SUFFIXES,
    read,
    options=OPTIONS,
)
QUEUES = Format(
    "queue_samples",
    "samples of queues and worker pools, described by a mapping",
    SUFFIXES,
    read,
    options=OPTIONS,
)
