"""The printed status of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import console, say, warn
from pipelines.cli.views.tables import Column, Table, dash, month, print_tables, usd

if TYPE_CHECKING:
    from pipelines.queries.status import Status


def show_status(found: Status) -> None:
    """Print a workspace at a glance; with `--quiet` only what is wrong with it."""
    tables = {
        table.name: table for table in (_run(found), _sources(found), *_wrong(found), *_gaps(found))
    }
    if presentation().output is not Output.TEXT:
        print_tables(*tables.values())
        return
    if found.running:
        say(f"running now: {found.running}")
    _say_last_run(found.last_run)
    if not presentation().is_quiet:
        _print_apart(tables["source"], even_empty=True)
    for name in ("failed_file", "quarantine", "unpriced_model"):
        _print_apart(tables[name])
    _say_unmapped(found)
    if not presentation().is_quiet:
        _print_apart(tables["month"])
    _print_apart(tables["failed_check"])


def _print_apart(table: Table, *, even_empty: bool = False) -> None:
    if table.records or even_empty:
        console().print()
        print_tables(table)


def _say_last_run(run: dict[str, Any] | None) -> None:
    if run is None:
        say("no run yet: drop files into inbox/ and run `outlay run`")
        return
    as_of = f", calls up to {run['as_of_day']}" if run["as_of_day"] else ""
    say(f"last run: {run['finished_at']} UTC, {run['status']}{as_of}")
    if run.get("stopped_by"):
        warn(f"  nothing was published: {run['stopped_by']}", "red")


def _say_unmapped(found: Status) -> None:
    if not found.unmapped:
        return
    billed = sum((charge or Decimal(0) for _, _, charge in found.unmapped), Decimal(0))
    names = ", ".join(name for _, name, _ in found.unmapped[:3])
    console().print()
    warn(
        f"Unmapped: {billed:,.2f} USD billed under {len(found.unmapped)} names of models that"
        f" nobody knows ({names}); see `outlay unmapped`",
        "bold",
    )


def _run(found: Status) -> Table:
    keys = ("run_id", "started_at", "finished_at", "status", "as_of_day", "stopped_by")
    run = found.last_run
    records = [tuple(run.get(key) for key in keys)] if run else []
    return Table("last_run", [Column(key) for key in keys], records)


def _sources(found: Status) -> Table:
    columns = (
        Column("source"),
        Column("format"),
        Column("files", show=dash),
        Column("failed", show=dash),
        Column("rows", show=dash),
        Column("rows_quarantined", "quarantined", dash),
        Column("last_day", "last day", dash),
        Column("days_behind", "days behind", dash),
        Column("days_allowed", "allowed"),
    )
    records = [
        (
            s.name,
            s.format,
            s.files,
            s.failed,
            s.rows,
            s.quarantined,
            s.last_day,
            s.days_behind,
            s.days_allowed,
        )
        for s in found.sources
    ]
    return Table("source", columns, records, "Sources")


def _wrong(found: Status) -> Iterator[Table]:
    """What could not be read, and what failed."""
    yield Table(
        "failed_file",
        (Column("file"), Column("reason")),
        found.failed_files,
        "Files that could not be read",
    )
    yield Table(
        "quarantine",
        (Column("source"), Column("field"), Column("reason"), Column("rows")),
        found.reasons,
        'Rows quarantined; all: outlay sql "from ops.quarantine"',
    )
    yield Table(
        "failed_check",
        (
            Column("check"),
            Column("detail", "what was found"),
            Column("cure", "what to do"),
        ),
        found.red,
        "Failed checks",
    )


def _gaps(found: Status) -> Iterator[Table]:
    """What has no price, no known model or nobody who pays."""
    without = sum(calls for _, calls in found.unpriced)
    yield Table(
        "unpriced_model",
        (Column("model"), Column("calls")),
        found.unpriced,
        f"Unpriced: {without:,} of {found.calls:,} calls; prices go into config/prices.csv",
    )
    yield Table(
        "unmapped_model",
        (Column("provider"), Column("model"), Column("charge_usd")),
        found.unmapped,
    )
    yield Table(
        "month",
        (
            Column("month", show=month),
            Column("charge_usd", "billed USD", usd(2)),
            Column("unattributed_usd", "unattributed USD", usd(2)),
            Column("unallocated_usd", "unallocated USD", usd(2)),
        ),
        found.months,
        "Bills: unattributed calls name no feature, unallocated dollars match no call",
    )
