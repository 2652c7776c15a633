"""Scores that become outcomes: the section `[outcomes]`, one grammar for every format.

Evaluators write scores: a name, a number, a word. Which of them say whether a task succeeded only
the workspace knows. A score that no entry names is no outcome:

    [outcomes.resolved]              # the score's name; `*` stands for any text
    success = [">= 0.5", "pass"]     # comparisons with the number, and words, in any case
    failure = "fail"                 # left out: whatever is no success
    reopened = "reopened"
    pending = "in review"
    evaluator_type = "human"         # left out: what the record says of who judged
    task_id = "metadata.ticket"      # an entry of a mapping; left out: the format's usual place

The first entry in the file whose name fits counts. `task_type`, `tenant_id`, `feature` and
`variant` can be given like `task_id`. With both `success` and `failure` what fits neither is
`pending`, and so is an evaluation without number and word: neither decides anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.errors import ConfigError, nearest
from ingest.mapping.expression import Expression
from ingest.mapping.sections import compile_columns
from ingest.records.format import SourceConfig
from ingest.sql import literal

VERDICTS = ("reopened", "pending", "failure", "success")
"""Words of an entry in the order in which they are tried: the less flattering first."""

EVALUATORS = ("business_system", "human", "model")
"""Who judges, in the order of rank that holds unless the workspace states another."""

PLACES = ("task_id", "task_type", "tenant_id", "feature", "variant")
"""Columns that an entry may take from the record."""

_COMPARISON = re.compile(r"\s*(>=|<=|!=|=|>|<)\s*(.*)")


@dataclass(frozen=True)
class Evaluation:
    """Where a format's records keep what a score says, over their leaf columns.

    Attributes:
        name: the score's name.
        score: its number, as text or DECIMAL: a DOUBLE would blur a threshold.
        label: its word.
        columns: the other columns of `task_outcomes`, as the format's records state them.
    """

    name: Expression
    score: Expression
    label: Expression
    columns: Mapping[str, Expression]


@dataclass(frozen=True)
class Outcomes:
    """Scores, compiled.

    Attributes:
        expressions: columns of `task_outcomes`, for `canonical_select`.
        counts: predicate of the records that an entry names; the others must not be staged.
    """

    expressions: dict[str, Expression]
    counts: str


@dataclass(frozen=True)
class _Rule:
    """One entry: when it applies, the outcome it gives, and the columns it fills."""

    applies: str
    outcome: str
    columns: Mapping[str, Expression]


def compile_outcomes(config: SourceConfig, evaluation: Evaluation) -> Outcomes | None:
    """Compile `[outcomes]`; None when the settings name no score.

    Raises:
        ConfigError: an entry is wrong; names its key.
    """
    section = config.options.get("outcomes", {})
    if not isinstance(section, Mapping):
        raise ConfigError(str(config.path), "outcomes", "write [outcomes.<name of the score>]")
    rules = [_rule(config, name, entry, evaluation) for name, entry in section.items()]
    if not rules:
        return None
    base = dict(evaluation.columns)
    expressions = {
        column: _by_rule(rules, column, base.get(column))
        for column in dict.fromkeys([*base, *(name for rule in rules for name in rule.columns)])
    }
    number = f"try_cast({evaluation.score.sql} as decimal(18,9))"
    expressions["score"] = Expression(
        number,
        "outcomes: the score's number",
        evaluation.score.leaves,
        f"{evaluation.score.sql} is not null and {number} is null",
    )
    cases = " ".join(f"when {rule.applies} then {rule.outcome}" for rule in rules)
    expressions["outcome"] = Expression(f"case {cases} end", "outcomes")
    expressions["outcome_label"] = evaluation.label
    expressions["evaluator_name"] = evaluation.name
    return Outcomes(expressions, " or ".join(f"({rule.applies})" for rule in rules))


def _by_rule(rules: list[_Rule], column: str, base: Expression | None) -> Expression:
    """A column that each entry may fill in its own way; else it is the format's own."""
    usual = base or Expression("null", f"outcomes.{column}")
    chosen = [(rule.applies, rule.columns.get(column, usual)) for rule in rules]
    if all(expression is usual for _, expression in chosen):
        return usual
    faults = " ".join(f"when {applies} then {e.fault or 'false'}" for applies, e in chosen)
    return Expression(
        "case " + " ".join(f"when {applies} then {e.sql}" for applies, e in chosen) + " end",
        f"outcomes.*.{column}",
        tuple(leaf for _, expression in chosen for leaf in expression.leaves),
        f"case {faults} end" if any(e.fault for _, e in chosen) else None,
    )


def _rule(config: SourceConfig, name: str, entry: object, evaluation: Evaluation) -> _Rule:
    key = f"outcomes.{name}"
    if not isinstance(entry, Mapping):
        raise ConfigError(str(config.path), key, f"write it as a table: [{key}]")
    known = {*VERDICTS, *PLACES, "evaluator_type"}
    if unknown := sorted(set(entry) - known):
        words = f"{', '.join(sorted(known))}{nearest(unknown[0], known)}"
        raise ConfigError(str(config.path), f"{key}.{unknown[0]}", f"known words: {words}")
    if not {"success", "failure"} & set(entry):
        raise ConfigError(str(config.path), key, "say what is a success, or what is a failure")
    places = {column: entry[column] for column in PLACES if column in entry}
    columns = compile_columns(config, key, places, TASK_OUTCOMES)
    if "evaluator_type" in entry:
        columns["evaluator_type"] = _judge(config, f"{key}.evaluator_type", entry["evaluator_type"])
    return _Rule(_applies(name, evaluation), _outcome(config, key, entry, evaluation), columns)


def _judge(config: SourceConfig, key: str, word: object) -> Expression:
    if word not in EVALUATORS:
        raise ConfigError(str(config.path), key, f"must be one of {', '.join(EVALUATORS)}")
    return Expression(literal(str(word)), key)


def _applies(name: str, evaluation: Evaluation) -> str:
    if "*" not in name:
        return f"coalesce({evaluation.name.sql} = {literal(name)}, false)"
    pattern = re.sub(r"([\\%_])", r"\\\1", name).replace("*", "%")
    return f"coalesce({evaluation.name.sql} like {literal(pattern)} escape '\\', false)"


def _outcome(
    config: SourceConfig, key: str, entry: Mapping[str, object], evaluation: Evaluation
) -> str:
    """SQL of the outcome: the words that the entry has, then what the others mean."""
    cases = [
        f"when {_meets(config, f'{key}.{verdict}', entry[verdict], evaluation)} then '{verdict}'"
        for verdict in VERDICTS
        if verdict in entry
    ]
    said = f"coalesce({evaluation.score.sql}::varchar, {evaluation.label.sql})"
    rest = "pending"
    if not {"success", "failure"} <= set(entry):
        rest = "failure" if "success" in entry else "success"
    return f"case {' '.join(cases)} when {said} is null then 'pending' else '{rest}' end"


def _meets(config: SourceConfig, key: str, source: object, evaluation: Evaluation) -> str:
    """SQL: the evaluation's word or number is one of those listed."""
    tests = []
    for item in source if isinstance(source, list) else [source]:
        if isinstance(item, bool | str):
            tests.append(_test(config, key, str(item), evaluation))
        elif isinstance(item, int | float):
            tests.append(_test(config, key, f"= {item}", evaluation))
        else:
            raise ConfigError(str(config.path), key, 'write "pass", ">= 0.5" or a list of them')
    if not tests:
        raise ConfigError(str(config.path), key, "the list is empty")
    return "(" + " or ".join(f"coalesce({test}, false)" for test in tests) + ")"


def _test(config: SourceConfig, key: str, text: str, evaluation: Evaluation) -> str:
    found = _COMPARISON.fullmatch(text)
    if not found:
        return f"lower(trim({evaluation.label.sql})) = {literal(text.strip().lower())}"
    try:
        bound = Decimal(found[2].strip())
        fits = abs(bound) < 10**9 and round(bound, 9) == bound
    except InvalidOperation:
        fits = False
    if not fits:
        raise ConfigError(
            str(config.path), key, f"{found[1]} needs a decimal number below 10^9, nine decimals"
        )
    number = f"try_cast({evaluation.score.sql} as decimal(18,9))"
    return f"{number} {found[1]} {literal(f'{bound:f}')}::decimal(18,9)"
