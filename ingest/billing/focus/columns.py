"""How FOCUS columns become `billing_charges` columns: SQL expressions over text columns.

A canonical column is FOCUS' own name in snake_case, so `billed_cost` reads `BilledCost`; only the
`x_` columns are derived. Every expression takes text and gives NULL for what it cannot type; the
record is then rejected with the column's name (`fault`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.billing.export_files.cells import moment, number, word
from ingest.contracts.bills import BILLING_CHARGES
from ingest.contracts.columns import BILL_MONEY, Column
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from ingest.sql import literal

# Without these a charge has no amount, day, kind or currency; the provider is checked beside them.
_MANDATORY = ("BilledCost", "BillingCurrency", "ChargeCategory", "ChargePeriodStart")
_PROVIDER = ("ProviderName", "ServiceProviderName")

# Datasets that FOCUS 1.3 and 1.4 have beside Cost and Usage, by a column that only they have.
_OTHER_DATASETS = {
    "contractcommitmentid": "Contract Commitment",
    "billingperiodstatus": "Billing Period",
    "invoicedetailid": "Invoice Detail",
}

PLACE = ("BillingAccountId", "BillingPeriodStart")
"""Needed too where a newer delivery replaces a billing period, or a day of one."""

DATES = ("chargeperiodstart", "billingperiodstart", "chargeperiodend", "billingperiodend")
"""Date columns: the charge's day, the start of the billing period, the others."""

# Exporters' names of well-known providers -> gen_ai.provider.name; the first match wins. Clouds are
# not among them: which of their lines are a model service's is said by `focus_models`.
_PROVIDERS = (
    (r"openai", "openai"),
    (r"anthropic", "anthropic"),
    (r"mistral", "mistral_ai"),
    (r"xai|x\.ai", "x_ai"),
    (r"ibm", "ibm.watsonx.ai"),
)


def typed(column: Column) -> str:
    """Return the expression for a canonical column, over the text column of its FOCUS name."""
    source = source_name(column)
    if column.type.startswith("DECIMAL("):
        return number(source, column.type)
    if column.type == "TIMESTAMP":
        return moment(source)
    if column.name in ("billing_currency", "pricing_currency"):
        # a virtual currency (`Token`) is a word of the provider's and keeps its case
        return f"case when length(trim({source})) = 3 then upper(trim({source})) else {source} end"
    return word(source, column.allowed) if column.allowed else source


def source_name(column: Column) -> str:
    """Return the FOCUS name of a canonical column in lower case, for example `billedcost`."""
    return column.name.replace("_", "")


STATED = tuple(column for column in BILLING_CHARGES.columns if not column.name.startswith("x_"))
"""The canonical columns that FOCUS states itself."""

READ = (
    *(source_name(column) for column in STATED),
    "serviceprovidername",
    "credentialid",
    "x_billingexchangerate",
    "x_pricingcurrency",
)
"""Lower-case names of the FOCUS columns that are read; all others are ignored."""


def focus_name(name: str, _: int) -> str:
    """Return a scan's name of a column: FOCUS' in lower case, also of a copy in snake_case.

    Warehouses write `billed_cost`, and keep the `x_` of a column that is not FOCUS'.
    """
    lower = name.lower()
    plain = lower.replace("_", "")
    return plain if plain in READ else lower


def require_columns(
    file: InputFile, columns: Mapping[str, str], beside: Sequence[str] = ()
) -> None:
    """Check that a file has the columns without which a charge has no amount, day or provider.

    Args:
        columns: lower-case name -> the file's spelling.
        beside: columns that are needed as well.

    Raises:
        SourceFileError: it is not a FOCUS Cost and Usage dataset.
    """
    missing = [name for name in (*_MANDATORY, *beside) if name.lower() not in columns]
    if not any(name.lower() in columns for name in _PROVIDER):
        missing.append(" or ".join(_PROVIDER))
    if not missing:
        return
    other = next((name for column, name in _OTHER_DATASETS.items() if column in columns), None)
    if other and "chargecategory" not in columns:
        reason = (
            f"is a FOCUS {other} dataset, which holds no charges: keep it out of the inbox and "
            "deliver the Cost and Usage dataset"
        )
    else:
        reason = (
            f"is not a FOCUS Cost and Usage file: no column {', '.join(missing)} "
            "(expected names separated by commas, semicolons or tabs in the first line)"
        )
    raise SourceFileError(file.relative, reason)


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
    # Azure's rate, from pricing to billing currency
    "x_units_per_usd": "case when upper(trim(coalesce(pricing_currency, x_pricingcurrency))) "
    f"= 'USD' then {number('x_billingexchangerate', BILL_MONEY)} end",
}
"""Expressions of the `x_` columns, over the stated canonical columns.

Token keys of SkuPriceDetails and CredentialId are those of the FOCUS 1.5 draft; an input row that
does not say what the cache did is `input`.
"""
