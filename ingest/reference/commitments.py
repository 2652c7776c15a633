"""Commitments of a workspace, `config/commitments.csv`: promised, bought or given, by term.

Bills state some commitments themselves (`commitment_discount_id`); a row of that name gives them a
term and an amount. The others only the contract knows: a spend agreement, throughput at a fixed
price, a credit that expires.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa

from ingest.reference.conditions import Condition, parts, refuse_unknown
from ingest.reference.csv_table import ALWAYS, OPEN, Row, read_rows, refuse_overlaps

HEADER = (
    "commitment",
    "kind",
    "provider",
    "match",
    "usd",
    "usd_per",
    "capacity",
    "unit",
    "valid_from",
    "valid_to",
    "note",
)

KINDS = ("spend", "provisioned", "credit")
"""Dollars to spend within the term; capacity at a fixed price; credit that expires at its end."""

TERM, MONTH = "term", "month"
TOKENS_PER_MINUTE, PTU = "tokens_per_minute", "ptu"
"""Units of capacity: tokens of matching calls, or provisioned units, whose hours a bill counts."""

OF_BILLS = (
    "provider",
    "provider_name",
    "model_id",
    "charge_category",
    "charge_description",
    "service_name",
    "service_category",
    "sku_id",
    "sku_meter",
    "resource_id",
    "resource_name",
    "region_id",
    "billing_account_id",
    "sub_account_id",
    "x_line_item",
    "x_cost_type",
    "x_service_tier",
    "source_name",
)
"""What a match may ask of a bill line, beside `tag.<name>`."""

OF_CALLS = (
    "provider",
    "model_id",
    "request_model",
    "response_model",
    "service_tier",
    "region",
    "operation",
    "team",
    "feature",
    "tenant_id",
    "environment",
    "source_name",
)
"""What a match may ask of a call, beside `label.<name>`."""

_FREE = {OF_BILLS: "tag.", OF_CALLS: "label."}
"""How a match names a key that is free to choose, of a bill line and of a call."""

COMMITMENTS = pa.schema(
    [
        ("commitment", pa.string()),
        ("kind", pa.string()),
        ("reads", pa.string()),
        ("conditions", pa.string()),
        ("usd", pa.decimal128(28, 12)),
        ("usd_per", pa.string()),
        ("capacity", pa.decimal128(18, 3)),
        ("unit", pa.string()),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
    ]
)
"""One term a row; conditions as JSON, which the models turn into SQL. Its line and note are left
out: rows that move in the file are no other commitments."""

_MOST_USD = Decimal(10) ** 12
_MOST_DAYS = 3_660


@dataclass(frozen=True)
class Commitment:
    """One term of one commitment.

    Attributes:
        commitment: its name; the `commitment_discount_id` of the bills that state it, if any do.
        kind: one of `KINDS`.
        reads: whether its match is asked of `calls` or of `bills`.
        conditions: what it covers; empty: only what bills state under its name.
        usd: for the term, or for each month of it.
        usd_per: `term` or `month`.
        capacity: in `unit`; None where capacity is not what it buys.
        valid_from: first UTC day, at midnight.
        valid_to: the day after its last.
        row: where it stands.
    """

    commitment: str
    kind: str
    reads: str
    conditions: tuple[Condition, ...]
    usd: Decimal
    usd_per: str
    capacity: Decimal | None
    unit: str | None
    valid_from: datetime
    valid_to: datetime
    row: Row

    @property
    def cell(self) -> tuple[str]:
        """Terms of one commitment must not overlap."""
        return (self.commitment,)


def read_commitments(
    path: Path, shown_as: str = "config/commitments.csv"
) -> tuple[Commitment, ...]:
    """Read the commitments of a workspace; one without the file has none.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: a wrong header or cell, or a commitment that overlaps itself.
    """
    found = tuple(map(_commitment, read_rows(path, shown_as, HEADER)))
    refuse_overlaps(found, "is a term of")
    return found


def commitment_table(commitments: Iterable[Commitment]) -> pa.Table:
    """The commitments with the columns of `COMMITMENTS`."""
    return pa.Table.from_pylist(
        [{**vars(c), "conditions": json.dumps(c.conditions)} for c in commitments],
        schema=COMMITMENTS,
    )


def _commitment(row: Row) -> Commitment:
    if not row["commitment"]:
        row.refuse("commitment", "name it, as its bills do if they state it")
    kind = _one_of(row, "kind", KINDS)
    capacity, unit = _capacity(row, kind)
    reads = "calls" if unit == TOKENS_PER_MINUTE else "bills"
    usd_per = _one_of(row, "usd_per", (TERM, MONTH)) if row["usd_per"] else TERM
    if usd_per == MONTH and kind != "provisioned":
        row.refuse(
            "usd_per",
            f"only a provisioned commitment is paid by the month; a {kind} is of"
            " its term: leave the cell empty",
        )
    usd = _number(row, "usd", "US dollars", 12, _MOST_USD)
    conditions = _conditions(row, OF_CALLS if reads == "calls" else OF_BILLS)
    return Commitment(
        row["commitment"], kind, reads, conditions, usd, usd_per, capacity, unit, *_term(row), row
    )


def _conditions(row: Row, readable: tuple[str, ...]) -> tuple[Condition, ...]:
    """The match and the provider's cell, as one; without a category, usage is meant."""
    stated = [(name, (value,)) for name, value in parts(row, "match")] if row["match"] else []
    names = [name for name, _ in stated]
    refuse_unknown(row, "match", names, readable, prefix=_FREE[readable])
    if row["provider"]:
        stated.append(("provider", (row["provider"],)))
    if not stated:
        return ()
    if "charge_category" in readable and "charge_category" not in names:
        stated.append(("charge_category", ("Usage",)))
    return tuple(stated)


def _capacity(row: Row, kind: str) -> tuple[Decimal | None, str | None]:
    if kind != "provisioned":
        if row["capacity"] or row["unit"]:
            row.refuse(
                "capacity",
                f"only a provisioned commitment has one, not a {kind}: leave"
                " capacity and unit empty",
            )
        return None, None
    unit = _one_of(row, "unit", (TOKENS_PER_MINUTE, PTU))
    return _number(row, "capacity", f"capacity in {unit}", 3, Decimal(10) ** 12), unit


def _term(row: Row) -> tuple[datetime, datetime]:
    start, end = row.validity("commitment")
    for column, moment, missing in (("valid_from", start, ALWAYS), ("valid_to", end, OPEN)):
        if moment == missing:
            row.refuse(
                column, "a commitment has a term: write its first day, and the day after its last"
            )
        if moment.time() != time.min:
            row.refuse(column, "write a whole day of UTC, YYYY-MM-DD")
    if (end - start).days > _MOST_DAYS:
        row.refuse("valid_to", "lies more than ten years after valid_from")
    return start, end


def _one_of(row: Row, column: str, words: tuple[str, ...]) -> str:
    if row[column] not in words:
        row.refuse(column, f"{row[column]!r} is not one of {', '.join(words)}")
    return row[column]


def _number(row: Row, column: str, what: str, decimals: int, limit: Decimal) -> Decimal:
    try:
        number = Decimal(row[column])
    except InvalidOperation:
        row.refuse(column, f"{row[column]!r} is not a number: write {what}, with a point")
    if not number.is_finite() or not 0 < number < limit or number != round(number, decimals):
        row.refuse(
            column, f"write {what}, above 0 and below {limit:f}, with at most {decimals} decimals"
        )
    return number
