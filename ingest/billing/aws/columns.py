"""How Cost and Usage Report columns become `billing_charges` columns: SQL over text columns.

A report names one column in three ways: `lineItem/UsageType` (legacy CSV), `line_item_usage_type`
(CUR 2.0, legacy Parquet) and any case of both. All fold to `lineitemusagetype`, the name used here.
Every expression takes text and gives NULL for what it cannot type; `fault` names that column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingest.billing.export_files.cells import moment, number, text_or_null
from ingest.contracts.columns import BILL_MONEY, QUANTITY
from ingest.sql import literal, quote

MANDATORY = {
    "billpayeraccountid": "bill_payer_account_id",
    "billbillingperiodstartdate": "bill_billing_period_start_date",
    "lineitemlineitemtype": "line_item_line_item_type",
    "lineitemusagestartdate": "line_item_usage_start_date",
    "lineitemproductcode": "line_item_product_code",
    "lineitemusagetype": "line_item_usage_type",
    "lineitemunblendedcost": "line_item_unblended_cost",
    "lineitemcurrencycode": "line_item_currency_code",
}
"""Folded name -> CUR 2.0 name of the columns without which a line cannot be placed or replaced."""

# A Tax line has no usage type, a fee no product; these every line has, or it cannot be placed.
_NEVER_EMPTY = tuple(
    name for name in MANDATORY if name not in ("lineitemproductcode", "lineitemusagetype")
)
_MAPS = ("product", "resourcetags", "costcategory", "tags")
_AMOUNTS = (
    "lineitemunblendedcost",
    "lineitemnetunblendedcost",
    "lineitemnetunblendedrate",
    "pricingpublicondemandcost",
    "pricingpublicondemandrate",
    "savingsplansavingsplaneffectivecost",
    "savingsplantotalcommitmenttodate",
    "savingsplanusedcommitment",
    "reservationeffectivecost",
    "reservationunusedamortizedupfrontfeeforbillingperiod",
    "reservationunusedrecurringfee",
)
_MOMENTS = (
    "billbillingperiodstartdate",
    "billbillingperiodenddate",
    "lineitemusagestartdate",
    "lineitemusageenddate",
)
DATES = ("lineitemusagestartdate", "billbillingperiodstartdate", *_MOMENTS[1::2])
"""Date columns: the charge's day, the start of the billing period, the others."""

_TEXTS = (
    "identitylineitemid",
    "identitytimeinterval",
    "billinvoiceid",
    "billinvoicingentity",
    "billpayeraccountid",
    "billpayeraccountname",
    "lineitemusageaccountid",
    "lineitemusageaccountname",
    "lineitemlineitemtype",
    "lineitemproductcode",
    "lineitemusagetype",
    "lineitemoperation",
    "lineitemresourceid",
    "lineitemcurrencycode",
    "lineitemlineitemdescription",
    "lineitemlegalentity",
    "lineitemiamprincipal",
    "pricingunit",
    "pricingterm",
    "pricingratecode",
    "product",
    "productproductname",
    "productservicecode",
    "productregion",
    "productregioncode",
    "productsku",
    "savingsplansavingsplanarn",
    "reservationreservationarn",
    "resourcetags",
    "costcategory",
    "tags",
)
_QUANTITY = "lineitemusageamount"
_EXACT_QUANTITY = "DECIMAL(31,15)"  # a million times as much still fits 38 digits

READ = (*_AMOUNTS, *_MOMENTS, *_TEXTS, _QUANTITY)
"""Folded names of the columns that are read; of all others only tags are."""

_TAG = re.compile(r"(resourceTags/|resource_tags_)(user[:_])?|costCategory/|cost_category_", re.I)


def folded(name: str, place: int) -> str:
    """Return the scan's name of a column; what is not read by name keeps its place as its name.

    Tags differ in case alone, and so may their columns.
    """
    fold = re.sub(r"[^a-z0-9]", "", name.lower())
    return fold if fold in READ and not tag_key(name) else f"column {place}"


def tag_key(column: str) -> str | None:
    """Return the tag a flat column holds, as `tags` calls it; None for any other column.

    A user's tag has its own name, `aws:createdBy` keeps its prefix, a cost category gets one.
    """
    match = _TAG.match(column)
    if not match or match.end() == len(column):
        return None
    is_category = match[0].lower().startswith("cost")
    return ("costCategory/" if is_category else "") + column[match.end() :]


def texts(columns: Mapping[str, str]) -> str:
    """Return the select list of all READ columns as text; NULL for those the file lacks."""
    return ", ".join(
        f"{text_or_null(name) if name in columns else 'null::varchar'} as {name}" for name in READ
    )


def typed() -> str:
    """Return the select list of the typed columns: each folded name with `_` in front."""
    return ", ".join(
        [f"{number(name, BILL_MONEY)} as _{name}" for name in _AMOUNTS]
        + [f"{moment(name)} as _{name}" for name in _MOMENTS]
        + [f"{number(_QUANTITY, _EXACT_QUANTITY)} as _{_QUANTITY}"]
        + [f"{number(_QUANTITY, QUANTITY)} as _pricingquantity"]
    )


def fault(columns: Mapping[str, str]) -> tuple[str, str]:
    """Return the expressions of the first untypable or missing column and of what is wrong."""
    cases = [(f"{name} is null", name, "is empty; every line states it") for name in _NEVER_EMPTY]
    cases += [(_lost(name), name, f"is not a number in {BILL_MONEY}") for name in _AMOUNTS]
    cases += [(_lost(name), name, "is not a date or time") for name in _MOMENTS]
    cases += [(_lost(_QUANTITY), _QUANTITY, f"is not a number in {_EXACT_QUANTITY}")]
    cases += [
        (f"{name} is not null and {_map(name)} is null", name, "is not a JSON object")
        for name in _MAPS
    ]
    stated = [case for case in cases if case[1] in columns]
    fields = " ".join(f"when {test} then {literal(columns[name])}" for test, name, _ in stated)
    reasons = " ".join(f"when {test} then {literal(reason)}" for test, _, reason in stated)
    return f"case {fields} end", f"case {reasons} end"


def _lost(name: str) -> str:
    return f"{name} is not null and _{name} is null"


def _map(column: str) -> str:
    """Return a map column as a map: both CSV and a scan of Parquet give it as JSON."""
    return f"try_cast(try_cast({column} as json) as map(varchar, varchar))"


def tag_entries(columns: Mapping[str, str]) -> str:
    """Return the list of a line's tags, of flat columns and of maps; empty ones are left out.

    `aws:createdBy` of an assumed role ends in a session name, mostly a person's address: that part
    is left out, too.
    """
    flat = [
        f"{{'key': {literal(key)}, 'value': {quote(ours)}}}"
        for ours, theirs in columns.items()
        if (key := tag_key(theirs))
    ]
    parts = [f"[{', '.join(flat)}]"] if flat else []
    parts += [
        f"coalesce(list_transform(map_entries({_map(name)}), lambda e: {{'key': {prefix} || "
        f"regexp_replace(e.key, {literal(strip)}, ''), 'value': e.value}}), [])"
        for name, (prefix, strip) in _TAG_MAPS.items()
        if name in columns
    ]
    stated = f"list_filter({' || '.join(parts)}, lambda e: trim(coalesce(e.value, '')) <> '')"
    return (
        f"list_transform({stated}, lambda e: {{'key': e.key, 'value': {_CREATOR}}})"
        if parts
        else "null::struct(key varchar, value varchar)[]"
    )


_TAG_MAPS = {
    "resourcetags": ("''", "^(resourceTags/)?(user[:_])?"),
    "tags": ("''", "^resourceTags/(user:)?"),
    "costcategory": ("'costCategory/'", "^costCategory/"),
}
"""Map column -> (what its keys get in front, what they lose)."""

_CREATOR = (
    "case when regexp_matches(lower(e.key), '^aws[:_]created_?by$') "
    r"then regexp_replace(e.value, '^(AssumedRole|FederatedUser):([^:]*):.*$', '\1:\2') "
    "else e.value end"
)

TAGS = """case when len(tag_entries) > 0 then to_json(map_from_entries(list_filter(
    tag_entries, lambda e, i: list_position(list_transform(tag_entries, lambda f: f.key), e.key) = i
)))::varchar end"""
"""The JSON object of `tag_entries`; where a key comes twice, the first counts."""


def account(column: str) -> str:
    """Return an account id with the leading zeros a spreadsheet took: it always has 12 digits."""
    return (
        f"case when regexp_full_match(trim({column}), '\\d{{1,11}}') "
        f"then lpad(trim({column}), 12, '0') else trim({column}) end"
    )


def of_product(key: str) -> str:
    """Return a key of CUR 2.0's `product` map; NULL for text that is not JSON."""
    return f"json_extract_string(try_cast(product as json), '$.{key}')"


_TYPE = "lower(lineitemlineitemtype)"
# The amortised cost of each kind of line, as AWS defines it; NULL when the report leaves out the
# column it takes. Any other line costs what is billed.
_EFFECTIVE = f"""case {_TYPE}
    when 'savingsplancoveredusage' then _savingsplansavingsplaneffectivecost
    when 'savingsplanrecurringfee' then
        _savingsplantotalcommitmenttodate - _savingsplanusedcommitment
    when 'savingsplannegation' then 0
    when 'savingsplanupfrontfee' then 0
    when 'discountedusage' then _reservationeffectivecost
    when 'rifee' then _reservationunusedamortizedupfrontfeeforbillingperiod
        + _reservationunusedrecurringfee
    when 'fee' then if(reservationreservationarn is null, _lineitemunblendedcost, 0)
    else _lineitemunblendedcost end"""

CHARGE = {
    "provider_name": "'AWS'",
    "publisher_name": "lineitemlegalentity",
    "invoice_issuer_name": "billinvoicingentity",
    "billing_account_id": account("billpayeraccountid"),
    "billing_account_name": "billpayeraccountname",
    "sub_account_id": account("lineitemusageaccountid"),
    "sub_account_name": "lineitemusageaccountname",
    "invoice_id": "billinvoiceid",
    "billing_period_start": "_billbillingperiodstartdate",
    "billing_period_end": "_billbillingperiodenddate",
    "charge_period_start": "_lineitemusagestartdate",
    "charge_period_end": "_lineitemusageenddate",
    "charge_category": f"case when {_TYPE} in "
    "('usage', 'discountedusage', 'savingsplancoveredusage') then 'Usage' "
    f"when {_TYPE} in ('fee', 'rifee', 'savingsplanupfrontfee', 'savingsplanrecurringfee') "
    f"then 'Purchase' when {_TYPE} = 'tax' then 'Tax' when {_TYPE} = 'credit' then 'Credit' "
    f"when {_TYPE} is not null then 'Adjustment' end",
    "charge_class": f"case when {_TYPE} = 'refund' then 'Correction' end",
    "charge_description": "lineitemlineitemdescription",
    "charge_frequency": f"case when {_TYPE} in ('rifee', 'savingsplanrecurringfee') "
    f"then 'Recurring' when {_TYPE} in ('fee', 'savingsplanupfrontfee') then 'One-Time' "
    f"when {_TYPE} in ('usage', 'discountedusage', 'savingsplancoveredusage') "
    "then 'Usage-Based' end",
    "billed_cost": "_lineitemunblendedcost",
    "effective_cost": f"({_EFFECTIVE})::{BILL_MONEY}",
    "list_cost": "_pricingpublicondemandcost",
    "contracted_cost": "_lineitemnetunblendedcost",
    "billing_currency": "upper(trim(lineitemcurrencycode))",
    "pricing_quantity": "_pricingquantity",
    "pricing_unit": "pricingunit",
    "pricing_category": f"case when {_TYPE} in ('discountedusage', 'savingsplancoveredusage') "
    "then 'Committed' when lower(pricingterm) = 'ondemand' then 'Standard' "
    "when lower(pricingterm) = 'spot' then 'Dynamic' "
    "when lower(pricingterm) = 'reserved' then 'Committed' end",
    "list_unit_price": "_pricingpublicondemandrate",
    "contracted_unit_price": "_lineitemnetunblendedrate",
    "service_name": f"coalesce({of_product('product_name')}, productproductname, "
    "lineitemproductcode)",
    "region_id": f"coalesce(productregioncode, {of_product('region')}, productregion)",
    "resource_id": "lineitemresourceid",
    "sku_id": "productsku",
    "sku_price_id": "pricingratecode",
    "commitment_discount_id": "coalesce(savingsplansavingsplanarn, reservationreservationarn)",
    "commitment_discount_category": "case when savingsplansavingsplanarn is not null then 'Spend' "
    "when reservationreservationarn is not null then 'Usage' end",
    "commitment_discount_type": "case when savingsplansavingsplanarn is not null "
    "then 'Savings Plan' when reservationreservationarn is not null then 'Reserved Instance' end",
    "commitment_discount_status": f"case when {_TYPE} in "
    "('discountedusage', 'savingsplancoveredusage') then 'Used' "
    f"when {_TYPE} in ('savingsplanrecurringfee', 'rifee') then 'Unused' end",
    "x_line_item": "lineitemusagetype",
}
"""Expressions of the canonical columns that need no grammar, over the text and typed columns."""
