"""Generated Cost and Usage Report lines of Bedrock: no real ones are public.

The columns are CUR 2.0's and the usage types are those that were observed; accounts, amounts and
times are made up. The same lines are written as CUR 2.0 CSV, as CUR 2.0 Parquet with map columns,
and as a legacy CSV with slash headers.
"""

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Line = dict[str, Any]

MAPS = ("product", "resource_tags", "cost_category", "tags")
AMOUNTS = (
    "line_item_usage_amount", "line_item_unblended_cost", "pricing_public_on_demand_cost",
    "pricing_public_on_demand_rate", "line_item_net_unblended_cost",
)  # fmt: skip
TIMES = (
    "bill_billing_period_start_date", "bill_billing_period_end_date",
    "line_item_usage_start_date", "line_item_usage_end_date",
)  # fmt: skip
EDITION = "Claude Sonnet 4.6 (Amazon Bedrock Edition)"

BASE: Line = {
    "identity_line_item_id": "id1",
    "identity_time_interval": "2026-09-03T00:00:00Z/2026-09-04T00:00:00Z",
    "bill_invoice_id": "",
    "bill_invoicing_entity": "Amazon Web Services, Inc.",
    "bill_billing_entity": "AWS",
    "bill_bill_type": "Anniversary",
    "bill_payer_account_id": "001234567890",
    "bill_billing_period_start_date": "2026-09-01T00:00:00.000Z",
    "bill_billing_period_end_date": "2026-10-01T00:00:00.000Z",
    "line_item_usage_account_id": "000000000042",
    "line_item_line_item_type": "Usage",
    "line_item_usage_start_date": "2026-09-03T07:00:00.000Z",
    "line_item_usage_end_date": "2026-09-03T08:00:00.000Z",
    "line_item_product_code": "AmazonBedrock",
    "line_item_usage_type": "USE1-NovaPro-input-tokens",
    "line_item_operation": "InvokeModelInference",
    "line_item_resource_id": "",
    "line_item_usage_amount": "12.5",
    "line_item_unblended_cost": "0.01",
    "line_item_net_unblended_cost": "",
    "line_item_currency_code": "USD",
    "line_item_line_item_description": "",
    "line_item_legal_entity": "Amazon Web Services, Inc.",
    "line_item_iam_principal": "",
    "pricing_unit": "1K tokens",
    "pricing_term": "OnDemand",
    "pricing_rate_code": "",
    "pricing_public_on_demand_cost": "0.01",
    "pricing_public_on_demand_rate": "0.0008",
    "product": {"product_name": "Amazon Bedrock", "region": "us-east-1"},
    "product_region_code": "us-east-1",
    "product_servicecode": "AmazonBedrock",
    "product_sku": "",
    "resource_tags": {},
    "cost_category": {},
    "tags": {},
}


def line(**columns: Any) -> Line:
    """One line; what is not given is a plain hour of Nova Pro input."""
    return BASE | columns


def marketplace(**columns: Any) -> Line:
    """One line of a model sold through the Marketplace, billed by the million under `Units`."""
    return line(
        **{
            "line_item_product_code": "4i2qtx0xjc9qzqxjx2sj3p8tn",
            "line_item_usage_type": "USE1-MP:USE1_InputTokenCount-Units",
            "bill_billing_entity": "AWS Marketplace",
            "line_item_legal_entity": "Anthropic, PBC",
            "product": {"product_name": EDITION},
            "product_servicecode": "AmazonBedrockFoundationModels",
            "pricing_unit": "Units",
        }
        | columns
    )


def observed(usage_types: list[str]) -> list[Line]:
    """One line of each usage type; the n-th has the identity n, n.5 units and n thousandths USD."""
    lines = []
    for number, usage_type in enumerate(usage_types, start=1):
        make = marketplace if "-MP:" in usage_type else line
        lines.append(
            make(
                identity_line_item_id=f"id{number}",
                line_item_usage_type=usage_type,
                line_item_usage_amount=f"{number}.5",
                line_item_unblended_cost=str(Decimal(number).scaleb(-3)),
            )
        )
    return lines


def cur2_csv(*lines: Line) -> str:
    """CUR 2.0 CSV: snake_case, maps as JSON text."""
    names = list(lines[0])
    return _csv(names, [[_cell(row[name]) for name in names] for row in lines])


def _cell(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


def legacy_csv(*lines: Line) -> str:
    """Legacy CSV: `lineItem/UsageType`, one column per product attribute and tag."""
    flat = [_flat(row) for row in lines]
    names = list(dict.fromkeys(name for row in flat for name in row))
    return _csv(names, [[row.get(name, "") for name in names] for row in flat])


def _flat(row: Line) -> dict[str, str]:
    found = {slashed(name): value for name, value in row.items() if name not in MAPS}
    found |= {"product/ProductName": row["product"].get("product_name", "")}
    found |= {f"resourceTags/user:{key}": value for key, value in row["resource_tags"].items()}
    return found | {f"costCategory/{key}": value for key, value in row["cost_category"].items()}


def slashed(name: str) -> str:
    """`line_item_usage_type` -> `lineItem/UsageType`."""
    group = next(g for g in ("line_item", "identity", "bill", "pricing", "product", "savings_plan")
                 if name.startswith(g + "_"))  # fmt: skip
    rest = name.removeprefix(group + "_")
    camel = "".join(word.capitalize() for word in rest.split("_"))
    special = {"servicecode": "servicecode", "sku": "sku", "region_code": "regionCode"}
    group = re.sub("_(.)", lambda match: match[1].upper(), group)
    return f"{group}/{special.get(rest, camel) if group == 'product' else camel}"


def _csv(names: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue()


def cur2_parquet(path: Path, *lines: Line) -> Path:
    """CUR 2.0 Parquet: DOUBLE amounts, timestamps, map columns."""
    arrays = {name: _array(name, [row[name] for row in lines]) for name in lines[0]}
    pq.write_table(pa.table(arrays), path)
    return path


def _array(name: str, values: list[Any]) -> pa.Array:
    if name in MAPS:
        return pa.array([list(v.items()) for v in values], pa.map_(pa.string(), pa.string()))
    if name in AMOUNTS:
        return pa.array([float(value) if value else None for value in values], pa.float64())
    if name in TIMES:
        times = pa.array([value.removesuffix("Z") for value in values])
        return times.cast(pa.timestamp("ms"))
    return pa.array([value or None for value in values], pa.string())
