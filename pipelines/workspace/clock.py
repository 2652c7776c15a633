"""The time that runs and records carry, and identifiers that sort by it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """The present: UTC, naive, whole seconds."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def new_id(moment: datetime) -> str:
    """An identifier of something that began then."""
    return f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
