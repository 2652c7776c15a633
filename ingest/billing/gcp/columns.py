"""How a Google Cloud export's columns become `billing_charges` columns: SQL expressions.

EXACT works on the text columns of a scan (`gcp_files.SCALARS` and `ARRAYS`), TYPED on EXACT,
CANONICAL on all of them and on what the SKU's text says (`sku_model`, `sku_token_class`,
`sku_tier`, `sku_cost_type`).
"""

from __future__ import annotations

from ingest.billing.export_files.cells import iso_moment, rounded
from ingest.billing.gcp.files import ARRAYS, SCALARS, column
from ingest.contracts.columns import BILL_MONEY, QUANTITY

_EXACT = "decimal(38, 20)"
"""Room for every digit of a double that is an amount; rounded once, after the sum."""

_CREDIT_FIELDS = ("id", "name", "full_name", "type", "amount")


def _exact(text: str) -> str:
    return f"try_cast(trim({text}) as {_EXACT})"


def _listed(path: str, fields: tuple[str, ...]) -> str:
    """Return a JSON list of objects as structs of text; NULL when it is not a list."""
    shape = ", ".join(f'"{name}": "VARCHAR"' for name in fields)
    name = column(path)
    kind = f"case when json_valid({name}) then json_type({name}) end"
    return f"case when {kind} = 'ARRAY' then from_json({name}, '[{{{shape}}}]') end"


def _credits() -> str:
    kept = ", ".join(f"{name} := nullif(c.{name}, 'None')" for name in _CREDIT_FIELDS[:-1])
    return (
        f"list_transform({_listed('credits', _CREDIT_FIELDS)}, "
        f"lambda c: struct_pack({kept}, amount := {_exact('c.amount')}))"
    )


def _utc(name: str) -> str:
    """Return a UTC time; BigQuery writes `2026-09-01 00:00:00 UTC`."""
    return iso_moment(f"regexp_replace({name}, ' UTC$', 'Z')")


_MONEY = {
    "cost_at_list": "list_cost",
    "cost": "contracted_cost",
    "price_list_price": "list_price",
    "price_effective_price": "effective_price",
    "currency_conversion_rate": "units_per_usd",
}
_QUANTITIES = {
    "usage_amount": "used_amount",
    "usage_amount_in_pricing_units": "priced_amount",
    "price_pricing_unit_quantity": "block_size",
}
_TIMES = {
    "usage_start_time": "started_at",
    "usage_end_time": "ended_at",
    "export_time": "exported_at",
}
_NET = "cost_exact + coalesce(list_sum(list_transform(credit_list, lambda c: c.amount)), 0)"
_PAIRS = tuple(path for path in ARRAYS if path != "credits")

EXACT = {
    **{f"{text}_exact": _exact(text) for text in (*_MONEY, *_QUANTITIES)},
    **{typed: _utc(text) for text, typed in _TIMES.items()},
    "month": "try_strptime(trim(invoice_month) || '01', '%Y%m%d')",
    "credit_list": _credits(),
    **{f"{column(path)}_list": _listed(path, ("key", "value")) for path in _PAIRS},
}
"""Typed values at full precision; NULL where a text cannot be typed, see `fault`."""

TYPED = {
    **{typed: rounded(f"{text}_exact", BILL_MONEY) for text, typed in _MONEY.items()},
    **{typed: rounded(f"{text}_exact", QUANTITY) for text, typed in _QUANTITIES.items()},
    "net": rounded(f"({_NET})", BILL_MONEY),
}
"""Amounts within the contract's scale, over the columns of EXACT; `net` is rounded once."""


def fault() -> tuple[str, str]:
    """Return the expressions of the first untypable or missing field and of what it should be."""
    rules = [("is_broken", "line", "the line is not a JSON object; export the file again")]
    for name in ("cost", "usage_start_time"):
        rules.append((f"{name} is null", name, "is missing; the export always states it"))
    named = {column(path): path for path in (*SCALARS, *ARRAYS)}
    for names, reason in (
        (_MONEY, f"is not a number in {BILL_MONEY}"),
        (_QUANTITIES, f"is not a number in {QUANTITY}"),
        (_TIMES, "is not a date or time"),
        ({"invoice_month": "month"}, "is not a month such as 202609"),
    ):
        rules += [
            (f"{text} is not null and {typed} is null", named[text], reason)
            for text, typed in names.items()
        ]
    rules.append(
        (
            "credits is not null and (credit_list is null or"
            " list_bool_or(list_transform(credit_list, lambda c: c is null or c.amount is null)))",
            "credits",
            "is not a list of credits that each have an amount",
        )
    )
    for path in _PAIRS:
        name = column(path)
        condition = f"{name} is not null and ({name}_list is null or list_bool_or("
        condition += f"list_transform({name}_list, lambda p: p is null or p.key is null)))"
        rules.append((condition, path, "is not a list of {key, value}"))
    fields = " ".join(f"when {condition} then '{field}'" for condition, field, _ in rules)
    reasons = " ".join(f"when {condition} then '{reason}'" for condition, _, reason in rules)
    return f"case {fields} end", f"case {reasons} end"


def said() -> str:
    """Return the terms of a row's md5: what it says, typed, so that the form does not matter."""
    typed = {**_MONEY, **_QUANTITIES, **_TIMES}
    terms = [typed.get(column(path), column(path)) for path in SCALARS]
    terms += ["credit_list", *(f"{column(path)}_list" for path in _PAIRS)]
    return ", ".join(
        f"'{term}=' || {term}::varchar"
        if "list" not in term
        else f"'{term}=' || nullif(to_json({term})::varchar, '[]')"
        for term in terms
    )


def _tags() -> str:
    """Return all labels and tags as one JSON object; on the same key the most specific list wins.

    Labels of the request or resource win over tags, those over the project's, those over the
    system's.
    """
    lists = ", ".join(f"coalesce({column(path)}_list, [])" for path in _PAIRS)
    objects = (
        f"list_transform(list_filter(flatten([{lists}]), lambda p: p.key is not null), "
        "lambda p: json_object(p.key, coalesce(nullif(p.value, 'None'), '')))"
    )
    merged = f"list_reduce({objects}, lambda a, b: json_merge_patch(a, b), '{{}}'::json)"
    return f"nullif({merged}::varchar, '{{}}')"


_DETAILS = (
    "nullif(json_merge_patch('{}', json_object("
    "'PriceUnit', price_unit, 'PricingUnitQuantity', price_pricing_unit_quantity, "
    "'TierStartAmount', price_tier_start_amount, "
    "'ConsumptionModel', consumption_model_description))::varchar, '{}')"
)

_PACIFIC = "timezone('UTC', timezone('America/Los_Angeles', {}))"
_KIND = "lower(coalesce(cost_type, 'regular'))"
_UNIT = "lower(coalesce(usage_unit, ''))"
# A correction of usage is usage, negative and anew; a manual one belongs to no usage.
_IS_USAGE = (
    f"({_KIND} = 'regular' or ({_KIND} = 'adjustment' "
    "and adjustment_info_mode in ('PARTIAL_CORRECTION', 'COMPLETE_NEGATION', "
    "'COMPLETE_NEGATION_WITH_REMONETIZATION')))"
)
# `requests` and `count` hold tokens; older models were billed by characters, seconds or images.
_IS_TOKENS = (
    f"(sku_token_class is not null and {_IS_USAGE} "
    f"and not regexp_matches({_UNIT}, 'char|second|minute|hour|image|byte'))"
)
_IS_STORAGE = f"(sku_cost_type = 'cache_storage' and {_IS_USAGE})"
_IS_VERTEX = "(service_id = 'C7E2-9256-1C43' or service_description ilike 'vertex ai%')"
_IS_GEMINI = "(lower(service_description) in ('generative language api', 'gemini api'))"
_UNIT_PRICE = "case when coalesce(block_size, 1) = 1 then {} end"

CANONICAL = {
    "x_as_of": "exported_at",
    "provider_name": "'Google Cloud'",
    "x_provider": f"case when {_IS_VERTEX} then 'gcp.vertex_ai' "
    f"when {_IS_GEMINI} then 'gcp.gemini' else 'gcp' end",
    "publisher_name": "seller_name",
    "invoice_issuer_name": "'Google Cloud'",
    "billing_account_id": "billing_account_id",
    "sub_account_id": "project_id",
    "sub_account_name": "project_name",
    "billing_period_start": _PACIFIC.format("month"),
    "billing_period_end": _PACIFIC.format("month + interval 1 month"),
    "charge_period_start": "started_at",
    "charge_period_end": "ended_at",
    "charge_category": f"case when {_IS_USAGE} then 'Usage' when {_KIND} = 'tax' then 'Tax' "
    "else 'Adjustment' end",
    "charge_class": "case when adjustment_info_mode is not null then 'Correction' end",
    "charge_description": "trim(sku_description)",
    "charge_frequency": f"case when {_IS_USAGE} then 'Usage-Based' end",
    "billed_cost": "net",
    "effective_cost": "net",
    "list_cost": "list_cost",
    "contracted_cost": "contracted_cost",
    "billing_currency": "upper(trim(currency))",
    "x_units_per_usd": "units_per_usd",
    # Storage is metered by the second and priced by the hour, or metered in token-hours.
    "consumed_quantity": f"case when {_IS_STORAGE} and regexp_matches({_UNIT}, 'second') "
    "then priced_amount else used_amount end",
    "consumed_unit": f"case when {_IS_TOKENS} then 'Tokens' "
    f"when {_IS_STORAGE} then 'Token-Hours' else usage_unit end",
    "pricing_quantity": "priced_amount",
    "pricing_unit": "usage_pricing_unit",
    "list_unit_price": _UNIT_PRICE.format("list_price"),
    "contracted_unit_price": _UNIT_PRICE.format("effective_price"),
    "service_category": f"case when {_IS_VERTEX} or {_IS_GEMINI} "
    "then 'AI and Machine Learning' end",
    "service_name": "service_description",
    "region_id": "coalesce(location_region, location_location)",
    "resource_id": "resource_global_name",
    "resource_name": "resource_name",
    "sku_id": "sku_id",
    "sku_price_details": _DETAILS,
    "tags": _tags(),
    "x_model": "sku_model",
    "x_token_class": f"case when {_IS_TOKENS} then sku_token_class end",
    "x_service_tier": "sku_tier",
    "x_cost_type": f"case when not {_IS_USAGE} then {_KIND} when {_IS_TOKENS} then 'tokens' "
    f"when sku_token_class is not null then nullif({_UNIT}, '') else sku_cost_type end",
    "x_line_item": "sku_description",
}
"""Canonical column -> expression. `billed_cost` is net of credits."""
