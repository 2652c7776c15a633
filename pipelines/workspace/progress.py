"""How a step tells whoever watches how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (what is worked on, done, to do)."""


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
