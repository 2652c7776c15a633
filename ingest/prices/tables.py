"""The two tables that the price book gives to the warehouse, as data."""

from __future__ import annotations

import pyarrow as pa

from ingest.contracts.columns import Column, Table
from ingest.prices.vocabulary import PRICED, SERVICE_TIERS, TOKEN_CLASSES
from ingest.records.format import arrow_type

MODEL_PRICES = Table(
    name="model_prices",
    grain="one price of one token class of one model in one region, in one range of time, hours and"
    " input size",
    standard="genai-prices",
    day_from="valid_from",
    columns=(
        Column("price_key", "VARCHAR", "Name of the rate card.", required=True),
        Column("price_provider", "VARCHAR", "Provider in the price book.", required=True),
        Column("price_model", "VARCHAR", "Model in the price book.", required=True),
        Column(
            "region",
            "VARCHAR",
            "Region of calls, lower case; NULL for every region without prices of its own.",
        ),
        Column(
            "service_tier",
            "VARCHAR",
            "Price tier; what a tier without rows costs is unknown.",
            required=True,
            allowed=SERVICE_TIERS,
        ),
        Column(
            "token_class",
            "VARCHAR",
            "Token class, part of one, or fee by the piece.",
            required=True,
            allowed=PRICED,
        ),
        Column(
            "usd_per_mtok",
            "DECIMAL(12,6)",
            "USD for a million tokens or pieces.",
            required=True,
            non_negative=True,
        ),
        Column(
            "valid_from", "TIMESTAMP", "UTC, inclusive; 1970-01-01 means always.", required=True
        ),
        Column("valid_to", "TIMESTAMP", "UTC, exclusive; 9999-12-31 means open.", required=True),
        Column(
            "daily_from", "TIME", "UTC time of day, inclusive; 00:00 means midnight.", required=True
        ),
        Column("daily_to", "TIME", "UTC time of day, exclusive; NULL means midnight."),
        Column(
            "min_input_tokens",
            "BIGINT",
            "Smallest total input that pays this price.",
            required=True,
            non_negative=True,
        ),
        Column("max_input_tokens", "BIGINT", "Exclusive upper bound; NULL means none."),
        Column(
            "inherited_from",
            "VARCHAR",
            "Class whose price this is; NULL for its own price.",
            allowed=TOKEN_CLASSES,
        ),
        Column("source", "VARCHAR", "Price list and version, or file and line.", required=True),
        Column("known_from", "TIMESTAMP", "When this workspace learned of it, UTC."),
    ),
)

MODEL_MATCHES = Table(
    name="model_matches",
    grain="one provider and model as calls or bills name them, in one stretch of time",
    standard="OpenTelemetry GenAI semantic conventions",
    day_from="",
    columns=(
        Column("provider", "VARCHAR", "Provider as in the rows; NULL when they name none."),
        Column("model", "VARCHAR", "Model as in the rows.", required=True),
        Column(
            "valid_from", "TIMESTAMP", "UTC, inclusive; 1970-01-01 means always.", required=True
        ),
        Column("valid_to", "TIMESTAMP", "UTC, exclusive; 9999-12-31 means open.", required=True),
        Column(
            "provider_name",
            "VARCHAR",
            "gen_ai.provider.name under which a provider's calls and bills meet.",
        ),
        Column(
            "model_id",
            "VARCHAR",
            "The model's one identity in every channel; NULL when nobody knows the name.",
        ),
        Column("price_key", "VARCHAR", "Rate card that prices it; NULL when none does."),
        Column(
            "match_rule",
            "VARCHAR",
            "What says what the name means.",
            required=True,
            allowed=("alias", "override", "genai-prices", "same words", "own name", "unmatched"),
        ),
        Column("reason", "VARCHAR", "Why there is no identity or price, or what was assumed."),
    ),
)


def arrow_schema(table: Table) -> pa.Schema:
    """Arrow schema of a contract's columns; TIME in microseconds."""
    return pa.schema(
        [
            (column.name, pa.time64("us") if column.type == "TIME" else arrow_type(column.type))
            for column in table.columns
        ]
    )
