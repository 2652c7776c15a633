"""OpenAI organization costs and usage: Admin API `/v1/organization/...` pages, dashboard CSVs.

Source: openai/openai-openapi, 2026-08-21. Costs are in DOLLARS. `input_tokens` INCLUDES cached and
cache-write tokens, so the vector is made disjoint:

    input_tokens = input_uncached + input_audio + cache_read + cache_write_other
    output_tokens = output + output_audio

Cached audio is billed as cached input and stays in `cache_read_tokens`, whatever its modality;
`input_audio_tokens` is uncached audio only. The contract has no image class: image tokens stay in
`input_uncached_tokens` and `output_tokens`, so that the sums above hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb

from ingest.billing.openai.dashboard_csv import open_export
from ingest.billing.report_pages.fields import (
    FieldFault,
    Record,
    as_record,
    calendar_month,
    count,
    currency,
    flag,
    money,
    quantity,
    required_count,
    stated_json,
    text,
    unix_time,
)
from ingest.billing.report_pages.pages import SUFFIXES, Page, empty_buckets, restatement, results
from ingest.billing.report_pages.rows import NO_CHARGE, Found, bill_rows, read_reports
from ingest.records.format import Format, InputFile, Refusal, Reject, Row, SourceConfig, Staged

_TOKEN_CLASSES = {
    "input": "input_uncached",
    "cached input": "cache_read",
    "output": "output",
    "audio input": "input_audio",
    "audio output": "output_audio",
    "cached audio input": "cache_read",
}

_MODEL_ID = re.compile(r"[A-Za-z0-9._:]+(-[A-Za-z0-9._:]+)+")  # no product of the bill is one

_CSV_NAMES = {
    "amount": "amount_value",
    "amount.value": "amount_value",
    "amount.currency": "amount_currency",
}
"""Field of the API -> column of the dashboard's export."""

_OTHER_DIMENSIONS = ("size", "source", "vector_store_id", "context_level", "project_name")


@dataclass(frozen=True)
class _Usage:
    """How one usage endpoint counts: its name in the path, and its quantity if not tokens."""

    endpoint: str
    field: str | None = None
    unit: str | None = None


# By the `object` of a result; two of them do not carry their endpoint's name.
_USAGE = {
    "completions": _Usage("completions"),
    "embeddings": _Usage("embeddings"),
    "moderations": _Usage("moderations"),
    "images": _Usage("images", "images", "images"),
    "audio_speeches": _Usage("audio_speeches", "characters", "characters"),
    "audio_transcriptions": _Usage("audio_transcriptions", "seconds", "seconds"),
    "vector_stores": _Usage("vector_stores", "usage_bytes", "bytes"),
    "code_interpreter_sessions": _Usage("code_interpreter_sessions", "num_sessions", "sessions"),
    "file_searches": _Usage("file_search_calls", "num_requests", "searches"),
    "web_searches": _Usage("web_search_calls", "num_requests", "searches"),
}


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Stage the charges and usage of OpenAI pages and dashboard exports.

    Raises:
        SourceFileError: a file is damaged, holds no data, is another report, or mixes bills.
    """
    yield from read_reports(con, files, config, rows, csv_rows)


def rows(page: Page, config: SourceConfig) -> Iterator[Row | Reject]:
    """Yield one row of `billing_charges` or `billing_usage` per result of a page.

    Raises:
        SourceFileError: the page is not a costs or usage page.
    """
    _require_bill(page)
    for line, bucket, result in results(page, window="start_time"):
        kind = result.get("object") if isinstance(result, dict) else None
        is_charge = kind == "organization.costs.result"
        table, build = ("billing_charges", _charge) if is_charge else ("billing_usage", _usage)
        yield from bill_rows(table, build, [(line, bucket, result)], page, config)
    if endpoint := _endpoint(page):
        table, values = _nothing(endpoint)
        build = partial(_empty, endpoint, values)
        found: Found = ((page.line or 1, b, {}) for b in empty_buckets(page, window="start_time"))
        yield from bill_rows(table, build, found, page, config)


def _endpoint(page: Page) -> str | None:
    """Return what the page reports, `costs` or `usage/completions`; None when nothing says it."""
    if page.path:
        return page.path.partition("organization/")[2] or None
    kinds = (
        r.get("object") for b in page.buckets for r in b.get("results") or [] if isinstance(r, dict)
    )
    kind = str(next(kinds, ""))
    if kind == "organization.costs.result":
        return "costs"
    usage = _USAGE.get(kind.removeprefix("organization.usage.").removesuffix(".result"))
    return f"usage/{usage.endpoint}" if usage else None


def _nothing(endpoint: str) -> tuple[str, dict[str, Any]]:
    """Return the table, and the values that the contract asks of a row that is no charge."""
    if endpoint == "costs":
        return "billing_charges", NO_CHARGE | {"provider_name": "OpenAI"}
    return "billing_usage", {"usage_type": endpoint.rpartition("/")[2]}


def _empty(
    endpoint: str,
    values: dict[str, Any],
    _: Record,
    bucket: Record,
    page: Page,
    config: SourceConfig,
) -> dict[str, Any]:
    start = unix_time(bucket, "start_time")
    at = "charge_period_start" if endpoint == "costs" else "bucket_start"
    return {
        **restatement("openai", endpoint, start, page, config),
        **values,
        "x_provider": "openai",
        "x_is_empty": True,
        at: start,
    }


def csv_rows(file: InputFile, config: SourceConfig) -> Iterator[Row | Reject]:
    """Yield one row per line of a dashboard export; an empty period has none.

    Raises:
        SourceFileError: the file is damaged, or is no costs or usage export.
    """
    export = open_export(file)
    if export is None:
        return
    page = Page(file.relative, None, None, {}, None, {}, whole_days=True)
    is_charge = export.kind == "costs"
    table, build = ("billing_charges", _charge) if is_charge else ("billing_usage", _usage)
    yield from bill_rows(table, build, export.found(), page, config, _CSV_NAMES)


def _require_bill(page: Page) -> None:
    data = page.body.get("data")
    first = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}
    settings = ("organization.spend_limit", "organization.spend_alert")
    if page.body.get("object") in settings or first.get("object") in settings:
        raise page.error("is a spend limit or alert setting, not a bill; remove it from the inbox")
    if "error" in page.body:
        return  # `results` says what is wrong with it
    if any(name.endswith("context_tokens_total") for name in first):
        raise page.error(
            "is an answer of the usage API of before 2024, which names no time bucket; fetch the"
            " same days from usage/completions"
        )
    if page.body.get("object") != "page":
        hint = ' (it looks like an Anthropic page: format = "anthropic")'
        other = hint if "starting_at" in first else ""
        raise page.error(f"is not a page of the OpenAI costs or usage API{other}", "object")


def _charge(result: Record, bucket: Record, page: Page, config: SourceConfig) -> dict[str, Any]:
    start = unix_time(bucket, "start_time")
    month, next_month = calendar_month(start)
    amount = as_record(result.get("amount"), "amount")
    cost = money(amount.get("value"), "amount.value")
    return {
        **restatement("openai", "costs", start, page, config),
        "provider_name": "OpenAI",
        "x_provider": "openai",
        "publisher_name": "OpenAI",
        "invoice_issuer_name": "OpenAI",
        "billing_account_id": config.options.get("account") or text(result, "organization_id"),
        "sub_account_id": text(result, "project_id"),
        "sub_account_name": text(result, "project_name"),
        "billing_period_start": month,
        "billing_period_end": next_month,
        "charge_period_start": start,
        "charge_period_end": unix_time(bucket, "end_time"),
        "charge_category": "Usage",
        "charge_frequency": "Usage-Based",
        "billed_cost": cost,
        "effective_cost": cost,
        "billing_currency": currency(amount, "currency", "amount.currency"),
        "consumed_quantity": quantity(result.get("quantity"), "quantity"),
        "consumed_unit": text(result, "quantity_unit"),
        "x_api_key_id": text(result, "api_key_id"),
        **line_item_columns(text(result, "line_item")),
    }


def line_item_columns(line_item: str | None) -> dict[str, str | None]:
    """Return what a line item's text says: model, token class, kind of cost.

    `gpt-4o-2024-08-06, Cached input` is a model and a direction, in any case; a direction not known
    here gives no token class. Text without `, ` is a model where it looks like a model's id
    (`whisper-1`, `GPT-5.4`), else a product: `Web search tool calls` -> `web_search`. A model in
    the Batch API is that model: `gpt-4o-mini Batch API, input`, tier `batch`.
    """
    model, comma, direction = (line_item or "").partition(", ")
    model, batch, _ = model.partition(" Batch API")
    direction = direction.strip().lower()
    comma = comma or (" " if _MODEL_ID.fullmatch(model) else "")
    token_class = _TOKEN_CLASSES.get(direction)
    if direction.startswith("cache write"):
        token_class = "cache_write_other"  # noqa: S105 -- a class of billed tokens
    product = model.lower().removesuffix(" tool calls").replace(" ", "_")
    return {
        "charge_description": line_item,
        "x_line_item": line_item,
        "x_model": model if comma else None,
        "x_token_class": token_class,
        "x_service_tier": "batch" if batch else None,
        "x_cost_type": "tokens" if token_class else None if comma else product or None,
    }


def _usage(result: Record, bucket: Record, page: Page, config: SourceConfig) -> dict[str, Any]:
    kind = text(result, "object") or ""
    usage = _USAGE.get(kind.removeprefix("organization.usage.").removesuffix(".result"))
    if usage is None:
        raise FieldFault("object", "is not a kind of costs or usage result known to this reader")
    start = unix_time(bucket, "start_time")
    tokens = _VECTORS.get(usage.endpoint)
    return {
        **restatement("openai", f"usage/{usage.endpoint}", start, page, config),
        "x_provider": "openai",
        "usage_type": usage.endpoint,
        "bucket_start": start,
        "bucket_end": unix_time(bucket, "end_time"),
        "model": text(result, "model"),
        "service_tier": text(result, "service_tier"),
        "is_batch": flag(result, "batch"),
        "sub_account_id": text(result, "project_id"),
        "x_api_key_id": text(result, "api_key_id"),
        "x_user_id": text(result, "user_id"),
        "x_dimensions": stated_json(result, *_OTHER_DIMENSIONS),
        "requests": count(result, "num_model_requests"),
        "quantity": required_count(result, usage.field) if usage.field else None,
        "quantity_unit": usage.unit,
        **(tokens(result) if tokens else {}),
    }


def _input_only(result: Record) -> dict[str, int | None]:
    return {"input_uncached_tokens": required_count(result, "input_tokens")}


def disjoint_tokens(result: Record) -> dict[str, int | None]:
    """Return the disjoint token vector of a completions result (see the module's docstring).

    Pages of before 2026 lack `input_uncached_tokens` and `input_cache_write_tokens`: uncached is
    then derived. An absent class stays None; it took nothing out of the total.

    Raises:
        FieldFault: the parts do not add up to the total, or audio exceeds the class it is part of.
    """
    total, output = required_count(result, "input_tokens"), required_count(result, "output_tokens")
    cached = count(result, "input_cached_tokens")
    write = count(result, "input_cache_write_tokens")
    uncached = count(result, "input_uncached_tokens")
    derived = total - (cached or 0) - (write or 0)
    if derived < 0 or (uncached is not None and uncached != derived):
        raise FieldFault("input_tokens", "must equal uncached + cached + cache write tokens")
    audio_in = _part(result, "input_audio_tokens", derived)
    audio_out = _part(result, "output_audio_tokens", output)
    return {
        "input_uncached_tokens": derived - (audio_in or 0),
        "cache_read_tokens": cached,
        "cache_write_other_tokens": write,
        "input_audio_tokens": audio_in,
        "output_tokens": output - (audio_out or 0),
        "output_audio_tokens": audio_out,
    }


def _part(result: Record, field: str, whole: int) -> int | None:
    part = count(result, field)
    if part is not None and part > whole:
        raise FieldFault(field, "must not exceed the tokens it is a part of")
    return part


_VECTORS: dict[str, Callable[[Record], dict[str, int | None]]] = {
    "completions": disjoint_tokens,
    "embeddings": _input_only,
    "moderations": _input_only,
}

FORMAT = Format(
    name="openai",
    title="OpenAI organization costs and usage pages, and dashboard CSVs",
    suffixes=(*SUFFIXES, ".csv", ".csv.gz"),
    read=read,
    options=("account",),
)
"""Settings: `account` (optional), the organization's id: the billing account of every charge. A
report that names another organization is refused."""
