"""What the command line shows: tables, results and progress. Text only, no decisions."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.workspace.progress import Progress, silent

if TYPE_CHECKING:
    from ingest.contracts.columns import Table as Contract
    from ingest.pull.plan import PullPlan
    from pipelines.checks.check import Check
    from pipelines.config_history.ledger import Change
    from pipelines.operations.salt_rotation import RotationResult
    from pipelines.orchestration.runner import RunResult
    from pipelines.queries.status import Status
    from pipelines.queries.unattributed import UnattributedCalls
    from pipelines.queries.unmapped import UnmappedModel
    from pipelines.scenarios.comparison import Difference

LONGEST_CHANGE = 10
"""Rows of one changed file that a list of changes quotes."""

WIDE = 10_000
"""Width of a table that is not shown on a terminal: a pipe must not cut names."""


def console(stderr: bool = False) -> Console:
    """A console as wide as the terminal, or without end when there is none."""
    found = Console(stderr=stderr, highlight=False)
    return found if found.is_terminal else Console(stderr=stderr, highlight=False, width=WIDE)


def error(message: str) -> None:
    """Say on stderr why a command could not do its work."""
    console(stderr=True).print(f"[red]outlay:[/red] {escape(message)}")


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Progress on a terminal; silence in a log."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=out, redirect_stdout=False, redirect_stderr=False) as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(escape(what), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tell


def rows(columns: Sequence[str], records: Sequence[Sequence[Any]], title: str = "") -> None:
    """Print records as a table; numbers to the right, NULL as `NULL`."""
    if title:
        console().print(f"[bold]{escape(title)}[/bold]")
    table = Table(box=SIMPLE_HEAD)
    for index, column in enumerate(columns):
        first = next((r[index] for r in records if r[index] is not None), None)
        is_number = hasattr(first, "__round__") and not isinstance(first, bool)
        table.add_column(escape(column), justify="right" if is_number else "left", overflow="fold")
    for record in records:
        table.add_row(*(escape(_text(value)) for value in record))
    console().print(table)


def _text(value: Any) -> str:
    """A value as a person reads it: NULL is said, decimals have no exponent."""
    if value is None:
        return "NULL"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def unmapped(found: Sequence[UnmappedModel]) -> None:
    """Print the names of models that nobody knows, with what each may mean."""
    if not found:
        console().print("every model that bills and calls name is known")
        return
    rows(
        (
            "provider",
            "name",
            "bill lines",
            "billed USD",
            "calls",
            "first day",
            "last day",
            "proposal",
            "because",
        ),
        [
            (
                u.provider,
                u.model,
                u.charge_lines,
                u.charge_usd,
                u.calls,
                u.first_day,
                u.last_day,
                u.proposal.model_id if u.proposal else "none",
                u.proposal.reason if u.proposal else "no known model shares its words and numbers",
            )
            for u in found
        ],
        f"Unmapped: {sum((u.charge_usd or Decimal(0) for u in found), Decimal(0)):,.2f} USD billed"
        f" under {len(found)} unknown names",
    )
    console().print("say what they mean in config/models.csv; --csv prints proposals as its rows")


def unattributed(found: Sequence[UnattributedCalls]) -> None:
    """Print calls that do not say whose they are, by what they do not say."""
    if not found:
        console().print("every call of the month says its feature and its tenant")
    for dimension in dict.fromkeys(u.dimension for u in found):
        own = [u for u in found if u.dimension == dimension]
        usd = sum((u.estimate_usd or Decimal(0) for u in own), Decimal(0))
        rows(
            ("source", "key", "team", "ask", "calls", "unpriced", "estimated USD"),
            [
                (
                    u.source_name,
                    u.api_key_id,
                    u.team,
                    u.likely_owner or "nobody known",
                    u.calls,
                    u.unpriced_calls,
                    u.estimate_usd,
                )
                for u in own
            ],
            f"{own[0].month:%Y-%m}: calls without a {dimension} cost {usd:,.2f} USD",
        )


def changes(found: Sequence[Change], *, whole: bool) -> None:
    """Print changes of the configuration, newest first; a long one in short unless `whole`."""
    if not found:
        console().print("no change is recorded: a run records what it finds")
        return
    listed = []
    for change in reversed(found):
        facts = list(change.facts())
        kept = facts if whole else facts[:LONGEST_CHANGE]
        for kind, fact in kept:
            listed.append(
                (
                    change.noticed_at,
                    change.run_id,
                    change.file,
                    kind,
                    fact or "",
                    change.note or "",
                    change.override or "",
                )
            )
        if len(kept) < len(facts):
            listed.append(
                (
                    change.noticed_at,
                    change.run_id,
                    change.file,
                    "and",
                    f"{len(facts) - len(kept)} more: --file {change.file}",
                    "",
                    "",
                )
            )
    rows(
        ("noticed (UTC)", "run", "file", "kind", "what", "note", "freeze set aside because"), listed
    )


def say(text: str) -> None:
    """Print a sentence that names paths or commands, unbroken."""
    console().print(text, soft_wrap=True, markup=False)


def differences(
    title: str, members: Sequence[str], found: Sequence[Difference], *, only_changed: bool = False
) -> None:
    """Print a comparison: old, new and difference by month and members, and the sum of all."""
    shown = [d for d in found if d.is_changed] if only_changed else found
    rows(
        ("month", *members, "old USD", "new USD", "difference USD", "unpriced old", "new"),
        [
            (
                f"{d.month:%Y-%m}",
                *(m or "-" for m in d.members),
                *(
                    "NULL" if usd is None else f"{usd:,.4f}"
                    for usd in (d.old_usd, d.new_usd, d.difference_usd)
                ),
                d.old_unpriced,
                d.new_unpriced,
            )
            for d in shown
        ],
        title,
    )
    total = sum((d.difference_usd or Decimal(0) for d in found), Decimal(0))
    same = f"; {len(found) - len(shown)} lines stay the same" if len(shown) < len(found) else ""
    say(f"difference: {total:,.2f} USD{same}" if found else "no calls or charges in these days")


def proposals(found: Sequence[UnmappedModel]) -> None:
    """Print the rows of `config/models.csv` that would accept every proposal."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows(unknown.as_alias for unknown in found if unknown.as_alias)


def rows_as_csv(columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
    """Print records as CSV; NULL is empty."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow("" if value is None else _text(value) for value in record)


def contract(table: Contract) -> None:
    """Print a canonical table's columns."""
    console().print(f"[bold]{table.name}[/bold]: {escape(table.grain)}. Names: {table.standard}.")
    rows(
        ("column", "type", "required", "meaning"),
        [
            (
                c.name,
                c.type,
                "yes" if c.required else "",
                c.doc + (f" One of: {', '.join(c.allowed)}." if c.allowed else ""),
            )
            for c in table.columns
        ],
    )


def outcome(result: RunResult, pages: str, showback: str) -> None:
    """Print what a run came to: what it read, what failed and what to do, where to look."""
    out = console()
    files = sum(report.files_new for report in result.landed)
    loaded = sum(report.rows_loaded for report in result.landed)
    aside = sum(report.rows_quarantined for report in result.landed)
    out.print(f"read {files} new files: {loaded:,} rows, {aside:,} quarantined")
    checks([check for check in result.checks if not check.passed])
    passed = sum(check.passed for check in result.checks)
    out.print(f"{passed} of {len(result.checks)} checks passed: {result.status}")
    out.print(f"pages: {escape(pages)}\nqueries: {escape(showback)}", soft_wrap=True)


def checks(results: Sequence[Check]) -> None:
    """Print checks: what was found and, of a failed one, what to do."""
    out = console()
    for check in results:
        word = (
            "[green]good[/green]"
            if check.passed
            else "[red]failed[/red]"
            if check.is_error
            else "[yellow]warning[/yellow]"
        )
        out.print(f"{word} {check.name}: {escape(check.detail)}")
        if check.cure and not check.passed:
            out.print(f"  -> {escape(check.cure)}")


def pull_plans(lines: Sequence[PullPlan]) -> None:
    """Print what a pull would ask for."""
    rows(
        ("source", "what", "days (UTC)", "requests"),
        [(line.source_name, line.what, line.days, line.calls) for line in lines],
    )


def rotation(done: RotationResult, is_plan: bool) -> None:
    """Print what a rotation of the salt rewrote, or would rewrite."""
    out = console()
    if done.is_resumed:
        out.print("the rotation that was interrupted is complete now")
    for table in dict.fromkeys(held.table for held in done.held):
        own = [held for held in done.held if held.table == table]
        count, size = sum(held.rows for held in own), sum(held.size_bytes for held in own)
        out.print(
            f"{table}: {count:,} rows with pseudonyms on {len({h.day for h in own})} days,"
            f" {size / 1e6:,.1f} MB"
        )
    for line, old, new in done.renamed:
        out.print(
            f"config/attribution.csv, row {line}: {old} is {new} now; the rule still works,"
            " but name this, or the user or key itself"
        )
    if is_plan:
        out.print(
            "a rotation gives them new pseudonyms, needs as much space again while it works,"
            " and builds the warehouse anew"
        )
    else:
        out.print(
            f"the salt's file has {done.salts} lines now, and all of them are needed: keep a"
            " copy of it; delete copies of the lake, the warehouse and showback.duckdb"
        )


def status(found: Status) -> None:
    """Print a workspace at a glance."""
    out = console()
    if found.running:
        out.print(f"running now: {escape(found.running)}")
    if found.last_run is None:
        out.print("no run yet: drop files into inbox/ and run `outlay run`")
    else:
        run = found.last_run
        as_of = f", calls up to {run['as_of_day']}" if run["as_of_day"] else ""
        out.print(f"last run: {run['finished_at']} UTC, {run['status']}{as_of}")
        if run.get("stopped_by"):
            out.print(
                f"  [red]nothing was published:[/red] {escape(run['stopped_by'])}", soft_wrap=True
            )
    rows(
        (
            "source",
            "format",
            "files",
            "failed",
            "rows",
            "quarantined",
            "last day",
            "days behind",
            "allowed",
        ),
        [
            (
                s.name,
                s.format,
                *(
                    "-" if v is None else v
                    for v in (s.files, s.failed, s.rows, s.quarantined, s.last_day, s.days_behind)
                ),
                s.days_allowed,
            )
            for s in found.sources
        ],
        "Sources",
    )
    if found.failed_files:
        rows(("file", "reason"), found.failed_files, "Files that could not be read")
    if found.reasons:
        rows(
            ("source", "field", "reason", "rows"),
            found.reasons,
            'Rows quarantined; all: outlay sql "from ops.quarantine"',
        )
    if found.unpriced:
        without = sum(calls for _, calls in found.unpriced)
        rows(
            ("model", "calls"),
            found.unpriced,
            f"Unpriced: {without:,} of {found.calls:,} calls; prices go into config/prices.csv",
        )
    if found.unmapped:
        usd = sum((usd or Decimal(0) for _, _, usd in found.unmapped), Decimal(0))
        names = ", ".join(name for _, name, _ in found.unmapped[:3])
        out.print(
            f"[bold]Unmapped: {usd:,.2f} USD billed under {len(found.unmapped)} names of"
            f" models that nobody knows[/bold] ({escape(names)}); see `outlay unmapped`"
        )
    if found.months:
        rows(
            ("month", "billed USD", "unattributed USD", "unallocated USD"),
            [
                (f"{m:%Y-%m}", *("NULL" if v is None else f"{v:,.2f}" for v in usd))
                for m, *usd in found.months
            ],
            "Bills: unattributed calls name no feature, unallocated dollars match no call",
        )
    if found.red:
        rows(("check", "what was found", "what to do"), found.red, "Failed checks")
