"""The dbt project as a graph: its models, what each is made of, and the data tests that guard it.

dbt takes seconds to parse its project. What a graph needs of it is kept as JSON in the workspace,
under a fingerprint of what was parsed: who only draws the graph parses nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.dbt_models.build import models_fingerprint
from pipelines.dbt_models.dbt_command import PROJECT, parse_project, target_of
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PUBLISHED_LAYERS = ("marts", "reports")
"""Layers whose relations analysts get."""


@dataclass(frozen=True)
class ModelColumn:
    """A column as its contract states it; the type is empty where no contract does."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class DataTest:
    """A data test of one relation.

    Attributes:
        name: short, one of its relation: `unique_grain`, `not_null_utc_day`.
        dbt_name: the test's name in the dbt project, by which results come.
    """

    name: str
    dbt_name: str


@dataclass(frozen=True)
class ModelNode:
    """A model and what surrounds it.

    Attributes:
        schema: the layer: `staging`, `intermediate`, `marts` or `reports`.
        domain: the folder inside the layer.
        materialized: dbt's word: `table`, `view`, `incremental`, `ephemeral`.
        checksum: changes with the model's text.
        owner: team that answers for it; None where nobody is named.
        parents: relations it reads, `schema.name`; sources stand in `raw`.
        tests: the data tests that are about it.
    """

    schema: str
    name: str
    domain: str
    materialized: str
    checksum: str
    description: str
    owner: str | None
    columns: tuple[ModelColumn, ...]
    parents: tuple[str, ...]
    tests: tuple[DataTest, ...]

    @property
    def relation(self) -> str:
        """Its name in SQL."""
        return f"{self.schema}.{self.name}"

    @property
    def is_published(self) -> bool:
        """Whether analysts get it."""
        return self.schema in PUBLISHED_LAYERS


@dataclass(frozen=True)
class RawTable:
    """A table of schema `raw` that staging reads."""

    name: str
    description: str

    @property
    def relation(self) -> str:
        """Its name in SQL."""
        return f"raw.{self.name}"


@dataclass(frozen=True)
class ProjectGraph:
    """Every model and every raw table of the project, by name."""

    models: tuple[ModelNode, ...]
    raw_tables: tuple[RawTable, ...]


def project_graph(workspace: Workspace, settings: Settings) -> ProjectGraph:
    """The graph under these settings; parses the project only when it or they changed.

    Raises:
        BuildError: dbt could not parse its project.
    """
    file, key = workspace.dbt / "graph.json", _fingerprint(settings)
    graph = _kept(file, key)
    if graph is None:
        graph = graph_of(parse_project(target_of(workspace, settings)))
        _keep(file, key, graph)
    return graph


def graph_of(manifest: Manifest) -> ProjectGraph:
    """The graph that a parsed project describes."""
    nodes: dict[str, Any] = {**manifest.nodes, **manifest.sources}
    relations = {key: f"{node.schema}.{node.name}" for key, node in nodes.items()}
    models = {key: node for key, node in nodes.items() if key.startswith("model.")}
    parents = {key: list(node.depends_on.nodes) for key, node in models.items()}
    tests = _tests_by_model(manifest, parents)
    return ProjectGraph(
        tuple(
            _model(node, [relations[parent] for parent in parents[key]], tests[key])
            for key, node in sorted(models.items(), key=lambda item: relations[item[0]])
        ),
        tuple(
            RawTable(source.name, source.description.strip())
            for _, source in sorted(manifest.sources.items())
        ),
    )


def _model(node: Any, parents: Iterable[str], tests: Iterable[DataTest]) -> ModelNode:
    return ModelNode(
        schema=node.schema,
        name=node.name,
        domain=node.fqn[2],
        materialized=node.config.materialized,
        checksum=node.checksum.checksum[:16],
        description=node.description.strip(),
        owner=node.config.meta.get("owner"),
        columns=tuple(
            ModelColumn(column.name, column.data_type or "", column.description.strip())
            for column in node.columns.values()
        ),
        parents=tuple(sorted(set(parents))),
        tests=tuple(sorted(tests, key=lambda test: test.name)),
    )


def _tests_by_model(
    manifest: Manifest, parents: Mapping[str, Sequence[str]]
) -> dict[str, list[DataTest]]:
    """Every data test under the model that it is about."""
    from dbt.contracts.graph.nodes import GenericTestNode, SingularTestNode

    found: dict[str, list[DataTest]] = {model: [] for model in parents}
    for node in manifest.nodes.values():
        if not isinstance(node, GenericTestNode | SingularTestNode):
            continue
        if isinstance(node, GenericTestNode):
            about = str(node.attached_node)
            words = [node.test_metadata.name, node.column_name]
            name = "_".join(word for word in words if word)
        else:
            tested = [name for name in node.depends_on.nodes if name in parents]
            about = _last_built(tested, parents)
            name = node.name
        found[about].append(DataTest(name, node.name))
    return found


def _last_built(tested: Sequence[str], parents: Mapping[str, Sequence[str]]) -> str:
    """Of the models that a test compares, the one that is made of most of the others.

    It is the one whose numbers the test proves; among equals the first that the test names.
    """
    return max(tested, key=lambda model: len(_ancestors(model, parents) & set(tested)))


def _ancestors(model: str, parents: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    left = [model]
    while left:
        for parent in parents.get(left.pop(), ()):
            if parent not in found:
                found.add(parent)
                left.append(parent)
    return found


def _fingerprint(settings: Settings) -> str:
    """A hash of everything that the graph follows from, this module's own form included."""
    files = sorted((PROJECT / "tests").rglob("*.sql"))
    digest = hashlib.sha256(models_fingerprint(settings).encode() + Path(__file__).read_bytes())
    for path in files:
        digest.update(path.relative_to(PROJECT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _kept(file: Path, key: str) -> ProjectGraph | None:
    """The graph on disk; None when it is another project's, or cannot be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return _graph(content) if content["fingerprint"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _graph(content: Mapping[str, Any]) -> ProjectGraph:
    return ProjectGraph(
        tuple(
            ModelNode(
                **{
                    **model,
                    "columns": tuple(ModelColumn(**column) for column in model["columns"]),
                    "parents": tuple(model["parents"]),
                    "tests": tuple(DataTest(**test) for test in model["tests"]),
                }
            )
            for model in content["models"]
        ),
        tuple(RawTable(**table) for table in content["raw_tables"]),
    )


def _keep(file: Path, key: str, graph: ProjectGraph) -> None:
    """Replace the graph on disk; the web server may read it at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_text(json.dumps({"fingerprint": key, **asdict(graph)}), encoding="utf-8")
    unfinished.replace(file)
