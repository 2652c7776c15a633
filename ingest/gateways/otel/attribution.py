"""Where spans say whose a call is: the usual places of every dialect, as entries of a mapping."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.gateways.traffic_classes import LANGFUSE_JUDGES, LANGFUSE_OWN
from ingest.sql import literal

DEFAULT_LABELS: Mapping[str, object] = {
    "agent_version": "gen_ai.agent.version",
    "prompt_name": "gen_ai.prompt.name",
}
"""What the conventions name and no column of a call holds."""


def _places(word: str, *before: str, after: tuple[str, ...] = ()) -> dict[str, object]:
    """The usual places of a word of attribution, where each dialect lets applications put it."""
    return {
        "coalesce": [
            *before,
            word,
            f"app.{word}",
            f"traceloop.association.properties.{word}",
            f"metadata.{word}",
            f"ai.telemetry.metadata.{word}",
            {"path": "tag.tags", "tag": word},
            *after,
        ]
    }


KNOWN_CONTEXT: Mapping[str, object] = {
    "agent_version": "gen_ai.agent.version",
    "prompt_name": "gen_ai.prompt.name",
}
"""What the conventions name of a call's context."""


def context_places(word: str) -> object:
    """Where a span, or its resource, may state a column of a call's context."""
    return {"coalesce": [word, f"app.{word}"]}


AGENT_LEAVES = (
    "gen_ai.agent.name",
    "agent.name",
    "openinference.span.kind",
    "traceloop.span.kind",
    "traceloop.entity.name",
    "name",
)

AGENT_NAME = """
    coalesce("gen_ai.agent.name", "agent.name",
        case when "openinference.span.kind" = 'AGENT' or "traceloop.span.kind" = 'agent'
            then coalesce("traceloop.entity.name", "name") end)"""
"""SQL over AGENT_LEAVES: dialects without an agent's name give it to the agent's span."""


CLASS_PLACES = _places("traffic_class")
"""Where a span may state its traffic class."""

JUDGE_LEAVES = (
    "gen_ai.operation.name",
    "openinference.span.kind",
    "langfuse.observation.type",
    "langfuse.environment",
)

JUDGES = f"""(
    "gen_ai.operation.name" like 'evaluat%' or "gen_ai.operation.name" = 'guardrail'
    or upper("openinference.span.kind") in ('EVALUATOR', 'GUARDRAIL')
    or lower("langfuse.observation.type") in ({", ".join(map(literal, LANGFUSE_JUDGES))})
    or "langfuse.environment" like {literal(LANGFUSE_OWN)})"""
"""SQL over JUDGE_LEAVES: the span judges, and so do the calls below it."""


DEFAULT_ATTRIBUTION: Mapping[str, object] = {
    "session_id": {
        "coalesce": [
            "gen_ai.conversation.id",
            "session.id",
            "conversation.id",
            "traceloop.association.properties.session_id",
            "traceloop.association.properties.thread_id",
        ]
    },
    "task_id": _places("task_id", "task.id"),
    "tenant_id": _places("tenant_id", "tenant.id"),
    "feature": _places("feature", after=("ai.telemetry.functionId",)),
    "task_type": _places("task_type"),
    "prompt_version": _places(
        "prompt_version",
        "gen_ai.prompt.version",
        "llm.prompt_template.version",
        "traceloop.prompt.version",
    ),
    "user_id": {
        "coalesce": [
            "user.id",
            "enduser.id",
            "gen_ai.user",
            "llm.user",
            "traceloop.association.properties.user_id",
            "metadata.user_api_key_user_id",
            "user.email",
        ]
    },
    "api_key_id": {"coalesce": ["metadata.user_api_key_hash"]},
    "team": _places("team", "metadata.user_api_key_team_alias"),
    "environment": {"coalesce": ["deployment.environment.name", "deployment.environment"]},
    "experiment": _places("experiment"),
    "variant": _places("variant"),
    "region": {"coalesce": ["cloud.region"]},
}
"""Where attribution is looked for; an entry of the workspace replaces that of its column."""
