"""The entity diagram of the marts, drawn from their grains: what one row is, and what names it."""

from __future__ import annotations

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode

from tests.house.project import models

TOO_COMMON = {"month", "source_name", "criterion", "incident_id"}
"""Keys that say when or whence: an arrow of them would join everything."""


def diagram(manifest: Manifest) -> list[str]:
    """Entities with a key of their own, and the marts that hold it.

    A mart is drawn where another one's whole grain, of one column, stands among its columns.
    """
    grains = {
        node.attached_node: tuple(node.test_metadata.kwargs["columns"])
        for node in manifest.nodes.values()
        if isinstance(node, GenericTestNode) and node.test_metadata.name == "unique_grain"
    }
    marts = {node.unique_id: node for node in models(manifest, "marts")}
    keys = {
        name: grains[name][0]
        for name in marts
        if len(grains[name]) == 1 and grains[name][0] not in TOO_COMMON
    }
    arrows = [
        (marts[one].name, holder.name, key)
        for one, key in keys.items()
        for name, holder in marts.items()
        if name != one and key in holder.columns and grains[name] != (key,)
    ]
    drawn = sorted({name for one, other, _ in arrows for name in (one, other)} | _joined(marts))
    joins = sorted({*arrows, *_CALL_JOINS})
    return [
        "## Entities",
        "",
        "A line joins a mart to those that name its rows. Everything else joins by day, month,",
        "feature, tenant, provider and model, which are columns of nearly all.",
        "",
        "```mermaid",
        "erDiagram",
        *(f"    {one} ||--o{{ {other} : {key}" for one, other, key in joins),
        *(line for name in drawn for line in _entity(marts, grains, name)),
        "```",
        "",
    ]


_CALL_JOINS = {
    ("fct_calls", "fct_duplicate_calls", "call_id"),
    ("fct_charges", "fct_charges_daily", "utc_day"),
    ("fct_showback", "fct_chargeback", "month"),
    ("fct_chargeback", "fct_statement_lines", "month"),
    ("fct_statements", "fct_statement_lines", "member"),
}
"""Lines that no key of one column says."""


def _joined(marts: dict[str, ModelNode]) -> set[str]:
    known = {node.name for node in marts.values()}
    joined = {name for one, other, _ in _CALL_JOINS for name in (one, other)}
    assert joined <= known
    return joined


def _entity(
    marts: dict[str, ModelNode], grains: dict[str | None, tuple[str, ...]], name: str
) -> list[str]:
    ((unique_id, node),) = [(key, node) for key, node in marts.items() if node.name == name]
    columns = [f"        {_kind(node, column)} {column} PK" for column in grains[unique_id]]
    return [f"    {name} {{", *columns, "    }"]


def _kind(node: ModelNode, column: str) -> str:
    return str(node.columns[column].data_type).partition("(")[0].lower()
