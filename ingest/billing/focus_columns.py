"""How FOCUS columns become `billing_charges` columns: SQL expressions over text columns.

A canonical column is FOCUS' own name in snake_case, so `billed_cost` reads `BilledCost`; only the
`x_` columns are derived. Every expression takes text and gives NULL for what it cannot type; the
record is then rejected with the column's name (`fault`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ingest.columns import Column
from ingest.contracts import BILLING_CHARGES
from ingest.sqltext import literal

# Exporters' names of well-known providers -> gen_ai.provider.name; the first match wins. A guess:
# a cloud bill names the cloud, and its model service is the one whose calls a gateway logs.
_PROVIDERS = (
    (r"azure|microsoft", "azure.ai.openai"),
    (r"openai", "openai"),
    (r"anthropic", "anthropic"),
    (r"aws|amazon", "aws.bedrock"),
    (r"google|gcp", "gcp.vertex_ai"),
    (r"mistral", "mistral_ai"),
    (r"xai|x\.ai", "x_ai"),
    (r"ibm", "ibm.watsonx.ai"),
)

_NUMBER = r"[-+]?\$?[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][-+]?\d+)?"
_ZONE = r"\d{2}:\d{2}.*(Z|[-+]\d{2}(:?\d{2})?)$"


def text_or_null(column: str) -> str:
    """Return text as it stands; empty, `NULL` and `null` are NULL."""
    return f"case when lower(trim({column})) not in ('', 'null') then {column} end"


def number(column: str, decimal_type: str) -> str:
    """Return a decimal, rounded half-even to the type's scale; `$10,000.00 ` and `1e-7` are read.

    DuckDB rounds halves away from zero: on an exact half with an odd last digit, one step is taken
    back. Commas are read only as thousands separators, so `1.234,56` is not a number.
    """
    precision, scale = map(int, decimal_type.removeprefix("DECIMAL(").rstrip(")").split(","))
    plain = (
        f"case when regexp_full_match(trim({column}), '{_NUMBER}') "
        f"then replace(replace(trim({column}), '$', ''), ',', '') end"
    )
    exact = f"try_cast({plain} as decimal(38, {38 - precision + scale}))"
    near = f"try_cast({exact} as {decimal_type})"
    half, step = f"0.{'0' * scale}5", f"0.{'0' * (scale - 1)}1"
    return (
        f"case when abs({exact} - {near}) = {half} "
        f"and contains('13579', right({near}::varchar, 1)) "
        f"then try_cast({near} - sign({exact}) * {step} as {decimal_type}) else {near} end"
    )


def moment(column: str) -> str:
    """Return a UTC timestamp: ISO 8601 with or without a zone (then UTC), or M/D/YY[YY]."""
    trimmed = f"trim({column})"
    return (
        f"case when regexp_full_match({trimmed}, '\\d{{1,2}}/\\d{{1,2}}/\\d{{2}}') "
        f"then try_strptime({trimmed}, '%m/%d/%y') "
        f"when regexp_full_match({trimmed}, '\\d{{1,2}}/\\d{{1,2}}/\\d{{4}}') "
        f"then try_strptime({trimmed}, '%m/%d/%Y') "
        f"when regexp_matches({trimmed}, '{_ZONE}') "
        f"then timezone('UTC', try_cast({trimmed} as timestamptz)) "
        f"when regexp_matches({trimmed}, '^\\d{{4}}-\\d{{2}}-\\d{{2}}') "
        f"then try_cast({trimmed} as timestamp) end"
    )


def word(column: str, allowed: Collection[str]) -> str:
    """Return an allowed value in its standard case; any other text as it stands."""
    cases = " ".join(f"when {literal(value.lower())} then {literal(value)}" for value in allowed)
    return f"case lower(trim({column})) {cases} else {column} end"


def typed(column: Column) -> str:
    """Return the expression for a canonical column, over the text column of its FOCUS name."""
    source = source_name(column)
    if column.type.startswith("DECIMAL("):
        return number(source, column.type)
    if column.type == "TIMESTAMP":
        return moment(source)
    if column.name == "billing_currency":
        return f"upper(trim({source}))"
    return word(source, column.allowed) if column.allowed else source


def source_name(column: Column) -> str:
    """Return the FOCUS name of a canonical column in lower case, for example `billedcost`."""
    return column.name.replace("_", "")


STATED = tuple(column for column in BILLING_CHARGES.columns if not column.name.startswith("x_"))
"""The canonical columns that FOCUS states itself."""

READ = (*(source_name(column) for column in STATED), "serviceprovidername", "credentialid")
"""Lower-case names of the FOCUS columns that are read; all others are ignored."""


def fault(columns: Mapping[str, str]) -> tuple[str, str]:
    """Return the expressions of the first untypable column and of what it should be.

    Args:
        columns: lower-case name -> the file's spelling, which the rejection states.
    """
    fields, reasons = "", ""
    for column in STATED:
        source = source_name(column)
        if source in columns and not column.type.startswith("VARCHAR"):
            condition = f"when {source} is not null and {column.name} is null then "
            is_time = column.type == "TIMESTAMP"
            reason = "is not a date or time" if is_time else f"is not a number in {column.type}"
            fields += condition + literal(columns[source]) + " "
            reasons += condition + literal(reason) + " "
    return f"case {fields}end", f"case {reasons}end"


def _detail(key: str) -> str:
    """Return a key of SkuPriceDetails; text that is not JSON has no keys."""
    return (
        "case when json_valid(sku_price_details) "
        f"then json_extract_string(sku_price_details, '$.{key}') end"
    )


_DIRECTION, _CACHE = f"lower({_detail('TokenDirection')})", f"lower({_detail('TokenCacheAction')})"
_SLUG = "trim(regexp_replace(lower(provider_name), '[^a-z0-9]+', '_', 'g'), '_')"

DERIVED = {
    "x_provider": "case "
    + " ".join(
        f"when regexp_matches(lower(provider_name), '\\b({pattern})\\b') then '{name}'"
        for pattern, name in _PROVIDERS
    )
    + f" else coalesce(nullif({_SLUG}, ''), lower(provider_name)) end",
    "x_model": _detail("ModelId"),
    "x_token_class": f"case when {_DIRECTION} = 'output' then 'output' "
    f"when {_DIRECTION} = 'input' then case {_CACHE} when 'uncached' then 'input_uncached' "
    "when 'read' then 'cache_read' when 'write' then 'cache_write_other' else 'input' end end",
    "x_cost_type": f"case when charge_category <> 'Usage' then lower(charge_category) "
    f"when {_DIRECTION} is not null then 'tokens' end",
    "x_api_key_id": "credentialid",
}
"""Expressions of the `x_` columns, over the stated canonical columns.

Token keys of SkuPriceDetails and CredentialId are those of the FOCUS 1.5 draft; an input row that
does not say what the cache did is `input`.
"""
