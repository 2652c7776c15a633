"""Models as the SQL statements that make them: prepared by dbt, kept, and run without it.

dbt spends four fifths of a build on itself. What a materialization executes
(`macros/incremental/materializations.sql`) follows from the project, some of its variables and a
few questions about the workspace's rules: so dbt prepares the statements once, and they stand for
every later build under the same variables whose questions are answered alike. Days that changed
differ from run to run: in a statement stands the query that gives them, and each build puts its
own in.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from pipelines.dbt_models.variables import values_of, variables_read, with_ephemeral_parents

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_EVENT, _MARK = "JinjaLogDebug", "outlay "
"""dbt's event of a macro's `log`, and how `tell_runner` begins."""

_DAYS = re.compile(r"/\*days\*/(.*?)/\*end of days\*/", re.DOTALL)
"""A query in place of the days that it gives; see `day_literals` in changes.sql."""

_FORMS = 12
"""Forms of one model that are kept, the newest: rules that are tried and taken back."""


@dataclass(frozen=True)
class ModelParents:
    """A model and what it reads.

    Attributes:
        materialized: `table`, `view` or `incremental`.
        parents: models by name; ephemeral ones stand for what they read.
    """

    name: str
    materialized: str
    parents: tuple[str, ...]


Selection = Callable[[Sequence[ModelParents]], set[str]]
"""Which of all models to build, by name; see `ancestors` and `descendants`."""


@dataclass(frozen=True)
class PreparedModel:
    """A model and what makes it.

    Attributes:
        materialized: `table`, `view` or `incremental`.
        statements: what to execute in one transaction, in this order.
        answers: questions that it was written by, each with a hash of what the warehouse said:
            rules of the workspace, and which tables there are.
        variables: those of the project that it may depend on, each as JSON.
    """

    schema: str
    name: str
    materialized: str
    statements: tuple[str, ...]
    answers: Mapping[str, str]
    variables: Mapping[str, str]

    @property
    def relation(self) -> str:
        """Its name in SQL."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Kept:
    """What is kept of a project.

    Attributes:
        graph: every model in the order of building.
        forms: prepared models, of each the oldest form first.
    """

    graph: list[ModelParents]
    forms: list[PreparedModel]


def prepared_models(
    target: DbtTarget, *, full_refresh: bool, select: Selection | None = None
) -> list[PreparedModel]:
    """Models in the order of building; dbt prepares those that are not kept.

    Args:
        target: a warehouse whose schema `raw` is registered.
        full_refresh: every relation is made anew; without it, tables must be there, and no view is
            among the models.
        select: which models; all without.

    Raises:
        BuildError: dbt cannot parse or compile the project, or there is no such model.
    """
    suffix = "refresh" if full_refresh else "increment"
    kept = _load(target, suffix)
    parsed = cache(lambda: parse_project(target))  # read at most once, and seldom at all
    graph = kept.graph or _graph(parsed())
    names = {model.name for model in graph}
    chosen = select(graph) if select else names
    if chosen - names:
        raise BuildError(f"there is no model {min(chosen - names)}")
    built = [
        model.name for model in graph
        if model.name in chosen and (full_refresh or model.materialized != "view")
    ]  # fmt: skip
    found = _fitting([form for form in kept.forms if form.name in chosen], target)
    missing = [name for name in built if name not in found]
    if missing:
        is_all = len(missing) == len(built) and chosen == names
        fresh = _prepare(
            target, parsed(), full_refresh=full_refresh, names=None if is_all else missing
        )
        _keep(target, suffix, Kept(graph, [*kept.forms, *fresh]))
        found |= {model.name: model for model in fresh}
    return [found[name] for name in built]


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


def descendants(models: Sequence[ModelParents], names: Iterable[str]) -> set[str]:
    """Names of some models and of all that read them, directly or not."""
    found = set(names)
    for model in models:
        if not found.isdisjoint(model.parents):
            found.add(model.name)
    return found


def ancestors(models: Sequence[ModelParents], names: Iterable[str]) -> set[str]:
    """Names of some models and of all that they are made of."""
    found = set(names)
    for model in reversed(models):
        if model.name in found:
            found.update(model.parents)
    return found


def _graph(manifest: Manifest) -> list[ModelParents]:
    """Every model but ephemeral ones behind those that it reads, in one order always."""
    nodes: Mapping[str, Any] = manifest.nodes
    models = {}
    for name, node in sorted(nodes.items()):
        if name.startswith("model.") and node.config.materialized != "ephemeral":
            inside = with_ephemeral_parents(name, manifest)
            parents = {one for model in inside for one in nodes[model].depends_on.nodes} - inside
            read = tuple(sorted(nodes[parent].name for parent in parents if parent in nodes))
            models[node.name] = ModelParents(node.name, node.config.materialized, read)
    order = TopologicalSorter({name: model.parents for name, model in models.items()})
    return [models[name] for name in order.static_order()]


def _fitting(kept: Sequence[PreparedModel], target: DbtTarget) -> dict[str, PreparedModel]:
    """Of each model the form of these variables and of this warehouse's answers, if it is kept."""
    values = values_of(target.variables)
    kept = [model for model in kept if model.variables.items() <= values.items()]
    if not kept:
        return {}
    questions = set(chain.from_iterable(model.answers for model in kept))
    answers = _answers(questions, target)
    return {m.name: m for m in kept if m.answers.items() <= answers.items()}


def _answers(questions: Iterable[str], target: DbtTarget) -> dict[str, str]:
    with connected(target) as con:
        said = {question: str(con.execute(question).fetchall()) for question in questions}
    return {question: hashlib.sha256(rows.encode()).hexdigest() for question, rows in said.items()}


def _prepare(
    target: DbtTarget, manifest: Manifest, *, full_refresh: bool, names: Sequence[str] | None
) -> list[PreparedModel]:
    """Some models (none named: all that are built), prepared by dbt, which executes nothing.

    dbt compares every name with every node: naming all costs a fifth of the time.
    """
    statements: dict[str, list[str]] = {}
    asked: dict[str, set[str]] = defaultdict(set)
    arguments = ["run", *(["--full-refresh"] if full_refresh else [])]
    if names is not None:
        arguments += ["--select", *names]
    elif not full_refresh:
        arguments += ["--exclude", "config.materialized:view"]
    result = run_dbt(
        arguments, target, [_listener(statements, asked)], at_run_time={"is_preparing": True}
    )
    for run in results_of(result):
        if run.status in ("error", "fail"):
            raise BuildError(f"model {run.node.name} failed: {str(run.message).strip()}")
    if not result.success:
        raise BuildError(f"dbt could not prepare the models: {result.exception}")
    read, values = variables_read(manifest), values_of(target.variables)
    answers = _answers(set(chain.from_iterable(asked.values())), target)
    prepared = []
    for run in results_of(result):
        node = run.node
        inside = with_ephemeral_parents(node.unique_id, manifest)
        questions = {question for name in inside for question in asked.get(name, ())}
        prepared.append(
            PreparedModel(
                node.schema,
                node.name,
                node.config.materialized,
                tuple(statements[node.unique_id]),
                {question: answers[question] for question in sorted(questions)},
                {name: values[name] for name in sorted(read(node.unique_id))},
            )
        )
    return prepared


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


def _load(target: DbtTarget, suffix: str) -> Kept:
    content = load_content(target.parsed, _key(target), suffix)
    if content is None:
        return Kept([], [])
    kept = json.loads(content)
    return Kept(
        [ModelParents(**{**one, "parents": tuple(one["parents"])}) for one in kept["graph"]],
        [PreparedModel(**{**one, "statements": tuple(one["statements"])}) for one in kept["forms"]],
    )


def _keep(target: DbtTarget, suffix: str, kept: Kept) -> None:
    """Keep the newest forms of each model; what another process keeps meanwhile may go."""
    forms: dict[str, list[PreparedModel]] = defaultdict(list)
    for model in kept.forms:
        forms[model.name].append(model)
    newest = [form for name in forms for form in forms[name][-_FORMS:]]
    content = json.dumps(asdict(Kept(kept.graph, newest))).encode()
    keep_content(target.parsed, _key(target), content, suffix)
