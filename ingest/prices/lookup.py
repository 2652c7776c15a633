"""Find a model in the price book that genai-prices carries, by any of the model's names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ConditionalPrice, ModelInfo, ModelPrice, Provider

from ingest.prices.vocabulary import (
    INEXPRESSIBLE,
    OWN_PRICE,
    canonical_provider,
    is_private_model,
)

BOOK_SOURCE = f"genai-prices {version('genai-prices')}"
"""What the `source` column says of a price from the library."""


@dataclass(frozen=True)
class Entry:
    """A model of the book, as one provider sells it.

    Attributes:
        provider: genai-prices id of the seller.
        model: the model.
        owner: provider whose list states the price; differs from `provider` when the seller has
            no price of its own (Azure sells OpenAI's models at OpenAI's list).
    """

    provider: str
    model: ModelInfo
    owner: str

    @property
    def name(self) -> str:
        """Model id, with the owner in front when the price is borrowed."""
        return self.model.id if self.owner == self.provider else f"{self.owner}/{self.model.id}"

    @property
    def price_key(self) -> str:
        """Name of the rate card."""
        return f"{self.provider}/{self.name}"

    @property
    def publishers(self) -> tuple[str, ...]:
        """Providers whose models the seller of this entry also sells, itself last."""
        seller = _provider(self.owner)
        return (*((seller and seller.fallback_model_providers) or ()), self.owner)

    @property
    def is_borrowed(self) -> bool:
        """True when another provider's list states the price."""
        return self.owner != self.provider


@dataclass(frozen=True)
class Lookup:
    """Answer of `find_entry`.

    Attributes:
        entry: the entry whose prices hold; None when there is none.
        reason: why there is none, or what was assumed.
        known: the entry of a model that the book knows and cannot price by tokens.
    """

    entry: Entry | None
    reason: str | None = None
    known: Entry | None = None


def conditional_prices(model: ModelInfo) -> list[ConditionalPrice]:
    """The model's prices as the list form that a single price is short for."""
    if isinstance(model.prices, ModelPrice):
        return [ConditionalPrice(prices=model.prices)]
    return model.prices


def unusable_because(model: ModelInfo) -> str | None:
    """Why token prices of `model` cannot make an estimate, or None when they can."""
    stated = {
        key
        for conditional in conditional_prices(model)
        for key, price in vars(conditional.prices).items()
        if price is not None
    }
    for key, fee in INEXPRESSIBLE.items():
        if key in stated:
            return f"the price book adds {fee}, which token counts cannot carry"
    if not stated & set(OWN_PRICE.values()):
        units = ", ".join(sorted(stated)) or "nothing"
        return f"the price book does not price it by tokens (it states {units})"
    return None


def book_entries() -> Iterator[Entry]:
    """Every model of the book that tokens can price, also as resellers without a price sell it."""
    providers = get_snapshot().providers
    by_id = {provider.id: provider for provider in providers}
    for provider in providers:
        owners = [provider, *(by_id[name] for name in provider.fallback_model_providers or ())]
        for owner in owners:
            for model in owner.models:
                if unusable_because(model) is None:
                    yield Entry(provider.id, model, owner.id)


def find_entry(provider: str | None, model: str) -> Lookup:
    """Find the price book's entry for a provider and model as a call names them.

    A provider in front of the model (`azure/gpt-4o`) counts when the call names no other one.
    Fine-tuned and reserved models match only an entry made for fine-tuned models.
    """
    word = canonical_provider(provider)
    if not model.strip():
        return Lookup(None, "the call names no model")
    if word is not None and _provider(word) is None:
        return Lookup(None, f"provider {provider!r} is not in the price book")
    for seller, name in name_candidates(word or _named_seller(model), model):
        entry = _match(seller, name)
        if entry is None:
            continue
        if is_private_model(name) and not entry.model.id.startswith("ft:"):
            return Lookup(None, "a fine-tuned or reserved model is not priced as its base model")
        if (problem := unusable_because(entry.model)) is not None:
            return Lookup(None, problem, entry)
        return Lookup(entry, _caveat(word, entry))
    if is_private_model(model):
        return Lookup(None, "the price book has no price for this fine-tuned or reserved model")
    return Lookup(None, f"no model of {word or 'any provider'} in the price book has this name")


_BEDROCK = re.compile(r"(?:[a-z-]+\.)?[a-z0-9]+\.[a-z0-9.-]+-v\d+(?::\d+)?", re.IGNORECASE)
"""Bedrock's ids: a scope, the publisher, the model, a revision. Nobody else names models so."""


def _named_seller(model: str) -> str | None:
    """The seller whose way of naming models a name has, where it is one's alone."""
    return "aws" if _BEDROCK.fullmatch(model.strip()) else None


def name_candidates(provider: str | None, model: str) -> Iterator[tuple[str | None, str]]:
    """The names to try, in order: as given, then without a provider in front of the model.

    Args:
        provider: canonical provider, or None.
        model: model as the call names it.
    """
    name = model.strip().lower()
    yield provider, name
    head, slash, rest = name.partition("/")
    prefix = canonical_provider(head)
    known = prefix is None or _provider(prefix) is not None
    if slash and rest and known and (prefix is None or provider in (None, prefix)):
        yield from name_candidates(provider or prefix, rest)


def entry_by_id(provider: str | None, model: str) -> Entry | None:
    """The provider's own entry whose id is `model` (lower case), when tokens can price it."""
    seller = _provider(provider) if provider else None
    for candidate in seller.models if seller else ():
        if seller and candidate.id.lower() == model and unusable_because(candidate) is None:
            return Entry(seller.id, candidate, seller.id)
    return None


def own_model(provider_id: str, name: str) -> ModelInfo | None:
    """The model of a provider's own list that goes by `name`, or None."""
    seller = _provider(provider_id)
    return seller.find_model(name) if seller else None


def own_models(provider_id: str) -> list[ModelInfo]:
    """The models of a provider's own list; none for a provider that the book does not know."""
    seller = _provider(provider_id)
    return seller.models if seller else []


def _provider(provider_id: str) -> Provider | None:
    return next((p for p in get_snapshot().providers if p.id == provider_id), None)


def _match(provider: str | None, name: str) -> Entry | None:
    try:
        seller, model = get_snapshot().find_provider_model(name, None, provider, None)
    except LookupError:
        return None
    if any(model is own for own in seller.models):
        return Entry(seller.id, model, seller.id)
    for owner_id in seller.fallback_model_providers or ():
        owner = _provider(owner_id)
        if owner is not None and any(model is own for own in owner.models):
            return Entry(seller.id, model, owner.id)
    return None


def _caveat(stated: str | None, entry: Entry) -> str | None:
    notes = []
    if stated is None:
        notes.append(f"no provider stated: taken as {entry.provider} from the model's name")
    if entry.is_borrowed:
        notes.append(f"{entry.provider} has no list price: {entry.owner}'s standard price is used")
    return "; ".join(notes) or None
