"""Owners of a workspace's cost drivers, `config/owners.csv`: who acts when a driver moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from ingest.reference.columns import SOURCE, text, word
from ingest.reference.table import Note, ReferenceRow, ReferenceTable

DRIVERS = (
    "volume",
    "task_mix",
    "success_rate",
    "loops",
    "tool_calls",
    "response_cache",
    "price_coverage",
    "model_mix",
    "tokens_per_call",
    "cache_mix",
    "price",
    "tool_price",
    "human_minutes",
    "human_rate",
    "entry_exit",
)
"""What a cost bridge explains a change by; DECISIONS.md, `effect_usd`, says what each means."""

ANY = "any"
"""Every driver that no other row names."""


@dataclass(frozen=True)
class Owner(ReferenceRow):
    """Who acts on one driver."""

    driver: Annotated[
        str,
        word(f"what moved a cost; `{ANY}`: all that no other row names", (*DRIVERS, ANY)),
    ]
    feature: Annotated[
        str | None, text("where; empty: in every feature that no other row of the driver names")
    ]
    owner: Annotated[str, text("team or person", empty="name a team or a person")]
    source: Annotated[str, SOURCE]
    note: Note = field(default="", compare=False)


def _refuse_repeated(owners: tuple[Owner, ...]) -> None:
    """Refuse two rows about one driver in one feature: one of them would never count."""
    seen: dict[tuple[str, str | None], Owner] = {}
    for owner in owners:
        first = seen.setdefault((owner.driver, owner.feature), owner)
        if first is not owner:
            where = f"in feature {owner.feature!r}" if owner.feature else "in every feature"
            owner.row.refuse(
                "driver",
                f"line {first.row.line} names the owner of {owner.driver!r} {where}: keep one",
            )


OWNERS = ReferenceTable(
    name="owners",
    file="config/owners.csv",
    title="who acts on what moves a cost",
    row_type=Owner,
    check=_refuse_repeated,
)
