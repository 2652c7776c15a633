"""Say, once for each model that calls name, which rate card prices it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from ingest.prices.book import override_key
from ingest.prices.lookup import find_entry, name_candidates
from ingest.prices.overrides import Override
from ingest.prices.tables import MODEL_MATCHES, arrow_schema
from ingest.prices.vocabulary import canonical_provider


def match_models(
    pairs: Iterable[tuple[str | None, str]], overrides: Sequence[Override] = ()
) -> pa.Table:
    """Match the models that calls name to rate cards of `model_prices(overrides)`.

    Args:
        pairs: provider (or None) and model exactly as the calls have them, repeats allowed.
        overrides: the same rows that the price book was made with.

    Returns:
        The columns of `MODEL_MATCHES`, one row per distinct pair, sorted. An exact name in
        `config/prices.csv` comes before the price book; a pair that nothing prices is kept, with
        its reason.
    """
    own = {(row.provider, row.model): override_key(row) for row in overrides}
    distinct = sorted(dict.fromkeys(pairs), key=lambda pair: (pair[0] or "", pair[1]))
    rows = [
        {"provider": provider, "model": model, **_match(provider, model, own)}
        for provider, model in distinct
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(MODEL_MATCHES))


def _match(
    provider: str | None, model: str, own: Mapping[tuple[str | None, str], str]
) -> dict[str, Any]:
    for name in name_candidates(canonical_provider(provider), model):
        if name in own:
            return {"price_key": own[name], "match_rule": "override", "reason": None}
    lookup = find_entry(provider, model)
    if lookup.entry is None:
        return {"price_key": None, "match_rule": "unmatched", "reason": lookup.reason}
    return {
        "price_key": lookup.entry.price_key,
        "match_rule": "genai-prices",
        "reason": lookup.reason,
    }
