"""OpenRouter's activity page as CSV: one line per generation, staged by SQL in DuckDB.

Two headers are known, a long and a minimal one; columns are found by name. `created_at` has no
zone and is taken as UTC. `cost_total` is what OpenRouter takes; its parts stay in
`sku_price_details`. A variant is spelt as OpenRouter spells it: `openai/gpt-oss-120b:free`.
Generation ids differ from those of the API, so only the day ties a line to other deliveries.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ingest.billing.export_files.cells import iso_moment, number, text_or_null
from ingest.billing.export_files.staging import StagingTables, stage_file
from ingest.billing.export_files.tabular import Scan, broken_lines, csv_scan
from ingest.contracts.columns import BILL_MONEY
from ingest.errors import SourceFileError
from ingest.records.format import InputFile, Refusal, Staged
from ingest.sql import literal, quote

_MANDATORY = ("created_at", "cost_total", "model_permaslug")
_MONEY = ("cost_total", "byok_usage_inference")
_COUNTS = ("tokens_prompt", "tokens_completion", "tokens_reasoning", "tokens_cached")
_PARTS = ("cost_web_search", "cost_cache", "cost_file_processing")
_TEXTS = ("generation_id", "variant", "provider_name", "api_key_name", "app_name")


def stage_csv(
    con: duckdb.DuckDBPyConnection, file: InputFile, account: object, *, with_charges: bool
) -> Iterator[Staged | Refusal]:
    """Stage the lines of one CSV export.

    Args:
        account: stands in the restatement key when given.
        with_charges: whether the lines are charges, or usage only.

    Raises:
        SourceFileError: the file is damaged, empty, or lacks columns without which nothing is
            billed.
    """

    def queries(staging: StagingTables) -> dict[str, str]:
        scan = _open(con, file)
        rows = staging.rows(scan, _typing(scan, account))
        return {
            "billing_charges": _charges(file, rows, scan, with_charges=with_charges),
            "billing_usage": _usage(file, rows),
        }

    return stage_file(con, file, queries)


def _open(con: duckdb.DuckDBPyConnection, file: InputFile) -> Scan:
    scan = csv_scan(con, file)
    missing = [name for name in _MANDATORY if name not in scan.columns]
    if missing:
        reason = f"is not an OpenRouter activity export: no column {', '.join(missing)}"
        raise SourceFileError(file.relative, f"{reason}; export it again from the activity page")
    return scan


def _typing(scan: Scan, account: object) -> str:
    """Return the query that types a scan: record, texts, typed values, key, fault."""
    texts = ", ".join(
        (text_or_null(quote(name)) if name in scan.columns else "null::varchar") + f" as {name}"
        for name in ("created_at", "model_permaslug", *_MONEY, *_COUNTS, *_PARTS, *_TEXTS)
    )
    values = [f"{iso_moment('created_at')} as started_at"]
    values += [f"{number(name, BILL_MONEY)} as {name}_usd" for name in _MONEY]
    values += [f"{_count(name)} as {name}_n" for name in _COUNTS]
    suffix = literal(f"|{account}" if account else "")
    field, reason = _fault()
    return f"""
        with texts as (select record, {texts} from {scan.sql}),
        typed as (select *, {", ".join(values)} from texts)
        select
            *,
            {field} as reject_field,
            {reason} as reject_reason,
            'openrouter|activity|' || strftime(started_at, '%Y-%m-%d') || 'T00:00:00Z' || {suffix}
                as x_restatement_key,
            model_permaslug || case when variant <> 'standard' and not contains(
                model_permaslug, ':') then ':' || variant else '' end as named_model
        from (select * replace (coalesce(variant, 'standard') as variant) from typed)
    """


def _count(name: str) -> str:
    return (
        f"case when regexp_full_match(trim({name}), '\\d+(\\.0*)?') then "
        f"try_cast(split_part(trim({name}), '.', 1) as bigint) end"
    )


def _fault() -> tuple[str, str]:
    """Return the expressions of the first untypable or missing field and of what it should be."""
    rules = [
        (f"{name} is null", name, "is missing; the export always states it") for name in _MANDATORY
    ]
    rules.append(("started_at is null", "created_at", "is not a date or time"))
    rules += [
        (f"{name} is not null and {name}_usd is null", name, f"is not a number in {BILL_MONEY}")
        for name in _MONEY
    ]
    rules += [
        (f"{name} is not null and {name}_n is null", name, "must be a whole number, 0 or more")
        for name in _COUNTS
    ]
    part = "must not exceed the tokens it is a part of"
    rules.append(("tokens_cached_n > coalesce(tokens_prompt_n, 0)", "tokens_cached", part))
    fields = " ".join(f"when {condition} then '{field}'" for condition, field, _ in rules)
    reasons = " ".join(f"when {condition} then '{reason}'" for condition, _, reason in rules)
    return f"case {fields} end", f"case {reasons} end"


def _object(names: tuple[str, ...]) -> str:
    """Return the stated ones of some text columns as a JSON object; NULL when there is none."""
    pairs = ", ".join(f"'{name}', {name}" for name in names)
    return f"nullif(json_merge_patch('{{}}', json_object({pairs}))::varchar, '{{}}')"


def _charges(file: InputFile, rows: str, scan: Scan, *, with_charges: bool) -> str:
    """Return the query of charges: a line for OpenRouter, one more for inference paid elsewhere.

    The rejected lines stand here and only here, so that each is reported once.
    """
    base = f"""
        {file.file_id}::bigint as file_id, record + 1 as source_line, reject_field, reject_reason,
        x_restatement_key, 'OpenRouter' as provider_name, 'openrouter' as x_provider,
        provider_name as publisher_name, date_trunc('month', started_at) as billing_period_start,
        date_trunc('month', started_at) + interval 1 month as billing_period_end,
        started_at as charge_period_start,
        'Usage' as charge_category, 'Usage-Based' as charge_frequency,
        'USD' as billing_currency, generation_id as resource_id, named_model as x_model,
        model_permaslug as x_line_item, {_object(("api_key_name", "app_name"))} as tags
    """
    tokens = "tokens_prompt_n + tokens_completion_n"
    is_own_key = "coalesce(byok_usage_inference_usd, 0) <> 0"
    kept = "true" if with_charges else "reject_reason is not null"
    return f"""
        select
            {base}, 'OpenRouter' as invoice_issuer_name,
            cost_total_usd as billed_cost, cost_total_usd as effective_cost,
            case when {is_own_key} then 'byok_fee' else 'tokens' end as x_cost_type,
            case when not {is_own_key} then {tokens} end as consumed_quantity,
            case when not {is_own_key} then 'Tokens' end as consumed_unit,
            {_object(_PARTS)} as sku_price_details
        from {rows} where {kept}
        union all by name
        select
            {base}, provider_name as invoice_issuer_name,
            byok_usage_inference_usd as billed_cost, byok_usage_inference_usd as effective_cost,
            'byok_inference' as x_cost_type, {tokens} as consumed_quantity,
            'Tokens' as consumed_unit
        from {rows} where {is_own_key} and reject_reason is null and {kept}
        {broken_lines(scan)}
    """


def _usage(file: InputFile, rows: str) -> str:
    return f"""
        select
            {file.file_id}::bigint as file_id, record + 1 as source_line,
            null::varchar as reject_field, null::varchar as reject_reason,
            x_restatement_key, 'openrouter' as x_provider, 'generation' as usage_type,
            started_at as bucket_start, named_model as model,
            tokens_prompt_n - coalesce(tokens_cached_n, 0) as input_uncached_tokens,
            tokens_cached_n as cache_read_tokens, tokens_completion_n as output_tokens,
            tokens_reasoning_n as reasoning_tokens, 1::bigint as requests
        from {rows}
        where reject_reason is null
    """
