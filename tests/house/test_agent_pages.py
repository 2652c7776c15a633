"""What agents are told of metrics is what the manifest declares."""

from __future__ import annotations

from dbt.contracts.graph.manifest import Manifest

from pipelines.agents.catalog import metrics
from tests.house import agent_pages
from tests.house.project import models


def test_every_metric_is_a_column_of_its_model_and_says_what_it_means(manifest: Manifest) -> None:
    nodes = {f"{node.schema}.{node.name}": node for node in manifest.nodes.values()}
    declared = [node for node in nodes.values() if "metrics" in node.config.meta]
    assert len(declared) >= 7
    assert {metric.relation for metric in metrics()} == {
        f"{node.schema}.{node.name}" for node in declared
    }
    for metric in metrics():
        columns = nodes[metric.relation].columns
        assert columns[metric.name].description == metric.description
        assert {*metric.dimensions, metric.period} <= set(columns), metric.relation
        for part in (metric.numerator, metric.denominator or metric.numerator):
            assert {word for word in part.split() if word != "-"} <= set(columns), metric.name
        described = nodes[metric.relation].description
        assert metric.where or "before you sum" not in described, metric.relation


def test_the_skill_names_every_metric_and_every_trap(manifest: Manifest) -> None:
    text = agent_pages.skill(manifest)
    assert [metric.name for metric in metrics() if f"| `{metric.name}` |" not in text] == []
    trapped = [
        node.name
        for node in models(manifest, "marts", "reports")
        if "before you sum" in node.description
    ]
    assert len(trapped) > 30
    assert [name for name in trapped if f".{name}` |" not in text] == []
