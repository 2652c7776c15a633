"""Anthropic's Claude Code report (`usage_report/claude_code`): tokens by person and terminal.

`estimated_cost` is the vendor's own estimate in CENTS, which may be fractional. It is not billed:
usage of `customer_type` `api` is billed in `cost_report` too, and `subscription` usage is paid for
by seats. It is kept as an estimate and is never a charge.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ingest.billing.report_pages.fields import (
    FieldFault,
    Record,
    as_record,
    count,
    currency,
    flag,
    iso_time,
    money,
    stated_json,
    text,
)
from ingest.billing.report_pages.pages import Page, restatement
from ingest.records.format import SourceConfig
from ingest.records.pseudonyms import PersonColumns, pseudonym, pseudonym_of

_CENT = Decimal("0.01")


def claude_code_usage(
    entry: Record, record: Record, page: Page, config: SourceConfig
) -> dict[str, Any]:
    """Return the usage of one model in one record: a person's day in one kind of terminal.

    A page is cut after so many records, so the record is what a newer answer replaces, not the day.
    """
    stated = iso_time(record, "date")
    day = datetime(stated.year, stated.month, stated.day)
    actor = as_record(record.get("actor"), "actor")
    person = _pseudonym(actor, config)
    dimensions = stated_json(
        {**record, "api_key_name": actor.get("api_key_name")},
        "terminal_type",
        "is_remote",
        "subscription_type",
        "api_key_name",
    )
    return {
        "x_restatement_key": _key(day, record, person, dimensions, page, config),
        "x_as_of": page.fetched_at,
        "x_delivery": page.delivery,
        "x_provider": "anthropic",
        "usage_type": "claude_code",
        "bucket_start": day,
        "bucket_end": day + timedelta(days=1),
        "model": text(entry, "model"),
        "x_user_id": person,
        "x_customer_type": text(record, "customer_type"),
        "x_dimensions": dimensions,
        "x_estimated_cost_usd": _estimate(entry),
        **_tokens(as_record(entry.get("tokens"), "tokens")),
    }


def _key(
    day: datetime,
    record: Record,
    person: str | None,
    dimensions: str | None,
    page: Page,
    config: SourceConfig,
) -> str:
    flag(record, "is_remote")
    whose = (text(record, "organization_id"), person, text(record, "customer_type"), dimensions)
    key = restatement("anthropic", "usage_report/claude_code", day, page, config)
    base = key["x_restatement_key"]
    return "|".join([base, *(part or "" for part in whose)])


def _pseudonym(actor: Record, config: SourceConfig) -> str | None:
    """Return the pseudonym of a person's e-mail address; a key's usage has no person."""
    kind = text(actor, "type")
    if kind == "api_actor":
        return None
    address = text(actor, "email_address")
    if kind != "user_actor" or address is None:
        raise FieldFault("actor", "must be a user_actor with e-mail address, or an api_actor")
    return pseudonym_of(address, config.salt)


def _rekeyed(salt: str) -> dict[str, str]:
    """Return the columns that hold a person's pseudonym, as one more salt makes them, as SQL."""
    person = pseudonym("x_user_id", salt)
    return {
        "x_user_id": person,
        "x_restatement_key": (
            f"replace(x_restatement_key, '|' || x_user_id || '|', '|' || {person} || '|')"
        ),
    }


PERSON_COLUMNS = PersonColumns(
    "billing_usage", "usage_type = 'claude_code' and x_user_id is not null", _rekeyed
)


def _estimate(entry: Record) -> Decimal | None:
    if entry.get("estimated_cost") is None:
        return None
    cost = as_record(entry["estimated_cost"], "estimated_cost")
    if currency(cost, "currency", "estimated_cost.currency") != "USD":
        raise FieldFault("estimated_cost.currency", "must be USD: the column is in US dollars")
    return money(cost.get("amount"), "estimated_cost.amount", unit=_CENT)


def _tokens(tokens: Record) -> dict[str, int | None]:
    """Return the vector; the report does not tell how long a cache write lives."""
    return {
        "input_uncached_tokens": count(tokens, "input"),
        "cache_read_tokens": count(tokens, "cache_read"),
        "cache_write_other_tokens": count(tokens, "cache_creation"),
        "output_tokens": count(tokens, "output"),
    }
