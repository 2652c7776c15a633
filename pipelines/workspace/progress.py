"""How a step tells whoever watches how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Step:
    """A step under way.

    Attributes:
        name: what is worked on, as `land litellm`.
        figures: what came of it, in words, as `120 files`; empty when its count says it all.
        is_idle: there was nothing to do.
    """

    name: str
    figures: str = ""
    is_idle: bool = False


class Progress:
    """A watcher of steps; this one is nobody.

    A watcher overrides what it shows. `ingest` knows it as a function of its three counts.
    """

    def __call__(self, what: str, done: int, total: int) -> None:
        """So many of so many are done."""

    def begins(self, step: Step) -> None:
        """A step begins."""

    def ends(self, step: Step) -> None:
        """A step has come to its end; one that fails never does."""

    def detail(self, text: str) -> None:
        """One thing that a step did, for those who want to know all of them."""

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Tell the beginning and the end of a step around its work."""
        step = Step(name)
        self.begins(step)
        yield step
        self.ends(step)


silent = Progress()
"""Progress that nobody watches."""
