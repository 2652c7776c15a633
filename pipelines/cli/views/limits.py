"""How limits are printed: sentences for people, a table for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING

from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import say
from pipelines.cli.views.tables import Column, Table, print_tables

if TYPE_CHECKING:
    from pipelines.queries.limits import LimitState

_COLUMNS = (
    "scope", "member", "period", "kind", "limit_usd", "spent_usd", "remaining_usd",
    "projected_usd", "exhausted_on", "state", "recommendation", "period_end", "reason", "owner",
    "source", "unit", "limit_quantity", "used_quantity", "remaining_quantity",
    "projected_quantity", "used_ratio", "pace_ratio", "exhausted_at", "exhausted_at_burn",
)  # fmt: skip


def show_limits(found: Sequence[LimitState]) -> None:
    """Print limits in their order, each in words that support staff may read out."""
    if presentation().output is not Output.TEXT:
        columns = [Column(name) for name in _COLUMNS]
        print_tables(Table("limits", columns, [astuple(limit) for limit in found]))
        return
    if not found:
        say("no limit applies: config/limits.csv and config/budgets.csv name neither them nor *")
    for number, limit in enumerate(found, start=1):
        say(f"{number}. {limit.reason}")
        if limit.recommendation == "block":
            say("   The gateway should refuse its calls until then, or until it is calm again.")
        say(f"   {limit.owner or 'Nobody'} decides on it: {limit.source}")
