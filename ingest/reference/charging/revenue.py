"""What tenants pay, `config/revenue.csv`: US dollars a month, dated by whole months."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ingest.reference.columns import Validity, number, text
from ingest.reference.table import Concern, Note, ReferenceRow, ReferenceTable

_VALIDITY = Validity("revenue", "month", "revenue is stated by whole months: write YYYY-MM-01")


@dataclass(frozen=True)
class Revenue(ReferenceRow):
    """What one tenant pays for each month."""

    tenant_id: Annotated[
        str, text("the tenant", empty="name the tenant as the calls do", name="tenant")
    ]
    usd_per_month: Annotated[Decimal, number("US dollars")]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    note: Note = field(default="", compare=False)


TENANT_REVENUE = ReferenceTable(
    name="tenant_revenue",
    file="config/revenue.csv",
    title="what tenants pay, by whole months",
    row_type=Revenue,
    key=("tenant_id",),
    verb="states",
    concern=Concern(("billing_charges",), noted_as="tenant_revenue"),
)
