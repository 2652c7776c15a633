"""Rules for cost that no call caused, `config/allocation.csv`, dated and in order.

A rule claims lines of bills for a pool (a vector database, a support plan, tax) and says how the
pool is spread over those who used something. The first rule that fits claims a line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import pyarrow as pa

from ingest.records.iam_principals import principals_of
from ingest.reference.columns import LINE, Validity, text, word
from ingest.reference.conditions import Condition, parts, refuse_unknown
from ingest.reference.row import Row
from ingest.reference.table import Column, Concern, Note, ReferenceRow, ReferenceTable

READABLE = (
    "source_name",
    "provider",
    "provider_name",
    "publisher_name",
    "invoice_issuer_name",
    "line",
    "charge_category",
    "charge_class",
    "charge_description",
    "charge_frequency",
    "model_id",
    "x_token_class",
    "x_service_tier",
    "x_cost_type",
    "x_line_item",
    "service_category",
    "service_subcategory",
    "service_name",
    "sku_id",
    "sku_meter",
    "billing_account_id",
    "sub_account_id",
    "region_id",
    "resource_id",
    "resource_name",
    "resource_type",
    "invoice_id",
    "commitment_discount_id",
    "commitment_discount_type",
    "commitment_discount_status",
    "x_api_key_id",
)
"""Columns of `fct_charges` that a condition may read, beside `tag.<name>`."""

MEMBERS = ("feature", "tenant", "team", "cost_centre")

BASES = {
    "proportional": ("charge", "provider_charge"),
    "even": MEMBERS,
    "fixed": MEMBERS,
    "driver": ("calls", "tokens", "successful_tasks"),
    "none": ("",),
}
"""What each method can go by, the default first; `driver` names one, or `tool:<name>`."""

PLACES = 6
"""Decimals of a fixed share."""

_VALIDITY = Validity("rule")


def _conditions(row: Row, column: str) -> tuple[Condition, ...]:
    found = tuple(
        (name, principals_of(value, row.salt) if name == "x_api_key_id" else (value,))
        for name, value in parts(row, column)
    )
    refuse_unknown(row, column, [name for name, _ in found], READABLE, prefix="tag.")
    return found


def _basis(row: Row, column: str) -> str:
    bases, by = BASES[row["method"]], row[column]
    if row["method"] == "driver":
        if by in bases or by.removeprefix("tool:") not in ("", by):
            return by
        row.refuse(
            column, f"a driver is one of {', '.join(bases)}, or tool:<name>, the calls of a tool"
        )
    if by and by not in bases:
        row.refuse(
            column,
            f"{row['method']} goes by {' or '.join(filter(None, bases)) or 'nothing'}"
            f", not by {by!r}",
        )
    return by or bases[0]


def _shares(row: Row, column: str) -> tuple[tuple[str, Decimal], ...]:
    if row["method"] != "fixed":
        if row[column]:
            row.refuse(column, "only the method fixed has shares")
        return ()
    shares = tuple((name, _percent(row, value)) for name, value in parts(row, column))
    if len(dict(shares)) < len(shares):
        row.refuse(column, "names a member twice")
    total = sum((share for _, share in shares), Decimal(0))
    if total != 100:
        row.refuse(column, f"the shares sum to {total.normalize():f}, not to 100")
    return shares


def _percent(row: Row, text: str) -> Decimal:
    try:
        share = Decimal(text)
    except InvalidOperation:
        row.refuse("shares", f"{text!r} is not a number: write percent, with a point")
    if not share.is_finite() or not 0 < share <= 100 or share != round(share, PLACES):
        row.refuse("shares", f"write percent above 0, with at most {PLACES} decimals")
    return share


def _weights(shares: Sequence[tuple[str, Decimal]]) -> list[dict[str, object]]:
    return [{"member": member, "weight": int(share.scaleb(PLACES))} for member, share in shares]


@dataclass(frozen=True)
class Rule(ReferenceRow):
    """One rule; its conditions are JSON in schema `raw`, of which the models make SQL."""

    line: Annotated[int, LINE]
    pool: Annotated[
        str, text("what the lines are called", empty="name the pool as statements should show it")
    ]
    conditions: Annotated[
        tuple[Condition, ...],
        Column(
            "columns of a bill line or `tag.<name>` and what each must be, joined with `and`",
            _conditions,
            name="when",
            type=pa.string(),
            is_required=True,
            to_raw=json.dumps,
        ),
    ]
    method: Annotated[str, word("how the pool is spread", tuple(BASES))]
    basis: Annotated[
        str,
        Column(
            "what the method goes by; empty: its usual basis", _basis, name="by", type=pa.string()
        ),
    ]
    shares: Annotated[
        tuple[tuple[str, Decimal], ...],
        Column(
            "member = percent, joined with `and`, 100 in all; only of the method fixed",
            _shares,
            type=pa.list_(pa.struct([("member", pa.string()), ("weight", pa.int64())])),
            to_raw=_weights,
        ),
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    note: Note = field(default="", compare=False)


ALLOCATION_RULES = ReferenceTable(
    name="allocation_rules",
    file="config/allocation.csv",
    title="who bears what no call caused",
    row_type=Rule,
    concern=Concern(("billing_charges",), noted_as="billing_charges"),
)
