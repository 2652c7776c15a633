"""Anthropic cost and usage reports: Admin and Analytics API pages, console CSVs.

Source: the vendor's Admin and Analytics API reference, 2026-02 and 2026-09. Cost amounts are
decimal text in fractional CENTS; the console's CSV states dollars. `uncached_input_tokens` EXCLUDES
cache reads and writes, so the vector is already disjoint; audio does not exist. Claude Code usage
is in `claude_code`.

Claude Enterprise (people's seats and their usage credits) is a provider of its own: its spend is no
API call's. Its amount is after discounts and before credits, and not final for about 30 days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import duckdb

from ingest.billing.anthropic.claude_code import PERSON_COLUMNS, claude_code_usage
from ingest.billing.anthropic.console_csv import COSTS, open_export
from ingest.billing.report_pages.fields import (
    Record,
    as_record,
    calendar_month,
    count,
    currency,
    iso_time,
    money,
    required_count,
    stated_json,
    text,
)
from ingest.billing.report_pages.pages import SUFFIXES, Page, empty_buckets, restatement, results
from ingest.billing.report_pages.rows import NO_CHARGE, Build, Found, bill_rows, read_reports
from ingest.contracts.bills import BILLING_CHARGES
from ingest.records.format import Format, InputFile, Refusal, Reject, Row, SourceConfig, Staged

CENT = Decimal("0.01")

CLAUDE_ENTERPRISE = "anthropic.claude_enterprise"
"""Provider of what people use through their seats; the gateway sees none of it."""

# The dot is part of the name: these are not paths.
_TOKEN_CLASSES = {
    "uncached_input_tokens": "input_uncached",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}

_PRICED_APART = {
    "context_window": "x_ContextWindow",
    "inference_geo": "x_InferenceGeo",
    "speed": "x_Speed",
}
"""What one model and token type is priced apart by beside the tier -> key of its price details."""

_ANALYTICS = (
    "is a Claude Enterprise analytics report that states no bill, or states it per person; of"
    " these, only analytics/cost_report is loaded"
)
_OVERLAPPING = (
    "is grouped by access group, and who is in two groups is counted in both, so it does not add"
    " up; fetch it without rbac_group_id"
)


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Stage the charges and usage of Anthropic pages and console exports.

    Raises:
        SourceFileError: a file is damaged, holds no data, is another report, or mixes bills.
    """
    yield from read_reports(con, files, config, rows, csv_rows)


def rows(page: Page, config: SourceConfig) -> Iterator[Row | Reject]:
    """Yield one row of `billing_charges` or `billing_usage` per result of a page.

    Raises:
        SourceFileError: the page is another report.
    """
    buckets = _buckets(page)
    if "claude_code" in (page.path or "") or any("model_breakdown" in b for b in buckets):
        found = results(page, window="starting_at", listed="model_breakdown")
        yield from bill_rows("billing_usage", claude_code_usage, found, page, config)
        return
    cost = _cost_builder(page, buckets)
    for line, bucket, result in results(page, window="starting_at"):
        is_usage = isinstance(result, Mapping) and "uncached_input_tokens" in result
        table, build = ("billing_usage", _usage) if is_usage else ("billing_charges", cost)
        yield from bill_rows(table, build, [(line, bucket, result)], page, config)
    yield from _empty_rows(page, buckets, cost, config)


def _empty_rows(
    page: Page, buckets: Sequence[Record], cost: Build, config: SourceConfig
) -> Iterator[Row | Reject]:
    """Yield a row for each bucket without a result, if something says what the page reports."""
    stated = [r for b in buckets for r in _listed(b) if isinstance(r, Mapping)]
    if (page.path or "").endswith("usage_report/messages") or any(
        "uncached_input_tokens" in r for r in stated
    ):
        table, endpoint, at = "billing_usage", "usage_report/messages", "bucket_start"
        values: dict[str, Any] = {"x_provider": "anthropic", "usage_type": "messages"}
    elif stated or (page.path or "").endswith("/cost_report"):
        is_seats = cost is _enterprise_charge
        table, at = "billing_charges", "charge_period_start"
        endpoint = "analytics/cost_report" if is_seats else "cost_report"
        provider = CLAUDE_ENTERPRISE if is_seats else "anthropic"
        values = NO_CHARGE | {"provider_name": "Anthropic", "x_provider": provider}
    else:
        return

    def empty(_: Record, bucket: Record, page: Page, config: SourceConfig) -> dict[str, Any]:
        start = iso_time(bucket, "starting_at")
        key = restatement("anthropic", endpoint, start, page, config)
        return {**key, **values, "x_is_empty": True, at: start}

    found: Found = ((page.line or 1, b, {}) for b in empty_buckets(page, window="starting_at"))
    yield from bill_rows(table, empty, found, page, config)


def csv_rows(file: InputFile, config: SourceConfig) -> Iterator[Row | Reject]:
    """Yield one row per line of a console export.

    Raises:
        SourceFileError: the file is damaged, or is neither the cost nor the usage export.
    """
    export = open_export(file)
    page = Page(file.relative, None, None, {}, None, {}, whole_days=True)
    dollars: Build = partial(_charge, unit=Decimal(1))
    is_charge = export.layout is COSTS
    table, build = ("billing_charges", dollars) if is_charge else ("billing_usage", _usage)
    yield from bill_rows(table, build, export.found(), page, config, export.layout.names)


def _buckets(page: Page) -> list[Record]:
    data = page.body.get("data")
    return [item for item in data if isinstance(item, Mapping)] if isinstance(data, list) else []


def _cost_builder(page: Page, buckets: Sequence[Record]) -> Build:
    """Return what types the page's costs: those of the API, or those of Claude Enterprise."""
    path = page.path or ""
    if page.body.get("object") == "page":
        reason = 'is not an Anthropic report (it looks like an OpenAI page: format = "openai")'
        raise page.error(reason, "object")
    stated = [r for b in buckets for r in _listed(b) if isinstance(r, Mapping)]
    fields = {name for result in stated for name in result}
    marks = {"list_amount", "product", "rbac_group_id", "actor"}
    is_analytics = "/analytics/" in path or "data_refreshed_at" in page.body or fields & marks
    if not is_analytics:
        return _charge
    is_cost = path.endswith("/cost_report") if path else "amount" in fields or not stated
    if not is_cost or "actor" in fields or any("actor" in bucket for bucket in buckets):
        raise page.error(_ANALYTICS)
    if "rbac_group_id" in (page.groups() or ()) or any(r.get("rbac_group_id") for r in stated):
        raise page.error(_OVERLAPPING, "rbac_group_id")
    return _enterprise_charge


def _listed(bucket: Record) -> list[Any]:
    results_ = bucket.get("results")
    return results_ if isinstance(results_, list) else []


def _workspace(result: Record, page: Page) -> str | None:
    """Return the workspace; its null means the default one only when the request grouped by it."""
    workspace = text(result, "workspace_id")
    is_default = workspace is None and "workspace_id" in (page.groups() or ())
    return "default" if is_default else workspace


def _charge(
    result: Record,
    bucket: Record,
    page: Page,
    config: SourceConfig,
    endpoint: str = "cost_report",
    unit: Decimal = CENT,
) -> dict[str, Any]:
    start = iso_time(bucket, "starting_at")
    month, next_month = calendar_month(start)
    code = currency(result, "currency")
    cost = money(result.get("amount"), "amount", unit=unit)
    at_list = result.get("list_amount")
    tier = text(result, "service_tier")
    tiers = BILLING_CHARGES.column("x_service_tier").allowed
    description = text(result, "description")
    return {
        **restatement("anthropic", endpoint, start, page, config),
        "provider_name": "Anthropic",
        "x_provider": "anthropic",
        "publisher_name": "Anthropic",
        "invoice_issuer_name": "Anthropic",
        "billing_account_id": config.options.get("account"),
        "sub_account_id": _workspace(result, page),
        "sub_account_name": text(result, "workspace_name"),
        "billing_period_start": month,
        "billing_period_end": next_month,
        "charge_period_start": start,
        "charge_period_end": iso_time(bucket, "ending_at"),
        "charge_category": "Usage",
        "charge_description": description,
        "charge_frequency": "Usage-Based",
        "billed_cost": cost,
        "effective_cost": cost,
        "list_cost": None if at_list is None else money(at_list, "list_amount", unit=unit),
        "billing_currency": code,
        "sku_price_details": stated_json(
            {key: result.get(field) for field, key in _PRICED_APART.items()},
            *_PRICED_APART.values(),
        ),
        "tags": stated_json(result, "api_key_name"),
        "x_model": text(result, "model"),
        "x_token_class": _TOKEN_CLASSES.get(text(result, "token_type") or ""),
        "x_service_tier": tier if tier in tiers else None,
        "x_cost_type": text(result, "cost_type"),
        "x_line_item": description,
        "x_api_key_id": text(result, "api_key_id"),
    }


def _enterprise_charge(
    result: Record, bucket: Record, page: Page, config: SourceConfig
) -> dict[str, Any]:
    refreshed = "data_refreshed_at"
    as_of = iso_time(page.body, refreshed) if page.body.get(refreshed) else page.fetched_at
    requests = count(result, "requests")
    return {
        **_charge(result, bucket, page, config, "analytics/cost_report"),
        "x_as_of": as_of,
        "x_provider": CLAUDE_ENTERPRISE,
        "billing_account_id": config.options.get("account") or text(page.body, "organization_id"),
        "service_name": text(result, "product"),
        "consumed_quantity": None if requests is None else Decimal(requests),
        "consumed_unit": None if requests is None else "Requests",
    }


def _usage(result: Record, bucket: Record, page: Page, config: SourceConfig) -> dict[str, Any]:
    start = iso_time(bucket, "starting_at")
    tier = text(result, "service_tier")
    searches = count(
        as_record(result.get("server_tool_use") or {}, "server_tool_use"), "web_search_requests"
    )
    return {
        **restatement("anthropic", "usage_report/messages", start, page, config),
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
        "x_dimensions": stated_json(
            result, "inference_geo", "speed", "workspace_name", "api_key_name"
        ),
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
    title="Anthropic cost and usage report pages, and console CSVs",
    suffixes=(*SUFFIXES, ".csv", ".csv.gz"),
    read=read,
    options=("account",),
    person_columns=(PERSON_COLUMNS,),
)
"""Settings: `account` (optional), the organization's id: the billing account of every charge. A
report that names another organization is refused."""
