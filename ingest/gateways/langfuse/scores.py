"""Langfuse's scores as outcomes, where `[outcomes]` names them.

A score is of a trace, an observation or a session. Text and corrections are what people wrote, not
evaluations: they are no outcomes and are not kept. The number of a category is only its place in a
list, so its word counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from ingest.gateways.langfuse.columns import text, time
from ingest.mapping.expression import Expression
from ingest.mapping.outcomes import Evaluation, Outcomes, compile_outcomes
from ingest.mapping.projection import canonical_select, leaves_of
from ingest.mapping.sections import LABEL_LENGTH
from ingest.records.fields import Leaf
from ingest.records.format import InputFile, SourceConfig
from ingest.records.reader import read_by_name


def _short(word: str) -> str:
    return f"case when length({word}) <= {LABEL_LENGTH} then {word} end"


_LEAVES = [
    Leaf(("id",)),
    Leaf(("timestamp",)),
    Leaf(("created_at",)),
    Leaf(("updated_at",)),
    Leaf(("trace_id",)),
    Leaf(("observation_id",)),
    Leaf(("session_id",)),
    Leaf(("name",)),
    Leaf(("value",)),
    Leaf(("string_value",), keep=_short),
    Leaf(("source",)),
    Leaf(("data_type",)),
]

_TYPE = 'upper("data_type")'
_IS_EVALUATION = f"coalesce({_TYPE} in ('NUMERIC', 'BOOLEAN', 'CATEGORICAL'), true)"

# ANNOTATION is a person; of API Langfuse knows only that a program sent it
_EVALUATOR = "case when upper(\"source\") = 'ANNOTATION' then 'human' else 'model' end"

# an annotation that is changed is an evaluation of when it was changed
_EDITED = "updated_at > created_at + interval 1 minute"


def compile_scores(config: SourceConfig) -> Outcomes | None:
    """The scores that the settings name; None when they name none.

    Raises:
        ConfigError: `[outcomes]` is wrong; names its key.
    """
    times = {name: time(name) for name in ("timestamp", "updated_at", "created_at")}
    edited = _EDITED
    for name in ("updated_at", "created_at"):
        edited = edited.replace(name, f"({times[name].sql})")
    judged_at = (
        f"case when {edited} then greatest({times['timestamp'].sql}, {times['updated_at'].sql})"
        f" else {times['timestamp'].sql} end"
    )
    return compile_outcomes(
        config,
        Evaluation(
            Expression(text("name"), "name"),
            Expression(
                f"case when {_TYPE} = 'CATEGORICAL' then null else {text('value')} end", "value"
            ),
            Expression(text("string_value"), "string_value"),
            {
                "judged_at": Expression(judged_at, "timestamp", fault=times["timestamp"].fault),
                "evaluator_type": Expression(_EVALUATOR, "source"),
            },
        ),
    )


def judged(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], outcomes: Outcomes
) -> Iterator[str]:
    """Yield relations of outcomes; one that names no task says where to look for it."""
    columns: Mapping[str, Expression] = {
        **outcomes.expressions,
        "trace_id": Expression(text("trace_id"), "trace_id"),
        "observation_id": Expression(text("observation_id"), "observation_id"),
        "session_id": Expression(text("session_id"), "session_id"),
        "counts": Expression(f"({outcomes.counts}) and {_IS_EVALUATION}", "outcomes"),
    }
    own = "task_id" if "task_id" in outcomes.expressions else "null"
    named = [column for column in ("task_id", "counts") if column in columns]
    dropped = ", ".join([*named, "trace_id", "observation_id", "session_id"])
    for relation in read_by_name(con, files, leaves_of(outcomes.expressions, _LEAVES), ()):
        yield f"""(
            select * exclude ({dropped}), coalesce({own}, trace_id, session_id) as task_id,
                case when {own} is null then trace_id end as trace_id,
                case when {own} is null then trace_id || '/' || observation_id end as span_id
            from ({canonical_select(columns, relation)})
            where counts or reject_reason is not null
        )"""
