"""Printed results of runs, pulls and rotations, and the checks of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import console, print_line, say
from pipelines.cli.views.tables import Column, Table, print_tables

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.lake.file_entries import SourceReport
    from ingest.lake.people.forgetting import HeldRows
    from ingest.pull.plan import PullPlan
    from pipelines.checks.check import Check
    from pipelines.operations.salt_rotation import RotationResult
    from pipelines.orchestration.runner import RunResult
    from pipelines.run.retention.plan import RetentionPlan
    from pipelines.workspace.paths import Workspace

_STATES = {"good": "green", "failed": "red", "warning": "yellow"}


def show_outcome(result: RunResult, workspace: Workspace) -> None:
    """Print what a run came to: what it read, what failed and what to do, where to look."""
    if result.status == "nothing to do":
        say(f"nothing to do yet: drop files into {workspace.lake.inbox}/<source>/")
        show_checks(())
        return
    files = sum(report.files_new for report in result.landed)
    loaded = sum(report.rows_loaded for report in result.landed)
    aside = sum(report.rows_quarantined for report in result.landed)
    say(f"read {files} new files: {loaded:,} rows, {aside:,} quarantined")
    if presentation().is_verbose and presentation().output is Output.TEXT:
        print_tables(_landed(result.landed))
    show_checks(result.checks, only_failed=True)
    passed = sum(check.passed for check in result.checks)
    say(f"{passed} of {len(result.checks)} checks passed: {result.status}")
    say(f"pages: {workspace.site / 'index.html'}")
    say(f"queries: {workspace.showback}")


def _landed(reports: Sequence[SourceReport]) -> Table:
    names = ("source", "new files", "read before", "failed files", "rows", "quarantined")
    return Table(
        "source",
        [Column(name) for name in names],
        [
            (
                r.source_name,
                r.files_new,
                r.files_duplicate,
                len(r.failed),
                r.rows_loaded,
                r.rows_quarantined,
            )
            for r in reports
        ],
    )


def show_checks(results: Sequence[Check], *, only_failed: bool = False) -> None:
    """Print checks: what was found and, of a failed one, what to do; as data, print them all."""
    if presentation().output is not Output.TEXT:
        print_tables(_checks(results))
        return
    out = console()
    only_failed = only_failed or presentation().is_quiet
    for check in results:
        if check.passed and only_failed:
            continue
        state = _state(check)
        print_line(out, (state, _STATES[state]), f" {check.name}: {check.detail}")
        if check.cure and not check.passed:
            print_line(out, f"  -> {check.cure}")


def _state(check: Check) -> str:
    return "good" if check.passed else "failed" if check.is_error else "warning"


def _checks(results: Sequence[Check]) -> Table:
    return Table(
        "check",
        [Column(name) for name in ("check", "state", "detail", "cure")],
        [(c.name, _state(c), c.detail, None if c.passed else c.cure) for c in results],
    )


def show_pull_plans(lines: Sequence[PullPlan]) -> None:
    """Print what a pull would ask for."""
    columns = (
        Column("source"),
        Column("what"),
        Column("days", "days (UTC)"),
        Column("requests"),
    )
    records = [(line.source_name, line.what, line.days, line.calls) for line in lines]
    print_tables(Table("request", columns, records))


def show_retention(plan: RetentionPlan, *, is_plan: bool) -> None:
    """Print what retention took away, or would take away, and why files of that age stay."""
    names = ("kind", "source", "files", "rows", "bytes", "first day", "last day", "rule")
    records = [
        (
            one.kind, one.source_name, len(one.files), one.rows, one.size_bytes,
            one.first_day, one.last_day, one.rule,
        )
        for one in plan.dropped
    ]  # fmt: skip
    print_tables(Table("retention", [Column(n.replace(" ", "_"), n) for n in names], records))
    if presentation().output is not Output.TEXT:
        return
    for reason, count in plan.kept.items():
        say(f"{count:,} files of that age stay: they {reason}")
    if not plan.dropped:
        say("nothing is to go: see [retention] of outlay.toml; only closed months are looked at")
    elif is_plan:
        say("this would go: `outlay backup` first, then `outlay retention --apply`")
    else:
        say("that is gone, and on record: ops.retention_audit, from the next run on")


def show_person(held: Sequence[HeldRows], inbox: Path) -> None:
    """Print where a person's rows are, and whether the inbox still has the file."""
    names = ("table", "source", "file", "rows", "first_day", "last_day", "in_inbox")
    records = [
        (
            one.table, one.source_name, one.source_file, one.rows, one.first_day, one.last_day,
            (inbox / one.source_name / one.source_file).exists(),
        )
        for one in held
    ]  # fmt: skip
    print_tables(Table("person", [Column(name) for name in names], records))
    if not held and presentation().output is Output.TEXT:
        say("no row of the lake is theirs under the salts of this workspace")


def show_rotation(done: RotationResult, *, is_plan: bool) -> None:
    """Print what a rotation of the salt rewrote, or would rewrite."""
    if done.is_resumed:
        say("the rotation that was interrupted is complete now")
    for table in dict.fromkeys(held.table for held in done.held):
        own = [held for held in done.held if held.table == table]
        count, size = sum(held.rows for held in own), sum(held.size_bytes for held in own)
        say(
            f"{table}: {count:,} rows with pseudonyms on {len({h.day for h in own})} days,"
            f" {size / 1e6:,.1f} MB"
        )
    for row, old, new in done.renamed:
        say(
            f"{row}: {old} is {new} now; the row still works,"
            " but name this, or the user or key itself"
        )
    if is_plan:
        say(
            "a rotation gives them new pseudonyms, needs as much space again while it works,"
            " and builds the warehouse anew"
        )
    else:
        say(
            f"the salt's file has {done.salts} lines now, and all of them are needed: keep a"
            " copy of it; delete copies of the lake, the warehouse and showback.duckdb"
        )
