"""A month of showback: its lines, whether they agree, and what to know before they are used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from dashboards.kit.formatting import MEMBER_KINDS, exact_money, money
from dashboards.kit.reports import Row

DIMENSIONS = {kind: MEMBER_KINDS[kind] for kind in ("feature", "tenant", "team", "cost_centre")}
"""In the order in which they can be chosen: what everybody has comes first."""


@dataclass(frozen=True)
class Month:
    """One month of showback.

    Attributes:
        rows: its lines of `rpt_showback_summary`, of every dimension.
        dimensions: that are shown.
        is_closed: whether its figures stay, whatever arrives later.
        is_complete: whether all days are in the data and billed.
        is_over: whether a later month is complete.
    """

    start: dt.date
    rows: list[Row]
    dimensions: tuple[str, ...]
    is_closed: bool
    is_complete: bool
    is_over: bool

    @property
    def totals(self) -> dict[str, Any]:
        """What each dimension sums to."""
        return {r["dimension"]: r["charge_usd"] for r in self.rows if r["row_kind"] == "total"}

    @property
    def agrees(self) -> bool:
        """Whether all sum to the same; if not, it must be investigated before use."""
        totals = self.totals
        return set(totals) >= set(self.dimensions) and len(set(totals.values())) == 1

    @property
    def badge(self) -> str:
        """What to know before its figures are used."""
        if self.is_closed:
            return "closed: later changes are charged in the first open month"
        if self.is_complete:
            return ""
        return (
            "not whole: some of its days are not in the data, or not billed"
            if self.is_over
            else "still open: more will be billed"
        )

    @property
    def sentence(self) -> str:
        """What its dimensions sum to, in words."""
        names = [f"{DIMENSIONS[dimension].lower()}s" for dimension in self.dimensions]
        listed = f"{', '.join(names[:-1])} and {names[-1]}".capitalize()
        if self.agrees:
            whole = "what the closed month is charged" if self.is_closed else "the bill"
            return f"{listed} each sum to {whole}: {money(self.totals[self.dimensions[0]])}."
        sums = ", ".join(
            f"{name} to {exact_money(self.totals.get(dimension))}"
            for name, dimension in zip(names, self.dimensions, strict=True)
        ).replace(" to ", " sum to ", 1)
        return f"{sums[0].upper()}{sums[1:]}. They must be equal: do not use this month yet."
