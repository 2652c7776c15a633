"""Printed alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import say
from pipelines.cli.views.tables import Column, Table, print_tables

if TYPE_CHECKING:
    from pipelines.alerts.delivery import Delivery
    from pipelines.run.guardrail_run import GuardrailResult


def show_alerts(found: Sequence[Delivery]) -> None:
    """Print what is open with its owner and whether its channel was told."""
    if not found and presentation().output is Output.TEXT:
        say("nothing is open")
        return
    columns = (
        Column("alert"),
        Column("owner", show=lambda owner: owner or "nobody is named"),
        Column("channel", show=lambda channel: channel or "none"),
        Column("told"),
        Column("problem", show=lambda problem: problem or ""),
    )
    rows = [
        (one.alert.title, one.alert.owner, one.channel, _state(one), one.problem) for one in found
    ]
    print_tables(Table("alerts", list(columns), rows))


def show_guardrails(result: GuardrailResult) -> None:
    """Print as of when it is, what it lacks, and what is open."""
    if presentation().output is Output.TEXT:
        say(f"guardrails up to {result.as_of:%Y-%m-%d %H}:59 UTC" if result.as_of else "no calls")
        if not result.is_landed:
            say("a run is under way: files that it has not landed are not in here")
    show_alerts(result.told)


def _state(one: Delivery) -> str:
    if one.problem:
        return "failed"
    return "yes" if one.was_told else "no"
