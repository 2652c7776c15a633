"""How columns of an Azure cost export become `billing_charges` columns, as SQL over text.

Source: microsoft/finops-toolkit, export schemas and samples, 2026-09. Agreements and years name the
same column differently; a name is matched in lower case, and the first one of a list that a file
has is read, for a whole file.

Azure states the last day of a billing period, the contract its end: one day is added. A file's unit
prices are in PricingCurrency: they are dropped where that is not the billing currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.billing.export_files.cells import moment, number, text_or_null
from ingest.billing.export_files.tabular import Scan
from ingest.contracts.columns import BILL_MONEY, QUANTITY
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from ingest.sql import literal, quote

NAMES: Mapping[str, tuple[str, ...]] = {
    "usage_day": ("date", "usagedate", "usagedatetime"),
    "cost": ("costinbillingcurrency", "cost", "pretaxcost"),
    "currency": ("billingcurrency", "billingcurrencycode", "currency"),
    "meter_name": ("metername",),
    "charge_type": ("chargetype",),
    "meter_category": ("metercategory",),
    "meter_subcategory": ("metersubcategory",),
    "unit_of_measure": ("unitofmeasure",),
    "quantity": ("quantity", "usagequantity"),
    "unit_price": ("unitprice", "resourcerate"),
    "payg_price": ("paygprice",),
    "payg_cost": ("paygcostinbillingcurrency",),
    "pricing_currency": ("pricingcurrency", "pricingcurrencycode"),
    "exchange_rate": ("exchangeratepricingtobilling", "exchangerate"),
    "pricing_model": ("pricingmodel",),
    "frequency": ("frequency",),
    "account_id": ("billingaccountid",),
    "account_name": ("billingaccountname",),
    "subscription_id": ("subscriptionid", "subscriptionguid"),
    "subscription_name": ("subscriptionname",),
    "invoice": ("invoiceid",),
    "period_start": ("billingperiodstartdate",),
    "period_end": ("billingperiodenddate",),
    "product": ("productname", "product"),
    "publisher": ("publishername",),
    "reseller": ("resellername",),
    "location": ("resourcelocation", "location"),
    "resource": ("resourceid", "instanceid"),
    "resource_label": ("resourcename",),
    "meter_id": ("meterid",),
    "part_number": ("partnumber",),
    "benefit": ("benefitid",),
    "reservation": ("reservationid",),
    "tag_text": ("tags",),
}
"""Our name of a column -> the lower-case names that exports give it, the best first."""

DATES = ("usage_day", "period_start", "period_end")
"""Our names of the date columns: the charge's day, the start of the billing period, its end."""

_MANDATORY = {
    "usage_day": "Date",
    "cost": "Cost or CostInBillingCurrency",
    "currency": "BillingCurrency or BillingCurrencyCode",
    "meter_name": "MeterName",
    "charge_type": "ChargeType",
}

_COMMITTED = "lower(pricing_model) in ('reservation', 'savingsplan')"
_CHARGE = "lower(trim(charge_type))"
_IS_USAGE = f"({_CHARGE} = 'usage' or starts_with({_CHARGE}, 'unused'))"
_IN_BILLING_CURRENCY = "upper(coalesce(pricing_currency, currency)) = upper(currency)"
_BENEFIT = "coalesce(benefit, reservation)"
_BRACED = "case when starts_with(trim(tag_text), '{') then tag_text else '{' || tag_text || '}' end"


@dataclass(frozen=True)
class _Typed:
    """A canonical column that may fail to be typed: from which text, how, and what is wrong."""

    name: str
    source: str
    expression: str
    fault: str


def _amount(name: str, source: str, kind: str = BILL_MONEY) -> _Typed:
    return _Typed(name, source, number(source, kind), f"is not a number in {kind}")


def _date(name: str, source: str, add: str = "") -> _Typed:
    day = f"date_trunc('day', {moment(source)})::timestamp{add}"
    fault = "is not a date: write YYYY-MM-DD, or all dates of the file in one order"
    return _Typed(name, source, day, fault)


_TYPED = (
    _date("charge_period_start", "usage_day"),
    _amount("billed_cost", "cost"),
    _amount("pricing_quantity", "quantity", QUANTITY),
    _date("billing_period_start", "period_start"),
    _date("billing_period_end", "period_end", " + interval 1 day"),
    _amount("stated_unit_price", "unit_price"),
    _amount("stated_payg_price", "payg_price"),
    _amount("stated_payg_cost", "payg_cost"),
    _amount("stated_exchange_rate", "exchange_rate"),
    # Decimals beyond the contract's count too when a unit of a million tokens is taken apart.
    _amount("exact_quantity", "quantity", "DECIMAL(28,15)"),
)

_PRICES = ("stated_unit_price", "stated_payg_price", "stated_payg_cost", "stated_exchange_rate")

_DERIVED: Mapping[str, str] = {
    "provider_name": "'Microsoft'",
    "publisher_name": "publisher",
    "invoice_issuer_name": "reseller",
    "billing_account_id": "account_id",
    "billing_account_name": "account_name",
    "sub_account_id": "subscription_id",
    "sub_account_name": "subscription_name",
    "invoice_id": "invoice",
    "charge_period_end": "charge_period_start + interval 1 day",
    "charge_category": f"case when {_IS_USAGE} then 'Usage' "
    f"when {_CHARGE} in ('purchase', 'refund') then 'Purchase' "
    f"when {_CHARGE} = 'tax' then 'Tax' when {_CHARGE} = 'credit' then 'Credit' "
    f"when {_CHARGE} in ('roundingadjustment', 'adjustment') then 'Adjustment' "
    "else charge_type end",
    "charge_class": f"case when {_CHARGE} = 'refund' then 'Correction' end",
    "charge_frequency": "case lower(frequency) when 'usagebased' then 'Usage-Based' "
    "when 'recurring' then 'Recurring' when 'onetime' then 'One-Time' else frequency end",
    "charge_description": "coalesce(product, concat_ws(' - ', meter_category, meter_name))",
    "effective_cost": f"case when {_COMMITTED} and {_CHARGE} in ('purchase', 'refund') then 0 "
    f"when {_COMMITTED} and billed_cost = 0 then null else billed_cost end",
    "billing_currency": "upper(trim(currency))",
    # the rate is from pricing to billing currency
    "x_units_per_usd": "case when upper(trim(pricing_currency)) = 'USD' "
    "then stated_exchange_rate end",
    "pricing_unit": "trim(unit_of_measure)",
    "pricing_category": f"case when {_CHARGE} in ('purchase', 'refund') then 'Standard' "
    f"when {_COMMITTED} then 'Committed' when lower(pricing_model) = 'ondemand' then 'Standard' "
    "when lower(pricing_model) = 'spot' then 'Dynamic' "
    "when pricing_model is not null then 'Other' end",
    "contracted_unit_price": f"case when {_IN_BILLING_CURRENCY} then stated_unit_price end",
    "list_cost": f"coalesce(stated_payg_cost, case when {_IS_USAGE} and {_IN_BILLING_CURRENCY} "
    f"and stated_payg_price > 0 then (pricing_quantity * stated_payg_price)::{BILL_MONEY} end)",
    "list_unit_price": f"case when {_IN_BILLING_CURRENCY} "
    "and (stated_payg_price <> 0 or stated_unit_price is not distinct from 0) "
    "then stated_payg_price end",
    "service_name": "meter_category",
    "region_id": "lower(location)",
    "resource_id": "resource",
    "resource_name": "resource_label",
    "sku_id": "meter_id",
    "sku_price_id": "part_number",
    "commitment_discount_id": _BENEFIT,
    "commitment_discount_category": f"case when {_BENEFIT} is not null "
    f"then if(contains(lower({_BENEFIT}), 'savingsplan'), 'Spend', 'Usage') end",
    "commitment_discount_type": f"case when {_BENEFIT} is not null "
    f"then if(contains(lower({_BENEFIT}), 'savingsplan'), 'Savings Plan', 'Reservation') end",
    "commitment_discount_status": f"case when starts_with({_CHARGE}, 'unused') then 'Unused' "
    f"when {_COMMITTED} and {_CHARGE} = 'usage' then 'Used' end",
    "tags": f"case when tag_text is null then null when json_valid({_BRACED}) then {_BRACED} "
    "else json_object('unparsed', tag_text)::varchar end",
    "x_line_item": "meter_name",
    "period_key": "concat_ws('|', 'azure', coalesce(account_id, ''), "
    "coalesce(strftime(billing_period_start, '%Y-%m-%d'), ''), "
    "lower(coalesce(subscription_id, '')))",
    "x_restatement_key": "concat_ws('|', 'azure', coalesce(account_id, ''), "
    "coalesce(strftime(billing_period_start, '%Y-%m-%d'), ''), "
    "strftime(charge_period_start, '%Y-%m-%d'), lower(coalesce(subscription_id, '')))",
}
"""Canonical columns over the texts and the typed columns.

- `effective_cost`: usage that a commitment covers costs 0 in an ActualCost export; its amortised
  cost stands in the other export only, so here it is unknown.
- `list_cost`: pay-as-you-go price times quantity where the export states no such cost: the price is
  of one UnitOfMeasure, which Quantity counts.
- `list_unit_price`: 0 beside a price that is not 0 is a gap (reservations), not a free meter.
- `x_restatement_key` and `period_key` have the subscription, because exports are made per
  subscription too: one of them must not replace the day, or the month, of another.
"""

DATASET_MARKS = (
    f"{_COMMITTED} and {_IS_USAGE} and billed_cost <> 0",
    f"{_COMMITTED} and {_CHARGE} = 'purchase' and billed_cost <> 0",
    f"{_COMMITTED} and {_CHARGE} = 'usage' and billed_cost = 0 and pricing_quantity <> 0",
)
"""What a row shows: cost spread over usage (AmortizedCost), a purchase, or usage covered by an
earlier purchase (both ActualCost)."""

METER_TEXTS = ("meter_category", "meter_subcategory", "meter_name", "unit_of_measure")
"""The texts that the meter grammar reads."""

PERIOD = "period_key"
"""What an export's run restates: account, billing period and subscription."""

WORKING_COLUMNS = (PERIOD, "record", "exact_quantity", "charge_type", "pricing_model", *METER_TEXTS)
"""Columns of the typed rows that are not the contract's."""


def resolve(file: InputFile, columns: Mapping[str, str]) -> dict[str, str]:
    """Return our name -> the file's lower-case name, for every column that the file has.

    Raises:
        SourceFileError: the file lacks a column without which a charge has no day, amount,
            currency, kind or meter.
    """
    found = {
        ours: next(name for name in names if name in columns)
        for ours, names in NAMES.items()
        if any(name in columns for name in names)
    }
    missing = [names for ours, names in _MANDATORY.items() if ours not in found]
    if missing and {"billedcost", "chargecategory"} <= set(columns):
        raise SourceFileError(
            file.relative, 'is a FOCUS export: read it from a source with format = "focus"'
        )
    if missing:
        reason = (
            f"is not an Azure cost export: no column {', '.join(missing)} "
            "(expected names separated by commas, semicolons or tabs in the first line)"
        )
        raise SourceFileError(file.relative, reason)
    return found


def marked_rows(scan_sql: str, found: Mapping[str, str]) -> str:
    """Return a table expression of the columns that DATASET_MARKS reads, over an untyped scan."""
    texts = ", ".join(
        (quote(found[ours]) if ours in found else "null::varchar") + f" as {ours}"
        for ours in ("charge_type", "pricing_model", "cost", "quantity")
    )
    return (
        f"(select *, {number('cost', BILL_MONEY)} as billed_cost, "
        f"{number('quantity', QUANTITY)} as pricing_quantity from (select {texts} from {scan_sql}))"
    )


def typing_sql(scan: Scan, found: Mapping[str, str]) -> str:
    """Return the query of record number, fault, canonical columns and meter texts.

    Args:
        scan: the file's text columns, in lower case.
        found: what `resolve` found.
    """
    texts = ", ".join(
        (text_or_null(quote(found[ours])) if ours in found else "null::varchar") + f" as {ours}"
        for ours in NAMES
    )
    typed = ", ".join(f"{column.expression} as {column.name}" for column in _TYPED)
    derived = ", ".join(f"{expression} as {name}" for name, expression in _DERIVED.items())
    stated = ", ".join(column.name for column in _TYPED if column.name not in _PRICES)
    field, reason = _faults(scan.columns, found)
    return f"""
        with texts as (select record, {texts} from {scan.sql}),
        typed as (select *, {typed} from texts)
        select
            record, {field} as reject_field, {reason} as reject_reason,
            {stated}, {derived},
            charge_type, pricing_model, {", ".join(METER_TEXTS)}
        from typed
    """


def _faults(columns: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, str]:
    """Return the expressions of the first untypable column and of what it should be."""
    fields, reasons = "", ""
    for column in _TYPED:
        if column.source in found and column.name != "exact_quantity":
            condition = f"when {column.source} is not null and {column.name} is null then "
            fields += condition + literal(columns[found[column.source]]) + " "
            reasons += condition + literal(column.fault) + " "
    return f"case {fields}end", f"case {reasons}end"
