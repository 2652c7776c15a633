"""Say, once for each model that calls or bills name, what it is and which rate card prices it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa

from ingest.prices.aliases import Alias, aliases_of, shipped_aliases
from ingest.prices.book import override_key
from ingest.prices.identity import model_identity, same_words
from ingest.prices.lookup import find_entry, name_candidates
from ingest.prices.overrides import Override
from ingest.prices.tables import MODEL_MATCHES, arrow_schema
from ingest.prices.vocabulary import canonical_provider, is_private_model, provider_name
from ingest.reference.columns import ALWAYS, OPEN

OwnPrices = Mapping[tuple[str | None, str], str]
"""Rate card by (provider, name) of the workspace's price file."""


@dataclass(frozen=True)
class Match:
    """What a name was found to be.

    Attributes:
        model_id: the model's one identity; None when nobody knows the name.
        price_key: rate card; None when nothing prices it.
        match_rule: what found it, a word of `MODEL_MATCHES`.
        reason: why there is no identity or no price, or what was assumed.
    """

    model_id: str | None
    price_key: str | None
    match_rule: str
    reason: str | None = None


def match_models(
    pairs: Iterable[tuple[str | None, str]],
    overrides: Sequence[Override] = (),
    aliases: Sequence[Alias] = (),
) -> pa.Table:
    """Match the models that calls and bills name to identities and rate cards.

    Args:
        pairs: provider (or None) and model exactly as the rows have them, repeats allowed.
        overrides: the same rows that the price book was made with.
        aliases: rows of `config/models.csv`.

    Returns:
        The columns of `MODEL_MATCHES`, one row per distinct pair and stretch of time, sorted. Of
        one pair the stretches cover all time and do not overlap. In order, what says what a name
        means: `config/models.csv`, an exact name in `config/prices.csv`, the price book, the names
        that Outlay ships, and the words of which the name consists; a name that nothing explains
        is kept, with its reason. Words give an identity and never a price; a fine-tuned or
        reserved model is its own.
    """
    own = {(row.provider, row.model): override_key(row) for row in overrides}
    distinct = sorted(dict.fromkeys(pairs), key=lambda pair: (pair[0] or "", pair[1]))
    rows = [row for pair in distinct for row in _rows(*pair, own, aliases)]
    return pa.Table.from_pylist(rows, schema=arrow_schema(MODEL_MATCHES))


def _rows(
    provider: str | None, model: str, own: OwnPrices, aliases: Sequence[Alias]
) -> Iterator[dict[str, Any]]:
    """The stretches of one name, cut where one of its aliases begins or ends."""
    dated = list(aliases_of(provider, model, aliases))
    edges = {ALWAYS, OPEN, *(a.valid_from for a in dated), *(a.valid_to for a in dated)}
    for valid_from, valid_to in pairwise(sorted(edges)):
        match = _match(provider, model, own, _at(dated, valid_from))
        yield {
            "provider": provider,
            "model": model,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "provider_name": _seller_name(provider, match),
            **vars(match),
        }


def _seller_name(provider: str | None, match: Match) -> str | None:
    """Who served the call; where a framework's name stands for him, he who prices the model."""
    is_named = provider is not None and canonical_provider(provider) is not None
    if provider is None or is_named or match.price_key is None:
        return provider_name(provider)
    return provider_name(match.price_key.partition("/")[0])


def _at(aliases: Iterable[Alias], moment: datetime) -> Alias | None:
    return next((a for a in aliases if a.valid_from <= moment < a.valid_to), None)


def _match(provider: str | None, model: str, own: OwnPrices, alias: Alias | None) -> Match:
    if alias:
        return _as_alias(provider, alias, own)
    priced = _priced(provider, model, own)
    if priced.model_id:
        return priced
    if is_private_model(model):
        return Match(model.strip().lower(), None, "own name", priced.reason)
    if shipped := next(aliases_of(provider, model, shipped_aliases()), None):
        return _as_alias(provider, shipped, own)
    return _by_words(provider, model, priced)


def _as_alias(provider: str | None, alias: Alias, own: OwnPrices) -> Match:
    """What the alias points at, priced where its name can be priced."""
    meant = _priced(provider, alias.model_id, own)
    if meant.model_id is None:
        meant = _by_words(provider, alias.model_id, meant)
    return Match(meant.model_id or alias.model_id, meant.price_key, "alias", meant.reason)


def _priced(provider: str | None, model: str, own: OwnPrices) -> Match:
    """By an exact name in the workspace's price file, else by the price book's rules."""
    lookup = find_entry(provider, model)
    entry = lookup.entry or lookup.known
    identity = model_identity(entry) if entry else None
    for name in name_candidates(canonical_provider(provider), model):
        if name in own:
            return Match(identity or name[1], own[name], "override")
    price_key = lookup.entry.price_key if lookup.entry else None
    return Match(identity, price_key, "genai-prices" if entry else "unmatched", lookup.reason)


def _by_words(provider: str | None, model: str, unmatched: Match) -> Match:
    found = sorted(same_words(provider, model))
    if len(found) == 1:
        return Match(found[0], None, "same words", unmatched.reason)
    if found:
        reason = f"its words fit several models: {', '.join(found)}"
        return Match(None, None, "unmatched", reason)
    return unmatched
