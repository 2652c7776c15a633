"""Scores that stand in a gateway's own records: a preset says where, `[outcomes]` which count.

[[evaluations]]
each = "scores"                      # an object of name and number: every entry is one score
judged_at = "response_created_at"
evaluator_type = { constant = "model" }

[[evaluations]]
name = { constant = "feedback" }     # one score, in a field of its own
score = "value"                      # its number; or `label`, its word
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.mapping.compiler import Compiler
from ingest.mapping.expression import Expression
from ingest.mapping.outcomes import Evaluation, compile_outcomes
from ingest.mapping.projection import canonical_select, in_source_words
from ingest.mapping.sections import compile_columns
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import SourceConfig
from ingest.sql import quote

_SHARED = ("task_id", "task_type", "tenant_id", "feature", "variant")
"""Columns that an evaluation takes from the call beside it unless it says otherwise."""

_NAME, _NUMBER = '"evaluation name"', '"evaluation number"'


@dataclass(frozen=True)
class EvaluationMapping:
    """One kind of score, compiled.

    Attributes:
        expressions: columns of `task_outcomes`.
        counts: predicate of the records that hold a score which counts.
        each: the leaf whose object has one score per entry; None for a score of its own field.
    """

    expressions: Mapping[str, Expression]
    counts: str
    each: Leaf | None

    def select(self, relation: str) -> str:
        """The staged select over the records of `relation`."""
        scores = relation
        if self.each is not None:
            doc = f"try_cast({quote(self.each.name)} as json)"
            pointer = f"'$.\"' || {_NAME} || '\"'"
            value = f"json_extract({doc}, {pointer})"
            # a score is a number, or an object that holds one as `value`
            number = f"coalesce(json_extract_string({value}, '$.value'), {value} ->> '$')"
            scores = (
                f"(select *, {number} as {_NUMBER} from (select *, unnest(list_filter("
                f"json_keys({doc}), lambda k: not contains(k, '\"'))) as {_NAME} from {relation}))"
            )
        return f"{canonical_select(self.expressions, scores)} where {self.counts}"


def compile_evaluations(
    config: SourceConfig, stated: Sequence[Mapping[str, Any]], call: Mapping[str, Expression]
) -> list[EvaluationMapping]:
    """Compile the scores that `[outcomes]` of the settings names; none when it names none.

    Args:
        stated: the preset's `[[evaluations]]`.
        call: the columns of the call in the same record.

    Raises:
        ConfigError: an entry of `[outcomes]` is wrong.
    """
    found = []
    for entry in stated:
        outcomes = compile_outcomes(config, _evaluation(config, entry, call))
        if outcomes is not None:
            each = Leaf(parse_path(entry["each"])) if "each" in entry else None
            named = in_source_words(TASK_OUTCOMES, outcomes.expressions)
            found.append(EvaluationMapping(named, outcomes.counts, each))
    return found


def _evaluation(
    config: SourceConfig, entry: Mapping[str, Any], call: Mapping[str, Expression]
) -> Evaluation:
    compiler = Compiler(config)
    unsaid = Expression("null::varchar", "evaluations")
    name = score = label = unsaid
    if "each" in entry:
        leaf = Leaf(parse_path(entry["each"]))
        name = Expression(_NAME, leaf.name, (leaf,))
        score = Expression(_NUMBER, leaf.name, (leaf,))
    else:
        name = compiler.compile("name", entry["name"], "VARCHAR")
        if "score" in entry:
            score = compiler.compile("score", entry["score"], "VARCHAR")
        if "label" in entry:
            label = compiler.compile("label", entry["label"], "VARCHAR")
    columns = {column: call[column] for column in _SHARED if column in call}
    own = {
        column: source
        for column, source in entry.items()
        if column in TASK_OUTCOMES.column_names and column != "score"
    }
    return Evaluation(
        name, score, label, columns | compile_columns(config, "evaluations", own, TASK_OUTCOMES)
    )
