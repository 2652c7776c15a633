"""Commitments of a workspace, `config/commitments.csv`: promised, bought or given, by term.

Bills state some commitments themselves (`commitment_discount_id`); a row of that name gives them a
term and an amount. The others only the contract knows: a spend agreement, throughput at a fixed
price, a credit that expires.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import pyarrow as pa

from ingest.reference.columns import Validity, computed, decimal, number, one_of, text, word
from ingest.reference.conditions import Condition, parts, refuse_unknown
from ingest.reference.row import Row
from ingest.reference.table import Column, Concern, Note, ReferenceRow, ReferenceTable

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

_MOST = 10**12

_VALIDITY = Validity(
    "commitment",
    "day",
    "write a whole day of UTC, YYYY-MM-DD",
    missing="a commitment has a term: write its first day, and the day after its last",
    most_days=3_660,
)


def _reads(row: Row) -> str:
    return "calls" if row["unit"] == TOKENS_PER_MINUTE else "bills"


def _conditions(row: Row, column: str) -> tuple[Condition, ...]:
    """The match and the provider's cell, as one; without a category, usage is meant."""
    readable = OF_CALLS if _reads(row) == "calls" else OF_BILLS
    stated = [(name, (value,)) for name, value in parts(row, column)] if row[column] else []
    names = [name for name, _ in stated]
    refuse_unknown(row, column, names, readable, prefix=_FREE[readable])
    if row["provider"]:
        stated.append(("provider", (row["provider"],)))
    if not stated:
        return ()
    if "charge_category" in readable and "charge_category" not in names:
        stated.append(("charge_category", ("Usage",)))
    return tuple(stated)


def _usd_per(row: Row, column: str) -> str:
    usd_per = one_of(row, column, (TERM, MONTH), default=TERM)
    if usd_per == MONTH and row["kind"] != "provisioned":
        row.refuse(
            column,
            f"only a provisioned commitment is paid by the month; a {row['kind']} is of"
            " its term: leave the cell empty",
        )
    return usd_per


def _capacity(row: Row, column: str) -> Decimal | None:
    if row["kind"] == "provisioned":
        what = f"capacity in {one_of(row, 'unit', (TOKENS_PER_MINUTE, PTU))}"
        return decimal(row, column, what, places=3, below=_MOST, above_zero=True)
    if row["capacity"] or row["unit"]:
        row.refuse(
            column,
            f"only a provisioned commitment has one, not a {row['kind']}: leave"
            " capacity and unit empty",
        )
    return None


@dataclass(frozen=True)
class Commitment(ReferenceRow):
    """One term of one commitment; its conditions are JSON in schema `raw`.

    Where the row stands and its note are left out there: rows that move in the file are no other
    commitments.
    """

    commitment: Annotated[
        str,
        text(
            "its name: the `commitment_discount_id` of the bills that state it, if any do",
            empty="name it, as its bills do if they state it",
        ),
    ]
    kind: Annotated[
        str,
        word(
            "`spend`: dollars to spend within the term; `provisioned`: capacity at a fixed price;"
            " `credit`: expires at its end",
            KINDS,
        ),
    ]
    reads: Annotated[
        str, computed("whether its match is asked of `calls` or of `bills`", _reads, pa.string())
    ]
    provider: Annotated[
        str | None, text("whose lines or calls it covers; empty: anybody's", shown=False)
    ]
    conditions: Annotated[
        tuple[Condition, ...],
        Column(
            "columns, `tag.<name>` of a bill line or `label.<name>` of a call, and what each must"
            " be, joined with `and`; without it and a provider: what bills state under its name",
            _conditions,
            name="match",
            type=pa.string(),
            to_raw=json.dumps,
        ),
    ]
    usd: Annotated[
        Decimal, number("US dollars", digits=28, places=12, below=_MOST, above_zero=True)
    ]
    usd_per: Annotated[
        str,
        Column(
            "what the dollars are for; `month` of a provisioned one only; empty: the term",
            _usd_per,
            type=pa.string(),
            allowed=(TERM, MONTH),
        ),
    ]
    capacity: Annotated[
        Decimal | None,
        Column("of a provisioned one, in `unit`", _capacity, type=pa.decimal128(18, 3)),
    ]
    unit: Annotated[
        str | None,
        Column(
            "what the capacity is counted in",
            lambda row, column: row[column] or None,
            type=pa.string(),
            allowed=(TOKENS_PER_MINUTE, PTU),
        ),
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    note: Note = field(default="", compare=False)


COMMITMENTS = ReferenceTable(
    name="commitments",
    file="config/commitments.csv",
    title="spend agreements, throughput at a fixed price, credits that expire",
    row_type=Commitment,
    key=("commitment",),
    verb="is a term of",
    # under a name of their own: no call and no charge is another for a commitment
    concern=Concern(
        ("gateway_calls", "billing_charges"), noted_as="commitments", without_data=True
    ),
)
