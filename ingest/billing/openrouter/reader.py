"""OpenRouter: activity pages, generation records, and the activity page's CSV export.

Source: the OpenAPI description in OpenRouterTeam/typescript-sdk, 2026-08-22. Amounts are dollars
(credits). With a key of one's own (BYOK) `usage` is OpenRouter's fee alone and the inference is
paid to the upstream provider: spend is both, on two lines, the second one with the upstream
provider as issuer of the invoice.

One day's spend may arrive as an activity page and as a CSV: both carry the day as restatement key,
so that one of them counts. Generation records come one by one and have no day to replace; they are
usage, and charges only when the settings say `bill = "generations"` (pages and CSV then are usage).
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb

from ingest.billing.openrouter.activity_csv import stage_csv
from ingest.billing.report_pages.fields import (
    FieldFault,
    Record,
    as_record,
    calendar_month,
    count,
    flag,
    iso_time,
    money,
    quantity,
    required_count,
    text,
)
from ingest.billing.report_pages.pages import SUFFIXES, Page, read_pages, restatement
from ingest.errors import ConfigError
from ingest.records.format import (
    Format,
    InputFile,
    Refusal,
    Reject,
    Row,
    SourceConfig,
    Staged,
    stage_rows,
)

_log = logging.getLogger(__name__)

_SOURCES = ("activity", "generations")

_NOT_A_BILL = {
    "total_credits": "a credit balance",
    "metadata": "an analytics answer, whose metrics and dimensions the asker chose",
    "hash": "a list of keys",
    "completion_tokens_details": "the usage part of one chat answer",
}
"""Telling field of other answers of the same API -> what they are."""


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Stage the charges and usage of OpenRouter files.

    Raises:
        SourceFileError: a file is damaged, holds no data, or is another answer of the API.
        ConfigError: the setting `bill` is none of `activity` and `generations`.
    """
    is_activity = _bill(config) == "activity"
    account = config.options.get("account")
    for file in files:
        if file.kind == "csv":
            yield from stage_csv(con, file, account, with_charges=is_activity)
    pages = [file for file in files if file.kind != "csv"]
    yield from stage_rows(con, ((file, _page_rows(file, config)) for file in pages))


def _page_rows(file: InputFile, config: SourceConfig) -> Iterator[Row | Reject]:
    return (row for page in read_pages(file) for row in rows(page, config))


def _bill(config: SourceConfig) -> str:
    bill = str(config.options.get("bill", "activity"))
    if bill not in _SOURCES:
        raise ConfigError(str(config.path), "bill", f"use one of {', '.join(_SOURCES)}")
    return bill


def rows(page: Page, config: SourceConfig) -> Iterator[Row | Reject]:
    """Yield the rows of an activity page or of one generation record.

    Raises:
        SourceFileError: the page is another answer of the API.
    """
    data = page.body.get("data")
    if isinstance(data, dict) and "total_cost" in data:
        yield from _checked(page.line or 1, data, _generation, page, config)
        return
    items = _activity_items(page, data)
    for number, item in enumerate(items, start=1):
        yield from _checked(page.line or number, item, _activity, page, config)


def _activity_items(page: Page, data: object) -> list[Any]:
    if "error" in page.body:
        raise page.error("the API answered with an error instead of data; fetch the page again")
    first = data[0] if isinstance(data, list) and data else data
    seen = first if isinstance(first, dict) else page.body
    for field, what in _NOT_A_BILL.items():
        if field in seen:
            raise page.error(f"is {what}, not a bill; remove it from the inbox")
    if not isinstance(data, list):
        raise page.error("is not an activity page or generation record of OpenRouter", "data")
    if not data and page.path is None:
        raise page.error("no data returned: the page has no activity")
    if not data:
        _log.warning("%s: the API returned no activity for the asked period", page.file)
    return data


def _checked(
    line: int, item: object, build: Any, page: Page, config: SourceConfig
) -> Iterator[Row | Reject]:
    try:
        found = build(as_record(item, "data"), page, config)
    except FieldFault as fault:
        yield Reject("billing_charges", line, fault.field, fault.reason)
        return
    for table, values in found:
        yield Row(table, line, values)


Built = list[tuple[str, dict[str, Any]]]


def _activity(item: Record, page: Page, config: SourceConfig) -> Built:
    """Return the rows of one day, model and endpoint."""
    stated = iso_time(item, "date")
    day = datetime(stated.year, stated.month, stated.day)
    asked = dataclasses.replace(page, params=_without_date(page))
    shared = {
        **restatement("openrouter", "activity", day, asked, config),
        "sub_account_id": text(item, "workspace_id"),
        # rows name no key; only a request that asked for one key does
        "x_api_key_id": text(page.params, "api_key_hash"),
    }
    tokens = _with_reasoning(
        {
            # Cached tokens are not told apart: prompt_tokens holds them.
            "input_uncached_tokens": required_count(item, "prompt_tokens"),
            "output_tokens": required_count(item, "completion_tokens"),
            "reasoning_tokens": count(item, "reasoning_tokens"),
        }
    )
    model = text(item, "model") or text(item, "model_permaslug")
    usage = {
        **shared,
        **tokens,
        "x_provider": "openrouter",
        "usage_type": "activity",
        "bucket_start": day,
        "bucket_end": day + timedelta(days=1),
        "model": model,
        "requests": count(item, "requests"),
    }
    if _bill(config) != "activity":
        return [("billing_usage", usage)]
    charge = {
        **shared,
        **_period(day, day + timedelta(days=1)),
        "publisher_name": text(item, "provider_name"),
        "resource_id": text(item, "endpoint_id"),
        "x_model": model,
        "x_line_item": text(item, "model_permaslug"),
    }
    lines = _lines(charge, item, "usage", "byok_usage_inference", _total(tokens))
    return [*lines, ("billing_usage", usage)]


def _without_date(page: Page) -> dict[str, Any]:
    """Return the request's parameters but the day, which chooses a bucket and narrows nothing."""
    return {name: value for name, value in page.params.items() if name != "date"}


def _total(tokens: dict[str, int | None]) -> int:
    """Return all tokens of a vector; reasoning is a part of output."""
    return sum(n or 0 for name, n in tokens.items() if name != "reasoning_tokens")


def _generation(item: Record, page: Page, config: SourceConfig) -> Built:
    """Return the rows of one request, in the tokens that are billed (native ones)."""
    at, identity = iso_time(item, "created_at"), text(item, "id")
    if identity is None:
        raise FieldFault("id", "is missing; the API always states it")
    account = config.options.get("account")
    shared = {
        "x_restatement_key": "|".join(
            ["openrouter", "generation", identity, *([str(account)] if account else [])]
        ),
        "x_as_of": page.fetched_at,
        "x_delivery": page.delivery,
        "sub_account_id": text(item, "workspace_id"),
    }
    model, tokens = text(item, "model"), _native_tokens(item)
    usage = {
        **shared,
        **tokens,
        "x_provider": "openrouter",
        "usage_type": "generation",
        "bucket_start": at,
        "model": model,
        "service_tier": text(item, "service_tier"),
        "requests": 1,
    }
    if _bill(config) != "generations":
        return [("billing_usage", usage)]
    tier = text(item, "service_tier")
    charge = {
        **shared,
        **_period(at, None),
        "publisher_name": text(item, "provider_name"),
        "resource_id": identity,
        "x_model": model,
        "x_service_tier": _TIERS.get(tier) if tier else None,
    }
    inference = "upstream_inference_cost" if flag(item, "is_byok") else None
    return [
        *_lines(charge, item, "total_cost", inference, _total(tokens)),
        ("billing_usage", usage),
    ]


_TIERS = {"default": "standard", "standard": "standard", "flex": "flex", "priority": "priority"}


def _native_tokens(item: Record) -> dict[str, int | None]:
    """Return the disjoint vector of native tokens; the prompt includes those read from a cache."""
    prompt, cached = count(item, "native_tokens_prompt"), count(item, "native_tokens_cached")
    if prompt is not None and cached is not None and cached > prompt:
        raise FieldFault("native_tokens_cached", "must not exceed the tokens it is a part of")
    return _with_reasoning(
        {
            "input_uncached_tokens": None if prompt is None else prompt - (cached or 0),
            "cache_read_tokens": cached,
            "output_tokens": count(item, "native_tokens_completion"),
            "reasoning_tokens": count(item, "native_tokens_reasoning"),
        }
    )


def _with_reasoning(tokens: dict[str, int | None]) -> dict[str, int | None]:
    """Return the vector with reasoning as a part of output.

    x.ai counts it beside the completion: more of it than of the whole is no part.
    """
    output, reasoning = tokens["output_tokens"], tokens["reasoning_tokens"]
    if output is not None and reasoning is not None and reasoning > output:
        return tokens | {"output_tokens": output + reasoning}
    return tokens


def _period(start: datetime, end: datetime | None) -> dict[str, Any]:
    month, next_month = calendar_month(start)
    return {
        "provider_name": "OpenRouter",
        "x_provider": "openrouter",
        "billing_period_start": month,
        "billing_period_end": next_month,
        "charge_period_start": start,
        "charge_period_end": end,
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "billing_currency": "USD",
    }


def _lines(
    charge: dict[str, Any], item: Record, credits_field: str, inference: str | None, tokens: int
) -> Built:
    """Return what OpenRouter takes and, with an own key, what the upstream provider takes.

    Tokens stand once, on the line that pays for them.

    Args:
        credits_field: field of the amount that OpenRouter takes.
        inference: field of the amount paid elsewhere; None when there is none.
    """
    taken = money(item.get(credits_field), credits_field)
    paid = None
    if inference is not None and item.get(inference) is not None:
        paid = money(item[inference], inference)
    consumed = {"consumed_quantity": quantity(tokens, "tokens"), "consumed_unit": "Tokens"}
    first = {
        **charge,
        "invoice_issuer_name": "OpenRouter",
        "billed_cost": taken,
        "effective_cost": taken,
        "x_cost_type": "byok_fee" if paid else "tokens",
        **({} if paid else consumed),
    }
    second = {
        **charge,
        **consumed,
        "invoice_issuer_name": charge["publisher_name"],
        "billed_cost": paid,
        "effective_cost": paid,
        "x_cost_type": "byok_inference",
    }
    return [("billing_charges", line) for line in ([first, second] if paid else [first])]


FORMAT = Format(
    name="openrouter",
    title="OpenRouter activity pages, generation records and activity CSV",
    suffixes=(*SUFFIXES, ".csv", ".csv.gz"),
    read=read,
    options=("account", "bill"),
)
"""Settings: `account` (optional) is part of the restatement key; `bill` (optional): `activity`,
the default, or `generations`, says which of the two are charges."""
