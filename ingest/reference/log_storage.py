"""What keeping logs costs, and for how long, `config/log_storage.csv`: by source, dated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from ingest.reference.columns import SOURCE, Validity, number, optional_number, text
from ingest.reference.table import Note, ReferenceRow, ReferenceTable

_VALIDITY = Validity("price and retention", "day", "they hold by whole days: write YYYY-MM-DD")
_WHOLE = "write a whole number of days"


@dataclass(frozen=True)
class LogStorage(ReferenceRow):
    """What a gigabyte of one source's files costs a month, how long it is kept, and must be."""

    source_name: Annotated[
        str,
        text("folder of inbox/, or `*` for each that no row names", empty="name the source, or *",
             name="source"),
    ]  # fmt: skip
    usd_per_gb_month: Annotated[
        Decimal, number("US dollars for a gigabyte (10^9 bytes) a month", below=1_000_000)
    ]
    retention_days: Annotated[
        Decimal | None, optional_number("days for which it is kept", empty="for good")
    ]
    keep_at_least_days: Annotated[
        Decimal | None, optional_number("days that policy demands", empty="none")
    ]
    keep_at_most_days: Annotated[
        Decimal | None, optional_number("days that policy allows", empty="any")
    ]
    valid_from: Annotated[datetime, _VALIDITY.start]
    valid_to: Annotated[datetime, _VALIDITY.end]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


def _refuse_odd_days(rows: tuple[LogStorage, ...]) -> None:
    """Refuse parts of days, and a policy that nothing can meet."""
    for row in rows:
        for column in ("retention_days", "keep_at_least_days", "keep_at_most_days"):
            days = getattr(row, column)
            if days is not None and days != int(days):
                row.row.refuse(column, _WHOLE)
        least, most = row.keep_at_least_days, row.keep_at_most_days
        if least is not None and most is not None and least > most:
            row.row.refuse("keep_at_most_days", "must not lie below keep_at_least_days")


LOG_STORAGE = ReferenceTable(
    name="log_storage",
    file="config/log_storage.csv",
    title="what keeping logs costs, for how long, and by what policy",
    row_type=LogStorage,
    key=("source_name",),
    verb="prices",
    check=_refuse_odd_days,
)
