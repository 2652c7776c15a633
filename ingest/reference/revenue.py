"""What tenants pay, `config/revenue.csv`: US dollars a month, dated by whole months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa

from ingest.reference.csv_table import Row, read_rows, refuse_overlaps

HEADER = ("tenant", "usd_per_month", "valid_from", "valid_to", "note")

TENANT_REVENUE = pa.schema(
    [
        ("tenant_id", pa.string()),
        ("usd_per_month", pa.decimal128(18, 9)),
        ("valid_from", pa.timestamp("us")),
        ("valid_to", pa.timestamp("us")),
    ]
)

_LIMIT = Decimal(10**9)


@dataclass(frozen=True)
class Revenue:
    """One row of the file.

    Attributes:
        tenant_id: the tenant as calls name it.
        usd_per_month: what it pays for each month.
        valid_from: first day of a month, inclusive, naive.
        valid_to: first day of a month, exclusive, naive.
        row: where it stands.
    """

    tenant_id: str
    usd_per_month: Decimal
    valid_from: datetime
    valid_to: datetime
    row: Row

    @property
    def cell(self) -> tuple[str]:
        """What the row is about; two rows of one tenant must not overlap in time."""
        return (self.tenant_id,)


def read_revenue(path: Path, shown_as: str = "config/revenue.csv") -> tuple[Revenue, ...]:
    """Read what tenants pay; a workspace without the file says nothing of it.

    Args:
        path: the file on disk.
        shown_as: its name in errors.

    Raises:
        ConfigError: a wrong cell, or two rows of one tenant that overlap.
    """
    revenue = tuple(map(_revenue, read_rows(path, shown_as, HEADER)))
    refuse_overlaps(revenue, "states")
    return revenue


def revenue_table(revenue: Iterable[Revenue]) -> pa.Table:
    """The revenue with the columns of `TENANT_REVENUE`."""
    return pa.Table.from_pylist(
        [{name: getattr(one, name) for name in TENANT_REVENUE.names} for one in revenue],
        schema=TENANT_REVENUE,
    )


def _revenue(row: Row) -> Revenue:
    if not row["tenant"]:
        row.refuse("tenant", "name the tenant as the calls do")
    start, end = row.validity("revenue")
    for column, moment in (("valid_from", start), ("valid_to", end)):
        if row[column] and moment != moment.replace(day=1, hour=0, minute=0, second=0):
            row.refuse(column, "revenue is stated by whole months: write YYYY-MM-01")
    return Revenue(row["tenant"], _usd(row), start, end, row)


def _usd(row: Row) -> Decimal:
    column = "usd_per_month"
    try:
        usd = Decimal(row[column])
    except InvalidOperation:
        row.refuse(column, f"{row[column]!r} is not a number: write US dollars, with a point")
    if not usd.is_finite() or not 0 <= usd < _LIMIT or usd != round(usd, 9):
        row.refuse(column, f"write US dollars, 0 to below {_LIMIT}, with at most 9 decimals")
    return usd
