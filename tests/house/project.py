"""The project seen from outside: its own files, and its models by layer."""

from __future__ import annotations

from pathlib import Path

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ManifestNode, ModelNode

from tests.conftest import REPOSITORY

ROOMS = ("ingest", "dbt_project", "pipelines", "dashboards", "tests")

_BUILT = {"target", "logs", "__pycache__", "node_modules"}


def own_files(*suffixes: str) -> list[Path]:
    """Files of the rooms, built and cached ones left out, relative to the repository."""
    found = []
    for room in ROOMS:
        for path in sorted((REPOSITORY / room).rglob("*")):
            relative = path.relative_to(REPOSITORY)
            if path.suffix in suffixes and path.is_file() and not _BUILT & set(relative.parts):
                found.append(relative)
    return found


def models(manifest: Manifest, *layers: str) -> list[ModelNode]:
    """Models of some layers, or of all, by name."""
    nodes = [n for n in manifest.nodes.values() if isinstance(n, ModelNode)]
    found = [n for n in nodes if not layers or layer(n) in layers]
    assert found
    return sorted(found, key=lambda n: n.name)


def layer(node: ManifestNode) -> str:
    """The folder below `models` that a model lies in."""
    return node.fqn[1]


def domain(node: ManifestNode) -> str:
    """The folder below its layer that a model lies in."""
    return node.fqn[2]
