"""Rules for cost that no call caused, `config/allocation.csv`, dated and in order.

A rule claims lines of bills for a pool (a vector database, a support plan, tax) and says how the
pool is spread over those who used something. The first rule that fits claims a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa

from ingest.records.iam_principals import principals_of
from ingest.reference.conditions import parts, refuse_unknown
from ingest.reference.csv_table import Row, read_rows

HEADER = ("pool", "when", "method", "by", "shares", "valid_from", "valid_to", "note")

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

ALLOCATION_RULES = pa.schema(
    [
        ("line", pa.int64()),
        ("pool", pa.string()),
        ("conditions", pa.string()),
        ("method", pa.string()),
        ("basis", pa.string()),
        ("shares", pa.list_(pa.struct([("member", pa.string()), ("weight", pa.int64())]))),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
    ]
)
"""One rule a row: conditions as JSON, which the models turn into SQL."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        line: its line in the file, by which charges name it.
        pool: what the claimed lines are called on a statement.
        conditions: (column or `tag.<name>`, texts or patterns with `*` of which one must fit).
        method: one of `BASES`.
        basis: what the method goes by.
        shares: member -> percent; only of `fixed`.
        valid_from: UTC, inclusive, naive; by the start of the charge.
        valid_to: UTC, exclusive, naive.
    """

    line: int
    pool: str
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    method: str
    basis: str
    shares: tuple[tuple[str, Decimal], ...]
    valid_from: datetime
    valid_to: datetime


def read_allocation(
    path: Path, salt: str, shown_as: str = "config/allocation.csv"
) -> tuple[Rule, ...]:
    """Read the rules of a workspace, in their order; one without the file has none.

    Args:
        path: the file on disk.
        salt: the workspace's salt, for the sessions of roles that a rule names.
        shown_as: its name in errors.

    Raises:
        ConfigError: names the row and column of what is wrong, shares that do not sum to 100 too.
    """
    return tuple(_rule(row, salt) for row in read_rows(path, shown_as, HEADER))


def allocation_table(rules: Iterable[Rule]) -> pa.Table:
    """The rules with the columns of `ALLOCATION_RULES`."""
    return pa.Table.from_pylist(
        [
            {
                **vars(rule),
                "conditions": json.dumps(rule.conditions),
                "shares": [
                    {"member": member, "weight": int(share.scaleb(PLACES))}
                    for member, share in rule.shares
                ],
            }
            for rule in rules
        ],
        schema=ALLOCATION_RULES,
    )


def _rule(row: Row, salt: str) -> Rule:
    if not row["pool"]:
        row.refuse("pool", "name the pool as statements should show it")
    conditions = tuple(
        (name, principals_of(value, salt) if name == "x_api_key_id" else (value,))
        for name, value in parts(row, "when")
    )
    refuse_unknown(row, "when", [name for name, _ in conditions], READABLE, prefix="tag.")
    method = row["method"]
    if method not in BASES:
        row.refuse("method", f"{method!r} is not one of {', '.join(BASES)}")
    return Rule(
        row.line,
        row["pool"],
        conditions,
        method,
        _basis(row),
        _shares(row),
        *row.validity("rule"),
    )


def _basis(row: Row) -> str:
    bases, by = BASES[row["method"]], row["by"]
    if row["method"] == "driver":
        if by in bases or by.removeprefix("tool:") not in ("", by):
            return by
        row.refuse(
            "by", f"a driver is one of {', '.join(bases)}, or tool:<name>, the calls of a tool"
        )
    if by and by not in bases:
        row.refuse(
            "by",
            f"{row['method']} goes by {' or '.join(filter(None, bases)) or 'nothing'}"
            f", not by {by!r}",
        )
    return by or bases[0]


def _shares(row: Row) -> tuple[tuple[str, Decimal], ...]:
    column = "shares"
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
