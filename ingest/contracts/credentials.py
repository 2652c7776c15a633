"""What looks like a credential never enters the lake, whichever field a caller put it into."""

from __future__ import annotations

import re

from ingest.contracts.columns import Column
from ingest.sql import literal

REMOVED = "[credential removed]"

_SHORTEST = 20
"""No pattern fits a shorter text: most values are spared the comparison."""

_PATTERN = "|".join(
    (
        r"\bsk-[A-Za-z0-9_-]{17,}",  # OpenAI, Anthropic, LiteLLM, OpenRouter
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # AWS
        r"\bAIza[0-9A-Za-z_-]{30,}",  # Google
        r"\b(?:gh[pousr]_|github_pat_|glpat-|hf_|xox[abprs]-|pk-lf-|gsk_|xai-)[A-Za-z0-9_-]{16,}",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # a JSON Web Token
        r"(?i:\bbearer\s+)[A-Za-z0-9._~+/=-]{16,}",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*-----)?",
    )
)

MADE_BY_MACHINES = frozenset(
    {"call_id", "request_id", "provider_response_id", "trace_id", "parent_call_id"}
)
"""Identifiers that no caller writes."""


def hide_credentials(text: str) -> str:
    """A text with every part that looks like a credential taken out."""
    return re.sub(_PATTERN, REMOVED, text)


def without_credentials(column: Column, sql: str) -> str:
    """SQL of a text column's value, with every part that looks like a credential taken out.

    Args:
        column: a column of a canonical table; one with fixed words is returned as it is.
        sql: its value.
    """
    if column.type != "VARCHAR" or column.allowed or column.name in MADE_BY_MACHINES:
        return sql
    return (
        f"case when length({sql}) >= {_SHORTEST}"
        f" then regexp_replace({sql}, {literal(_PATTERN)}, {literal(REMOVED)}, 'g')"
        f" else {sql} end"
    )
