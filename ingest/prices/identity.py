"""One identity of a model, whichever channel sells it and however a bill spells it.

The identity is the id under which its *publisher* stands in the price book: `claude-sonnet-4-6` for
Anthropic's own API, for Bedrock's `us.anthropic.claude-sonnet-4-6-v1:0`, for OpenRouter's
`anthropic/claude-sonnet-4.6` and for the words `Claude4.6Sonnet` of an AWS bill. A model whose
publisher sells nothing itself (Llama, Nova) is named as its sellers name it, less what only says
how it is served.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from ingest.prices.lookup import Entry, book_entries, own_model, own_models
from ingest.prices.vocabulary import PROVIDER_ALIASES, canonical_provider

Words = tuple[tuple[str, ...], tuple[str, ...]]
"""The words of a name, sorted, and its numbers in their order."""

_SCOPE = re.compile(r"^(?:global|regional|us-gov|us|eu|apac|au|jp|ca|sa|me|af)\.(?=\w+\.)")
"""Bedrock's inference profiles: where a call may be served, not what serves it."""

_SERVED = re.compile(r"(?:-v?1)?(?::\d+)?$|:[a-z]+$")
_REVISION = re.compile(r"-v\d+(?::\d+)?$")
"""Bedrock's revisions and OpenRouter's variants; only a first revision never tells models apart."""

_SIZE = re.compile(r"\d+b\b", re.IGNORECASE)
_LATEST = re.compile(r"-latest$")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SNAPSHOT = re.compile(r"\s(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$")
"""Azure's MMDD behind a model: `gpt 4o 1120`."""


def model_identity(entry: Entry) -> str:
    """Return the identity of a model of the price book."""
    vendor, name = _publisher_and_name(entry)
    bare = _SERVED.sub("", name)
    candidates = (name, _REVISION.sub("", name), bare, f"{vendor}-{bare}")
    published = (_published_as(vendor, n) for n in candidates) if vendor else iter(())
    found = next((own for own in published if own), bare)
    return _LATEST.sub("", found.lower())


def _publisher_and_name(entry: Entry) -> tuple[str | None, str]:
    """Split a seller's model id into its publisher's provider id, if known, and bare name."""
    name = _SCOPE.sub("", entry.model.id)
    separator = "/" if "/" in name else "." if entry.owner == "aws" else ""
    if not separator:
        return _publisher_of_hosted(entry), name
    *_, vendor, bare = name.split("/") if separator == "/" else name.split(".", 1)
    return canonical_provider(vendor), bare


def _published_as(publisher: str, name: str) -> str | None:
    """The id of a publisher's own model that goes by `name`, or that has exactly its words.

    The book's names are loose for open weights: an id that drops a size is another model.
    """
    model = own_model(publisher, name)
    found = model.id if model else _own_words(publisher).get(words(name))
    return found if found and _SIZE.findall(name) == _SIZE.findall(found) else None


@cache
def _own_words(publisher: str) -> Mapping[Words, str]:
    return {words(_LATEST.sub("", model.id)): model.id for model in own_models(publisher)}


def _publisher_of_hosted(entry: Entry) -> str:
    """The provider whose own list has the model: Google sells Claude beside its own Gemini."""
    hosts = entry.publishers
    return next((p for p in hosts if own_model(p, entry.model.id) is not None), entry.owner)


@cache
def identities(seller: str) -> Mapping[Words, frozenset[str]]:
    """The identities of all models that a seller of the price book sells, by their words."""
    found: dict[Words, set[str]] = defaultdict(set)
    for entry in _sold_by(seller):
        identity = model_identity(entry)
        found[words(identity)].add(identity)
    return {key: frozenset(names) for key, names in found.items()}


def _sold_by(seller: str) -> Iterator[Entry]:
    return (entry for entry in book_entries() if entry.provider == seller)


def words(name: str) -> Words:
    """Cut a name into words and numbers: `Claude4.6Sonnet` and `claude-sonnet-4-6` are equal.

    Numbers keep their order, so 4.5 never equals 5.4; a last `.0` says nothing.
    """
    parts = _WORD.findall(name)
    letters = sorted(part.lower() for part in parts if not part.isdigit())
    numbers = [part for part in parts if part.isdigit()]
    while numbers[1:] and numbers[-1] == "0":
        numbers.pop()
    return tuple(letters), tuple(numbers)


def spellings(seller: str, name: str) -> Iterator[str]:
    """The ways to read a bill's words: as they are, then without what the seller's grammar adds.

    Azure puts a snapshot's MMDD behind the model, and leaves out `GPT` since GPT-5.
    """
    yield name
    if seller == "azure":
        bare = _SNAPSHOT.sub("", name)
        yield bare
        if bare[:1].isdigit():
            yield f"gpt {bare}"
    vendor, dot, rest = name.partition(".")
    if dot and vendor.lower() in PROVIDER_ALIASES.keys() | set(PROVIDER_ALIASES.values()):
        yield rest


def same_words(provider: str | None, name: str) -> frozenset[str]:
    """Identities of the provider's models that consist of exactly the words of `name`.

    Args:
        provider: as a call or a bill names it.
        name: a model in a bill's words.

    Returns:
        Usually one; several when the words do not tell them apart; none for unknown words.
    """
    seller = canonical_provider(provider)
    if seller is None:
        return frozenset()
    sold = identities(seller)
    return next((sold[w] for w in map(words, spellings(seller, name)) if w in sold), frozenset())
