"""What callers and gateways state of a call beside its usage: how it was routed, cached, prompted.

Few logs have a word for these; an application states them as metadata under the column's own name.
NULL is unknown, never false or 0.
"""

from __future__ import annotations

from ingest.contracts.columns import Column

_ROUTE: tuple[Column, ...] = (
    Column(
        "is_interactive",
        "BOOLEAN",
        "True when somebody waits for the answer; false of work that could wait for a batch.",
    ),
    Column("route_decision", "VARCHAR", "Tier or rule by which a router chose the model."),
    Column("baseline_model", "VARCHAR", "Model that would have served without the router."),
    Column("fallback_reason", "VARCHAR", "Why another than the chosen model served the request."),
    Column("step", "INTEGER", "Step of the agent's loop, from 1.", non_negative=True),
    Column("sample_group", "VARCHAR", "What samples of one question, to be voted on, share."),
    Column("agent_version", "VARCHAR", "gen_ai.agent.version: release of the agent."),
)

_CACHED_ANSWER: tuple[Column, ...] = (
    Column("cache_similarity", "DECIMAL(9,6)", "Similarity of the semantic cache's match, 0 to 1."),
    Column("cache_age_seconds", "BIGINT", "Age of the cached answer.", non_negative=True),
    Column("cache_ttl_seconds", "BIGINT", "Lifetime of its entry; 0: none.", non_negative=True),
    Column(
        "cache_key_scope",
        "VARCHAR",
        "Who may be given the entry.",
        allowed=("user", "tenant", "shared"),
    ),
    Column("is_cache_encrypted", "BOOLEAN", "True when the cache keeps the answer encrypted."),
    Column("cache_source_call_id", "VARCHAR", "Call whose answer the cache gave again."),
    Column("cache_source_tenant_id", "VARCHAR", "Customer for whom that call was made."),
    Column(
        "cache_source_version",
        "VARCHAR",
        "source_version of the published content that the cached answer was made from.",
    ),
)

_PROMPT: tuple[Column, ...] = (
    Column("prompt_name", "VARCHAR", "gen_ai.prompt.name: template of the prompt."),
    Column("prompt_hash", "VARCHAR", "Salted hash of the whole prompt, spaces made alike."),
    Column("prompt_prefix_hash", "VARCHAR", "Salted hash of its static start: the system message."),
    *(
        Column(f"{part}_tokens", "BIGINT", f"Input tokens of {words}.", non_negative=True)
        for part, words in (
            ("tool_schema", "tool schemas"),
            ("system", "the system message"),
            ("history", "earlier turns"),
            ("retrieval", "retrieved passages"),
            ("question", "the question itself"),
        )
    ),
    Column(
        "uncompressed_input_tokens",
        "BIGINT",
        "Input tokens that the prompt had before somebody compressed it.",
        non_negative=True,
    ),
)

CALL_CONTEXT: tuple[Column, ...] = (*_ROUTE, *_CACHED_ANSWER, *_PROMPT)
"""Columns of `gateway_calls`. Tokens by part are counts of the same input tokens, never added."""

PROMPT_HASHES = frozenset({"prompt_hash", "prompt_prefix_hash"})
"""Columns that are hashed with the workspace salt before they are written."""
