"""Models as the SQL statements that make them: prepared by dbt, kept, and run without it.

dbt spends four fifths of a build on itself. What a materialization executes
(`macros/incremental/materializations.sql`) follows from the project, its variables and a few
questions about the workspace's rules: so dbt prepares the statements once, and they stand for
every later build whose questions are answered alike. Days that changed differ from run to run: in
a statement stands the query that gives them, and each build puts its own in.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from pipelines.dbt_models.dbt_command import (
    BuildError,
    DbtTarget,
    connected,
    parse_project,
    results_of,
    run_dbt,
)
from pipelines.dbt_models.manifest import keep_content, load_content

_EVENT, _MARK = "JinjaLogDebug", "outlay "
"""dbt's event of a macro's `log`, and how `tell_runner` begins."""

_DAYS = re.compile(r"/\*days\*/(.*?)/\*end of days\*/", re.DOTALL)
"""A query in place of the days that it gives; see `day_literals` in changes.sql."""

_FORMS = 12
"""Forms of one model that are kept, the newest: rules that are tried and taken back."""


@dataclass(frozen=True)
class PreparedModel:
    """A model and what makes it.

    Attributes:
        materialized: `table`, `view` or `incremental`.
        parents: models that it reads, by name; ephemeral ones stand for what they read.
        statements: what to execute in one transaction, in this order; none of a view outside a full
            refresh.
        answers: questions that it was written by, each with a hash of what the warehouse said.
    """

    schema: str
    name: str
    materialized: str
    parents: tuple[str, ...]
    statements: tuple[str, ...]
    answers: Mapping[str, str]

    @property
    def relation(self) -> str:
        """Its name in SQL."""
        return f"{self.schema}.{self.name}"


def prepared_models(target: DbtTarget, *, full_refresh: bool) -> list[PreparedModel]:
    """Every model in the order of building; dbt prepares those that are not kept.

    Args:
        target: a warehouse whose schema `raw` is registered.
        full_refresh: every relation is made anew; without it, every one must be there.

    Raises:
        BuildError: dbt cannot parse or compile the project.
    """
    suffix = "refresh" if full_refresh else "increment"
    kept = _load(target, suffix)
    found = _fitting(kept, target)
    missing = sorted({model.name for model in kept} - found.keys())
    if missing or not kept:
        fresh = _prepare(target, full_refresh=full_refresh, names=missing)
        _keep(target, suffix, [*kept, *fresh])
        found |= {model.name: model for model in fresh}
    return _in_order(found)


def with_days(
    statements: Iterable[str], con: duckdb.DuckDBPyConnection, days: dict[str, str]
) -> list[str]:
    """Statements with the days of this build as literals, which let files be skipped.

    Args:
        days: literals by query; takes those that are asked for first.
    """

    def literals(found: re.Match[str]) -> str:
        query = found[1]
        if query not in days:
            rows = con.execute(query).fetchall()
            days[query] = ", ".join(f"date '{day}'" for (day,) in rows) or "null"
        return days[query]

    return [_DAYS.sub(literals, statement) for statement in statements]


def descendants(models: Sequence[PreparedModel], names: Iterable[str]) -> set[str]:
    """Names of some models and of all that read them, directly or not."""
    found = set(names)
    for model in models:
        if not found.isdisjoint(model.parents):
            found.add(model.name)
    return found


def ancestors(models: Sequence[PreparedModel], names: Iterable[str]) -> set[str]:
    """Names of some models and of all that they are made of."""
    found = set(names)
    for model in reversed(models):
        if model.name in found:
            found.update(model.parents)
    return found


def _in_order(found: Mapping[str, PreparedModel]) -> list[PreparedModel]:
    """Models behind those that they read, in an order that is always the same."""
    graph = {name: found[name].parents for name in sorted(found)}
    return [found[name] for name in TopologicalSorter(graph).static_order()]


def _fitting(kept: Sequence[PreparedModel], target: DbtTarget) -> dict[str, PreparedModel]:
    """Of each model the form whose questions this warehouse answers alike, if it is kept."""
    if not kept:
        return {}
    questions = set(chain.from_iterable(model.answers for model in kept))
    answers = _answers(questions, target)
    return {m.name: m for m in kept if m.answers.items() <= answers.items()}


def _answers(questions: Iterable[str], target: DbtTarget) -> dict[str, str]:
    with connected(target) as con:
        said = {question: str(con.execute(question).fetchall()) for question in questions}
    return {question: hashlib.sha256(rows.encode()).hexdigest() for question, rows in said.items()}


def _prepare(target: DbtTarget, *, full_refresh: bool, names: Sequence[str]) -> list[PreparedModel]:
    """Some models (none named: all), prepared by dbt, which executes nothing of them."""
    statements: dict[str, list[str]] = {}
    asked: dict[str, set[str]] = defaultdict(set)
    arguments = ["run"]
    arguments += ["--full-refresh"] if full_refresh else ["--exclude", "config.materialized:view"]
    arguments += ["--select", *names] if names else []
    result = run_dbt(
        arguments, target, [_listener(statements, asked)], at_run_time={"is_preparing": True}
    )
    for run in results_of(result):
        if run.status in ("error", "fail"):
            raise BuildError(f"model {run.node.name} failed: {str(run.message).strip()}")
    if not result.success:
        raise BuildError(f"dbt could not prepare the models: {result.exception}")
    nodes: Mapping[str, Any] = parse_project(target).nodes
    answers = _answers(set(chain.from_iterable(asked.values())), target)
    views = [] if full_refresh or names else _views(nodes)
    return [
        _prepared(node, nodes, statements, asked, answers)
        for node in [*(run.node for run in results_of(result)), *views]
    ]


def _views(nodes: Mapping[str, Any]) -> list[Any]:
    """Every view: what it is made of matters where nothing makes it."""
    return [
        node for name, node in nodes.items()
        if name.startswith("model.") and node.config.materialized == "view"
    ]  # fmt: skip


def _prepared(
    node: Any,
    nodes: Mapping[str, Any],
    statements: Mapping[str, Sequence[str]],
    asked: Mapping[str, set[str]],
    answers: Mapping[str, str],
) -> PreparedModel:
    inside = _with_ephemeral_parents(node.unique_id, nodes)
    parents = {parent for name in inside for parent in nodes[name].depends_on.nodes} - inside
    questions = {question for name in inside for question in asked.get(name, ())}
    return PreparedModel(
        node.schema,
        node.name,
        node.config.materialized,
        tuple(sorted(nodes[name].name for name in parents if name in nodes)),
        tuple(statements.get(node.unique_id, ())),
        {question: answers[question] for question in sorted(questions)},
    )


def _with_ephemeral_parents(name: str, nodes: Mapping[str, Any]) -> set[str]:
    """A model and the ephemeral models inside its SQL, by unique id."""
    found, left = {name}, [name]
    while left:
        for parent in nodes[left.pop()].depends_on.nodes:
            is_model = parent.startswith("model.") and parent not in found
            if is_model and nodes[parent].config.materialized == "ephemeral":
                found.add(parent)
                left.append(parent)
    return found


def _listener(
    statements: dict[str, list[str]], asked: dict[str, set[str]]
) -> Callable[[Any], None]:
    """Takes what the project's macros tell (`tell_runner` in preparing.sql)."""

    def listen(event: Any) -> None:
        if event.info.name == _EVENT and event.data.msg.startswith(_MARK):
            told = json.loads(event.data.msg.removeprefix(_MARK))
            if "asked" in told:
                asked[told["model"]].add(told["asked"].strip())
            else:
                statements[told["model"]] = told["statements"]

    return listen


def _key(target: DbtTarget) -> str:
    """The name of what is kept: of what dbt makes, and of how it is kept here."""
    return hashlib.sha256(target.key.encode() + Path(__file__).read_bytes()).hexdigest()[:32]


def _load(target: DbtTarget, suffix: str) -> list[PreparedModel]:
    """Every form that is kept, the oldest first."""
    content = load_content(target.parsed, _key(target), suffix)
    if content is None:
        return []
    return [
        PreparedModel(
            **{
                **model,
                "parents": tuple(model["parents"]),
                "statements": tuple(model["statements"]),
            }
        )
        for model in json.loads(content)
    ]


def _keep(target: DbtTarget, suffix: str, models: Sequence[PreparedModel]) -> None:
    """Keep the newest forms of each model; what another process keeps meanwhile may go."""
    forms: dict[str, list[PreparedModel]] = defaultdict(list)
    for model in models:
        forms[model.name].append(model)
    newest = [asdict(form) for name in forms for form in forms[name][-_FORMS:]]
    keep_content(target.parsed, _key(target), json.dumps(newest).encode(), suffix)
