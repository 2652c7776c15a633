"""Which model a cloud's FOCUS line bills: the clouds' own columns, read by their native grammars.

FOCUS itself has no word for a model before the draft of 1.5, so each cloud's export says it as its
native bill does, and the result must be the same:

- AWS: `x_UsageType`, with `x_ServiceCode` and the service's name (`aws_usage_types`);
- Azure: `x_SkuMeterName` and its categories (1.0), `SkuMeter` (1.2) (`azure_meters`);
- Google: the SKU's text in `x_SkuDescription`, `SkuMeter` or `ChargeDescription` (`gcp_skus`).

A cloud's other lines are the cloud's (`aws`, `azure`, `gcp`), not its model service's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import pyarrow as pa

from ingest.billing.aws.models import is_bedrock, parse, tokens_in_unit
from ingest.billing.azure.models import parse_meter
from ingest.billing.export_files.cells import number
from ingest.billing.gcp.models import Sku, read_sku
from ingest.contracts.columns import QUANTITY

Texts = Mapping[str, str | None]

_EXACT = "DECIMAL(31,15)"  # a million times as much still fits 38 digits

_SKU = ("x_SkuMeterCategory", "x_SkuMeterSubcategory", "x_SkuMeterName", "SkuMeter")
_UNITS = ("PricingUnit", "ConsumedUnit", "x_PricingUnitDescription", "x_PricingBlockSize")
_NAMES = ("x_ServiceCode", "x_UsageType", "ServiceName", "x_SkuDescription", *_SKU, *_UNITS)

READ = tuple(name.lower() for name in _NAMES)
"""Columns that the grammars read, in lower case."""

TEXTS = ("cloud", "said_provider", *READ, "described")
"""What is distinct about a line for the grammars; a description is read of Google only."""

QUANTITIES = {"exact_consumed": "consumedquantity", "exact_priced": "pricingquantity"}
"""Quantities with all their digits: a unit of a million tokens is taken apart."""

WORKING_COLUMNS = (*TEXTS, *QUANTITIES)
"""Columns of the typed rows that are not the contract's."""

_CLOUDS = {
    "aws": r"\b(aws|amazon)\b",
    "azure": r"\b(azure|microsoft)\b",
    "gcp": r"\b(google|gcp)\b",
}


def texts_sql() -> str:
    """Return the select list of TEXTS and QUANTITIES, over the stated canonical columns."""
    named = "coalesce(lower({}), '')"
    cases = " ".join(
        f"when regexp_matches({named.format(column)}, '{pattern}') then '{cloud}'"
        for column in ("provider_name", "host_provider_name")
        for cloud, pattern in _CLOUDS.items()
    )
    exact = ", ".join(f"{number(text, _EXACT)} as {name}" for name, text in QUANTITIES.items())
    return (
        f"case {cases} end as cloud, provider_name as said_provider, "
        f"case when regexp_matches({named.format('provider_name')}, '{_CLOUDS['gcp']}') "
        f"then charge_description end as described, {exact}"
    )


def read(*texts: str | None) -> dict[str, object]:
    """Return what the texts of a cloud's line say, given in the order of TEXTS."""
    said = dict(zip(TEXTS, texts, strict=True))
    return _READERS[said["cloud"] or ""](said)


_SAID = (
    "provider",
    "model",
    "token_class",
    "tier",
    "cost_type",
    "unit",
    "measure",
    "line_item",
    "details",
)
SCHEMA = pa.schema([*((name, pa.string()) for name in (*TEXTS, *_SAID)), ("block", pa.int64())])
"""Of TEXTS and of what `read` says."""


def _aws(texts: Texts) -> dict[str, object]:
    usage_type, service = texts["x_usagetype"], texts["servicename"]
    if not is_bedrock((texts["x_servicecode"], service), service, usage_type):
        return {"provider": "aws", "line_item": usage_type}
    found = parse(usage_type or "", service)
    measure = "consumed" if texts["consumedunit"] else "priced"
    unit = texts["consumedunit"] or texts["pricingunit"]
    return {
        "provider": "aws.bedrock",
        "model": found.model,
        "token_class": found.token_class,
        "tier": found.tier,
        "cost_type": found.cost_type,
        "block": tokens_in_unit(unit, found.block) if found.token_class else None,
        "unit": "Tokens",
        "measure": measure,
        "line_item": usage_type,
        "details": _object(found.details),
    }


def _azure(texts: Texts) -> dict[str, object]:
    meter = texts["x_skumetername"] or texts["skumeter"]
    category = texts["x_skumetercategory"] or texts["servicename"]
    service = f"{texts['said_provider']} {category}" if category else texts["said_provider"]
    # 1.2 states the block apart from the unit; older exports write `1K` or describe it
    priced = texts["pricingunit"] or ""
    is_block = re.match(r"\d+\s*[KM]?\b", priced, re.IGNORECASE)
    unit = priced if is_block else texts["x_pricingunitdescription"] or texts["x_pricingblocksize"]
    found = parse_meter(service, texts["x_skumetersubcategory"], meter, unit or priced)
    return {
        "provider": "azure.ai.openai" if found.is_model_service else "azure",
        "model": found.model,
        "token_class": found.token_class,
        "tier": found.service_tier,
        "cost_type": found.cost_type,
        "block": found.block,
        "unit": "Tokens",
        "measure": "priced",
        "line_item": meter,
        "details": _object({"x_DeploymentScope": found.scope, "x_ContextBand": found.context}),
    }


def _google(texts: Texts) -> dict[str, object]:
    service = (texts["servicename"] or "").lower()
    candidates = [texts[n] for n in ("x_skudescription", "skumeter", "described") if texts[n]]
    read = [(text, read_sku(text)) for text in candidates if text]
    line_item, found = next((one for one in read if one[1] != Sku()), (None, Sku()))
    provider = (
        "gcp.vertex_ai"
        if service.startswith("vertex ai")
        else "gcp.gemini"
        if service in ("generative language api", "gemini api")
        else "gcp"
    )
    metered = (texts["consumedunit"] or "").lower()
    # `requests` and `count` hold tokens; older models were billed by characters, seconds, images
    counts = found.token_class and not re.search("char|second|minute|hour|image|byte", metered)
    stored = found.cost_type == "cache_storage"
    return {
        "provider": provider,
        "model": found.model,
        "token_class": found.token_class if counts else None,
        "tier": found.tier,
        "cost_type": "tokens"
        if counts
        else metered or None
        if found.token_class
        else found.cost_type,
        "block": 1 if counts or stored else None,
        "unit": "Token-Hours" if stored else "Tokens",
        "measure": "priced" if stored and "second" in metered else "consumed",
        "line_item": line_item or (candidates[0] if candidates else None),
        "details": None,
    }


def _object(details: Texts) -> str | None:
    """Return the stated details as a JSON object; None when there are none."""
    stated = {key: value for key, value in details.items() if value}
    return json.dumps(stated, separators=(",", ":")) if stated else None


_READERS: Mapping[str, Callable[[Texts], dict[str, object]]] = {
    "aws": _aws,
    "azure": _azure,
    "gcp": _google,
}

_USAGE = "r.charge_category = 'Usage'"
_COUNTED = f"({_USAGE} and m.block is not null)"
_AMOUNT = "case m.measure when 'consumed' then r.exact_consumed else r.exact_priced end"

DERIVED_COLUMNS = {
    "x_provider": "coalesce(m.provider, r.x_provider)",
    "x_model": "coalesce(r.x_model, m.model)",
    "x_token_class": "coalesce(r.x_token_class, m.token_class)",
    "x_service_tier": "m.tier",
    "x_cost_type": f"case when {_USAGE} then coalesce(r.x_cost_type, m.cost_type) "
    "else r.x_cost_type end",
    "x_line_item": "m.line_item",
    "consumed_quantity": f"case when {_COUNTED} "
    f"then try_cast(({_AMOUNT}) * m.block::decimal(7, 0) as {QUANTITY}) "
    "else r.consumed_quantity end",
    "consumed_unit": f"case when {_COUNTED} then m.unit else r.consumed_unit end",
    "sku_price_details": "case when m.details is null then r.sku_price_details "
    "when r.sku_price_details is null then m.details "
    "when json_valid(r.sku_price_details) "
    "then json_merge_patch(m.details, r.sku_price_details)::varchar "
    "else r.sku_price_details end",
}
"""Canonical columns to which the grammars add; `m` is the lookup table, `r` the typed row."""

REPLACED_COLUMNS = tuple(
    name for name in DERIVED_COLUMNS if name not in ("x_service_tier", "x_line_item")
)
"""Columns of the typed rows that derived ones replace."""
