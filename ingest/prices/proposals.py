"""Propose what an unknown name of a model means; a person decides, a proposal never counts.

A proposal shares words and all its version numbers with a model that the same provider sells, or,
failing that, that any publisher sells. The row it gives can be pasted into `config/models.csv`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ingest.prices.identity import Words, identities, spellings, words
from ingest.prices.lookup import book_entries
from ingest.prices.vocabulary import canonical_provider


@dataclass(frozen=True)
class Proposal:
    """A model that a name may mean.

    Attributes:
        model_id: its identity.
        reason: what speaks for it, in words.
    """

    model_id: str
    reason: str


def propose(provider: str | None, name: str) -> Proposal | None:
    """The likeliest meaning of a name, or None when no model shares its words and numbers.

    Args:
        provider: as the rows name it.
        name: as the rows have it.
    """
    seller = canonical_provider(provider)
    said = [words(s) for s in spellings(seller or "", name)]
    places = [(f"sold by {seller}", identities(seller))] if seller else []
    for where, models in [*places, ("sold by its publisher", _published())]:
        ranked = sorted(
            (-_likeness(one, other), names)
            for one in said
            for other in models
            if _likeness(one, other)
            for names in [sorted(models[other])]
        )
        if ranked and not _tied(ranked):
            shared = ", ".join(_shared(said, words(ranked[0][1][0])))
            return Proposal(ranked[0][1][0], f"{where}; shares {shared}")
    return None


def _tied(ranked: Sequence[tuple[float, list[str]]]) -> bool:
    """Whether several models fit equally well: then none is proposed."""
    best = {name for likeness, names in ranked if likeness == ranked[0][0] for name in names}
    return len(best) > 1


def _likeness(one: Words, other: Words) -> float:
    """Share of words in common, 0 to 1; 0 when their numbers are not the same from the first on.

    A longer version counts half: `5.5` may be meant by `5`, and `4.5` may not.
    """
    (letters, numbers), (their_letters, their_numbers) = one, other
    short, long = sorted((numbers, their_numbers), key=len)
    if tuple(long[: len(short)]) != tuple(short) or bool(short) != bool(long):
        return 0.0
    common = Counter(letters) & Counter(their_letters)
    everything = Counter(letters) | Counter(their_letters)
    return common.total() / everything.total() / (1 + len(long) - len(short)) if common else 0.0


def _shared(said: Sequence[Words], other: Words) -> Iterator[str]:
    letters, numbers = other
    seen = {part for one in said for parts in one for part in parts}
    return (part for part in dict.fromkeys((*letters, *numbers)) if part in seen)


@cache
def _published() -> dict[Words, frozenset[str]]:
    """The models of every provider that sells its own, whoever that is."""
    sellers = sorted({entry.owner for entry in book_entries()} - {"openrouter"})
    found: dict[Words, frozenset[str]] = {}
    for seller in sellers:
        for key, names in identities(seller).items():
            found[key] = found.get(key, frozenset()) | names
    return found
