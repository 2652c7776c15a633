"""Anthropic cost report and messages usage report pages (Admin API `/v1/organizations/...`).

Source of the facts: the vendor's API reference, summarised in formats/billing.md section 2.
Cost amounts are decimal text in fractional CENTS. `uncached_input_tokens` EXCLUDES cache reads and
writes, so the vector is already disjoint; audio does not exist.

Not loaded, with a sentence that says why: Claude Code usage (estimates, partly subscriptions) and
Claude Enterprise analytics (another product, not final for 30 days).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from ingest.billing.fields import (
    FieldFault,
    Record,
    as_record,
    calendar_month,
    count,
    iso_time,
    money,
    required_count,
    text,
)
from ingest.billing.pages import SUFFIXES, Page, read_pages, restatement_key, results
from ingest.contracts import BILLING_CHARGES
from ingest.reading import Format, InputFile, Reject, Row, SourceConfig, Staged, stage_rows

CENT = Decimal("0.01")

# The dot is part of the name: these are not paths.
_TOKEN_CLASSES = {
    "uncached_input_tokens": "input_uncached",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}

_CLAUDE_CODE = (
    "is a Claude Code usage report: its costs are estimates and include subscriptions, so it is "
    "not loaded as API cost; fetch cost_report instead"
)
_ENTERPRISE = (
    "is a Claude Enterprise analytics report: it is not final for about 30 days and is not API "
    "cost, so it is not loaded; fetch cost_report instead"
)


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged]:
    """Stage the charges and usage of Anthropic pages.

    Raises:
        SourceFileError: a file is damaged, holds no data, or is not one of the two reports.
    """
    for file in files:
        found = [row for page in read_pages(file) for row in rows(page, config)]
        yield from stage_rows(con, file, found)


def rows(page: Page, config: SourceConfig) -> Iterator[Row | Reject]:
    """Yield one row of `billing_charges` or `billing_usage` per result of a page.

    Raises:
        SourceFileError: the page is another report.
    """
    _require_bill(page)
    for line, bucket, result in results(page, window="starting_at"):
        is_usage = isinstance(result, dict) and "uncached_input_tokens" in result
        table, build = ("billing_usage", _usage) if is_usage else ("billing_charges", _charge)
        try:
            yield Row(table, line, build(as_record(result, "results"), bucket, page, config))
        except FieldFault as fault:
            yield Reject(table, line, fault.field, fault.reason)


def _require_bill(page: Page) -> None:
    path = page.path or ""
    data = page.body.get("data")
    buckets = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    if "claude_code" in path or any("actor" in b or "model_breakdown" in b for b in buckets):
        raise page.error(_CLAUDE_CODE)
    fields = {name for b in buckets for r in _listed(b) if isinstance(r, dict) for name in r}
    is_enterprise = "data_refreshed_at" in page.body or fields & {"list_amount", "product"}
    if "/analytics/" in path or is_enterprise:
        raise page.error(_ENTERPRISE)
    if page.body.get("object") == "page":
        reason = 'is not an Anthropic report (it looks like an OpenAI page: format = "openai")'
        raise page.error(reason, "object")


def _listed(bucket: Record) -> list[Any]:
    results_ = bucket.get("results")
    return results_ if isinstance(results_, list) else []


def _workspace(result: Record, page: Page) -> str | None:
    """Return the workspace; its null means the default one only when the request grouped by it."""
    workspace = text(result, "workspace_id")
    is_default = workspace is None and "workspace_id" in (page.groups() or ())
    return "default" if is_default else workspace


def _charge(result: Record, bucket: Record, page: Page, config: SourceConfig) -> dict[str, Any]:
    start = iso_time(bucket, "starting_at")
    month, next_month = calendar_month(start)
    currency = text(result, "currency")
    if currency is None:
        raise FieldFault("currency", "is missing; an amount without currency means nothing")
    cost = money(result.get("amount"), "amount", unit=CENT)
    description = text(result, "description")
    tier = text(result, "service_tier")
    tiers = BILLING_CHARGES.column("x_service_tier").allowed
    return {
        "x_restatement_key": restatement_key("anthropic", "cost_report", start, page, config),
        "x_as_of": page.fetched_at,
        "provider_name": "Anthropic",
        "x_provider": "anthropic",
        "publisher_name": "Anthropic",
        "invoice_issuer_name": "Anthropic",
        "billing_account_id": config.options.get("account"),
        "sub_account_id": _workspace(result, page),
        "billing_period_start": month,
        "billing_period_end": next_month,
        "charge_period_start": start,
        "charge_period_end": iso_time(bucket, "ending_at"),
        "charge_category": "Usage",
        "charge_description": description,
        "charge_frequency": "Usage-Based",
        "billed_cost": cost,
        "effective_cost": cost,
        "billing_currency": currency.upper(),
        "x_model": text(result, "model"),
        "x_token_class": _TOKEN_CLASSES.get(text(result, "token_type") or ""),
        "x_service_tier": tier if tier in tiers else None,
        "x_cost_type": text(result, "cost_type"),
        "x_line_item": description,
    }


def _usage(result: Record, bucket: Record, page: Page, config: SourceConfig) -> dict[str, Any]:
    start = iso_time(bucket, "starting_at")
    tier = text(result, "service_tier")
    searches = count(as_record(result.get("server_tool_use") or {}, "server_tool_use"),
                     "web_search_requests")
    return {
        "x_restatement_key": restatement_key(
            "anthropic", "usage_report/messages", start, page, config
        ),
        "x_as_of": page.fetched_at,
        "x_provider": "anthropic",
        "usage_type": "messages",
        "bucket_start": start,
        "bucket_end": iso_time(bucket, "ending_at"),
        "model": text(result, "model"),
        "service_tier": tier,
        "is_batch": tier == "batch" if tier else None,
        "context_window": text(result, "context_window"),
        "sub_account_id": _workspace(result, page),
        "x_api_key_id": text(result, "api_key_id"),
        "x_user_id": text(result, "account_id") or text(result, "service_account_id"),
        "quantity": searches,
        "quantity_unit": None if searches is None else "searches",
        **_tokens(result),
    }


def _tokens(result: Record) -> dict[str, int | None]:
    written = as_record(result.get("cache_creation") or {}, "cache_creation")
    return {
        "input_uncached_tokens": required_count(result, "uncached_input_tokens"),
        "cache_read_tokens": count(result, "cache_read_input_tokens"),
        "cache_write_5m_tokens": count(written, "ephemeral_5m_input_tokens"),
        "cache_write_1h_tokens": count(written, "ephemeral_1h_input_tokens"),
        "output_tokens": required_count(result, "output_tokens"),
    }


FORMAT = Format(
    name="anthropic",
    title="Anthropic cost report and messages usage report pages",
    suffixes=SUFFIXES,
    read=read,
)
"""Settings: `account` (optional) is stated as the billing account of every charge."""
