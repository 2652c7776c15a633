"""Printed results of the commands about prices and rules over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import say, warn
from pipelines.cli.views.tables import Column, Table, blank, dash, month, print_tables, usd

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.prices.overrides import Override
    from pipelines.config_history.ledger import Change
    from pipelines.scenarios.comparison import Difference
    from pipelines.scenarios.whatif import WhatIf

LONGEST_LIST = 5
"""Prices that a sentence names."""

LONGEST_CHANGE = 10
"""Rows of one changed file that a list of changes quotes."""


def show_changes(found: Sequence[Change], *, whole: bool) -> None:
    """Print changes of the configuration, newest first; a long one in short unless `whole`.

    As data, they are printed whole.
    """
    is_text = presentation().output is Output.TEXT
    if not found and is_text:
        say("no change is recorded: a run records what it finds")
        return
    limit = LONGEST_CHANGE if is_text and not whole else None
    columns = (
        Column("noticed_at", "noticed (UTC)"),
        Column("run_id", "run"),
        Column("file"),
        Column("kind"),
        Column("fact", "what", blank),
        Column("author", "by", blank),
        Column("note", show=blank),
        Column("freeze_override", "freeze set aside because", blank),
    )
    records = [row for change in reversed(found) for row in _rows(change, limit)]
    # a column of remarks that nobody made says nothing to a person
    kept = [i for i in range(len(columns)) if not is_text or any(row[i] for row in records)]
    print_tables(
        Table("change", [columns[i] for i in kept], [[row[i] for i in kept] for row in records])
    )


def _rows(change: Change, limit: int | None) -> Iterator[tuple[Any, ...]]:
    about = (change.noticed_at, change.run_id, change.file)
    facts = list(change.facts())
    kept = facts[:limit]
    for kind, fact in kept:
        yield (*about, kind, fact, change.author, change.note, change.override)
    if len(kept) < len(facts):
        more = f"{len(facts) - len(kept)} more: --file {change.file}"
        yield (*about, "and", more, None, None, None)


def differences(
    name: str,
    title: str,
    members: Sequence[str],
    found: Sequence[Difference],
    *,
    only_changed: bool = False,
) -> Table:
    """A comparison: old, new and difference by month and members.

    Args:
        name: of the measure.
        title: what stands over it.
        members: names of the dimensions that it is told by.
        found: its lines.
        only_changed: leave out lines that stay the same.
    """
    columns = (
        Column("month", show=month),
        *(Column(member, show=dash) for member in members),
        *(Column(f"{side}_usd", f"{side} USD", usd(4)) for side in ("old", "new", "difference")),
        Column("old_unpriced", "unpriced old"),
        Column("new_unpriced", "new"),
    )
    records = [
        (
            d.month,
            *d.members,
            d.old_usd,
            d.new_usd,
            d.difference_usd,
            d.old_unpriced,
            d.new_unpriced,
        )
        for d in found
        if d.is_changed or not only_changed
    ]
    return Table(name, columns, records, title)


def show_differences(*tables: tuple[Table, Sequence[Difference]]) -> None:
    """Print comparisons, each with the sum of all its lines, those left out too."""
    if presentation().output is not Output.TEXT:
        print_tables(*(table for table, _ in tables))
        return
    for table, found in tables:
        print_tables(table)
        total = sum((d.difference_usd or Decimal(0) for d in found), Decimal(0))
        same = len(found) - len(table.records)
        left_out = f"; {same} lines stay the same" if same else ""
        say(
            f"difference: {total:,.2f} USD{left_out}"
            if found
            else "no calls or charges in these days"
        )


def say_left_out(file: Path, prices: Sequence[Override]) -> None:
    """Say which prices of the workspace did not count, because a file stood in their place."""
    if not prices:
        return
    from pipelines.scenarios.price_files import in_words

    named = "; ".join(map(in_words, prices[:LONGEST_LIST]))
    more = len(prices) - LONGEST_LIST
    rest = f"; and {more:,} more" if more > 0 else ""
    count = "1 price" if len(prices) == 1 else f"{len(prices):,} prices"
    warn(
        f"{file.name} leaves out {count} of config/prices.csv: {named}{rest}. --add keeps them",
        "yellow",
        stderr=presentation().output is not Output.TEXT,
    )


def _share(share: float | None) -> str:
    return dash(None if share is None else f"{share:.1%}")


def show_what_if(answer: WhatIf) -> None:
    """Print what days cost and would have cost, by feature, and what nobody can say."""
    is_text = presentation().output is Output.TEXT
    is_capped = any(line.lost_successes is not None for line in answer.lines)
    columns = (
        Column("feature", show=lambda feature: feature or "all"),
        Column("calls"),
        Column("actual_usd", "actual USD", usd(2)),
        Column("whatif_usd", "what if", usd(2)),
        Column("difference_usd", "difference", usd(2)),
        Column("low_usd", "next days low", usd(2)),
        Column("high_usd", "high", usd(2)),
        Column("unjudged_ratio", "not judged", _share),
        Column("unpriced_calls", "unpriced"),
        Column("lost_successes", "successes lost", dash),
    )
    shown = [c for c in columns if not is_text or is_capped or c.name != "lost_successes"]
    rows = [[getattr(line, column.name) for column in shown] for line in answer.lines]
    days = (answer.period.last - answer.period.first).days + 1
    title = f"{answer.period} again with {answer.words}"
    print_tables(Table("whatif", shown, rows, title))
    say(f"low and high: 80 % range of the next {days} days, without growth or seasons")
    say("tokens, calls and successes are as they were: only a trial shows whether they stay so")
