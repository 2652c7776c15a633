"""Traffic class of a call, by the words that sources have for judges, guardrails and CI.

What the settings of a source say goes before (`[attribution] traffic_class`), and so does a class
that the record itself states (`traffic_class` among its metadata or tags). Langfuse runs its own
evaluators and experiments in environments `langfuse-...`, a prefix that it refuses to others.
"""

from __future__ import annotations

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.mapping.expression import Expression
from ingest.mapping.sections import compile_columns
from ingest.records.fields import Leaf
from ingest.records.format import SourceConfig
from ingest.sql import literal

COLUMN = "traffic_class"

LANGFUSE_OWN = "langfuse-%"
"""Pattern of the environments in which Langfuse itself evaluates."""

LANGFUSE_JUDGES = ("evaluator", "guardrail")
"""Types of Langfuse's observations that judge."""


def usual_class(
    config: SourceConfig, places: object, evaluates: str, leaves: tuple[Leaf, ...] = ()
) -> Expression:
    """The class that a record states; else `evaluation` where it shows that it judges.

    A word that is no class says nothing: applications may mean another thing by that name.

    Args:
        config: the source, for messages.
        places: entry of a mapping: where a record may state its class.
        evaluates: predicate over leaves: the record judges other calls.
        leaves: what the predicate reads.
    """
    stated = compile_columns(config, "attribution", {COLUMN: places}, GATEWAY_CALLS)[COLUMN]
    words = ", ".join(literal(word) for word in GATEWAY_CALLS.column(COLUMN).allowed)
    sql = (
        f"case when lower({stated.sql}) in ({words}) then lower({stated.sql})"
        f" when {evaluates} then 'evaluation' end"
    )
    return Expression(sql, COLUMN, (*stated.leaves, *leaves))
