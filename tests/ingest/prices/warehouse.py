"""Run the two price models in DuckDB without dbt: `ref` becomes a table name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.prices.book import model_prices
from ingest.prices.matching import match_models
from ingest.prices.overrides import Override
from ingest.prices.tables import MODEL_MATCHES, arrow_schema
from ingest.prices.tools import TOOL_PRICES
from ingest.records.format import arrow_type
from ingest.reference.columns import ALWAYS, OPEN

DBT = Path(__file__).parents[3] / "dbt_project"
CALLS = pa.schema([(c.name, arrow_type(c.type)) for c in GATEWAY_CALLS.columns])
CALL = {
    "operation": "chat",
    "service_tier": "standard",
    "cached_hit": False,
    "status": "ok",
}


INPUTS = (
    "input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other",
    "input_audio",
)  # fmt: skip


def token_classes(direction: str | None = None) -> tuple[str, ...]:
    """The macro of that name, which needs dbt."""
    return INPUTS if direction == "input" else (*INPUTS, "output", "output_audio")


PARTS = {
    "input_uncached": ("input_image", "input_video"),
    "cache_read": ("cache_read_audio",),
    "output": ("output_image", "output_video"),
}


def token_parts(token_class: str) -> tuple[str, ...]:
    """The macro of that name."""
    return PARTS.get(token_class, ())


def priced_units() -> tuple[str, ...]:
    """The macro of that name."""
    return (*token_classes(), "web_search", *(part for parts in PARTS.values() for part in parts))


def sql_of(model: str, tier_without_price: str = "unknown") -> str:
    macros = ("operations", "token_cost_usd", "rate_cards_of_calls", "priced_calls")
    macro = "".join((DBT / "macros" / "calls" / f"{name}.sql").read_text() for name in macros)
    (text,) = (file.read_text() for file in DBT.glob(f"models/intermediate/*/{model}.sql"))
    template = jinja2.Environment().from_string(macro + text)  # noqa: S701 - SQL, not a page
    return template.render(
        ref=lambda name: name,
        config=lambda **_: "",
        var={"tier_without_price": tier_without_price}.__getitem__,
        token_classes=token_classes,
        token_parts=token_parts,
        priced_units=priced_units,
    )


@cache
def rate_cards(
    overrides: tuple[Override, ...], tier_without_price: str = "unknown"
) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.register("prices", model_prices(overrides))
    con.execute("create table stg_prices__model_prices as from prices")
    con.execute(f"create table int_rate_cards as {sql_of('int_rate_cards', tier_without_price)}")
    return con


def price(
    calls: Iterable[Mapping[str, Any]],
    overrides: Sequence[Override] = (),
    price_keys: Mapping[str, str] | None = None,
    tier_without_price: str = "unknown",
) -> list[dict[str, Any]]:
    """Price calls by SQL, in their order; `price_keys` by model stands in for the matcher."""
    con = rate_cards(tuple(overrides), tier_without_price)
    rows = [{**CALL, "call_id": str(i), **call} for i, call in enumerate(calls)]
    pairs = [(row.get("provider"), row["request_model"]) for row in rows]
    if price_keys is None:
        matches = match_models(pairs, overrides)
    else:
        named = [
            {
                "provider": p,
                "model": m,
                "price_key": price_keys[m],
                "match_rule": "override",
                "valid_from": ALWAYS,
                "valid_to": OPEN,
            }
            for p, m in dict.fromkeys(pairs)
        ]
        matches = pa.Table.from_pylist(named, schema=arrow_schema(MODEL_MATCHES))
    con.register("stg_prices__model_matches", matches)
    con.register("stg_prices__tool_prices", TOOL_PRICES.to_arrow([]))
    con.register("int_calls_attributed", pa.Table.from_pylist(rows, schema=CALLS))
    sql = sql_of("int_calls_priced")
    priced = con.execute(f"from ({sql}) order by cast(call_id as bigint)").to_arrow_table()
    con.unregister("stg_prices__model_matches")
    con.unregister("int_calls_attributed")
    found: list[dict[str, Any]] = priced.to_pylist()
    return found
