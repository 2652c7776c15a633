"""Printed answers about a workspace: what lies in it, and what nobody knows of it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboards.kit.drivers import DRIVERS
from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import data_stream, say
from pipelines.cli.views.tables import Column, Table, month, print_tables

if TYPE_CHECKING:
    from ingest.contracts.columns import Table as Contract
    from pipelines.queries.cost_bridge import CostBridge
    from pipelines.queries.cost_gate import CostGate
    from pipelines.queries.unattributed import UnattributedCalls
    from pipelines.queries.unmapped import UnmappedModel


def show_cost_bridge(bridge: CostBridge) -> None:
    """Print what moved a cost; as text, without the drivers that moved nothing."""
    columns = (
        Column("driver", show=lambda driver: DRIVERS[driver][0] if driver in DRIVERS else driver),
        Column("effect_usd", "effect USD", lambda effect: f"{effect:+,.6f}"),
        Column("share", "of the change", lambda share: "" if share is None else f"{share:+.0%}"),
        Column("owner", show=lambda owner: owner or "nobody: config/owners.csv"),
        Column("change_event", "change", lambda change: change or ""),
    )
    rows = [(e.driver, e.effect_usd, e.share, e.owner, e.change_event) for e in bridge.effects]
    if presentation().output is not Output.TEXT:
        about = (Column("measure"), Column("from"), Column("to"), Column("previous_usd"),
                 Column("current_usd"))  # fmt: skip
        of = (bridge.measure, str(bridge.earlier), str(bridge.later), bridge.previous_usd,
              bridge.current_usd)  # fmt: skip
        print_tables(Table("cost_bridge", [*about, *columns], [(*of, *row) for row in rows]))
        return
    change = bridge.current_usd - bridge.previous_usd
    ratio = f", {change / bridge.previous_usd:+.1%}" if bridge.previous_usd else ""
    title = (
        f"{bridge.measure.replace('_', ' ').capitalize()}: {bridge.previous_usd:,.6f} USD in"
        f" {bridge.earlier}, {bridge.current_usd:,.6f} in {bridge.later}: {change:+,.6f}{ratio}"
    )
    print_tables(Table("cost_bridge", columns, [row for row in rows if row[1]], title))


def show_cost_gate(gate: CostGate, *, markdown: bool) -> None:
    """Print both measures of both sets with the verdict, or all of it as a Markdown comment."""
    from pipelines.queries.cost_gate import as_markdown, comparison_words

    if markdown:
        data_stream().write(as_markdown(gate) + "\n")
        return
    if presentation().output is not Output.TEXT:
        names = ("measure", "baseline", "candidate", "change", "low", "high", "limit", "verdict")
        rows = [tuple(getattr(found, name) for name in names) for found in gate.comparisons]
        print_tables(Table("cost_gate", [Column(name) for name in names], rows))
        return
    columns = [
        Column(name)
        for name in ("measure", "baseline", "candidate", "change", "95 %", "limit", "verdict")
    ]
    said = [(*comparison_words(found), found.verdict) for found in gate.comparisons]
    print_tables(Table("cost_gate", columns, said, f"Cost gate: {gate.verdict}"))
    for of in (gate.baseline, gate.candidate):
        say(f"{of.asked}: {of.tasks:,} closed tasks, {of.successes:,} successes,"
            f" {of.unpriced:,} with calls without a price")  # fmt: skip
    for doubt in gate.doubts:
        say(f"not judged: {doubt}")


def show_unmapped(found: Sequence[UnmappedModel]) -> None:
    """Print the names of models that nobody knows, with what each may mean.

    As CSV, print the rows of `config/models.csv` that would accept every proposal.
    """
    output = presentation().output
    if output is Output.CSV:
        writer = csv.writer(data_stream(), lineterminator="\n")
        writer.writerows(unknown.as_alias for unknown in found if unknown.as_alias)
        return
    if output is Output.TEXT and not found:
        say("every model that bills and calls name is known")
        return
    billed = sum((u.charge_usd or Decimal(0) for u in found), Decimal(0))
    columns = (
        Column("provider"),
        Column("model", "name"),
        Column("charge_lines", "bill lines"),
        Column("charge_usd", "billed USD"),
        Column("calls"),
        Column("first_day", "first day"),
        Column("last_day", "last day"),
        Column("proposal", show=lambda model: model or "none"),
        Column("because", show=lambda why: why or "no known model shares its words and numbers"),
    )
    records = [
        (
            u.provider,
            u.model,
            u.charge_lines,
            u.charge_usd,
            u.calls,
            u.first_day,
            u.last_day,
            u.proposal.model_id if u.proposal else None,
            u.proposal.reason if u.proposal else None,
        )
        for u in found
    ]
    title = f"Unmapped: {billed:,.2f} USD billed under {len(found)} unknown names"
    print_tables(Table("unmapped", columns, records, title))
    say("say what they mean in config/models.csv; --csv prints proposals as its rows")


def show_unattributed(found: Sequence[UnattributedCalls]) -> None:
    """Print calls that do not say whose they are, by what they do not say."""
    columns = (
        Column("source_name", "source"),
        Column("api_key_id", "key"),
        Column("team_tag", "team tag"),
        Column("likely_owner", "ask", lambda owner: owner or "nobody known"),
        Column("calls"),
        Column("unpriced_calls", "unpriced"),
        Column("estimate_usd", "estimated USD"),
    )
    if presentation().output is not Output.TEXT:
        about = (Column("month"), Column("dimension"))
        rows = [(u.month, u.dimension, *_of_key(u)) for u in found]
        print_tables(Table("unattributed", [*about, *columns], rows))
        return
    if not found:
        say("every call of the month says its feature and its tenant")
    for dimension in dict.fromkeys(u.dimension for u in found):
        own = [u for u in found if u.dimension == dimension]
        usd = sum((u.estimate_usd or Decimal(0) for u in own), Decimal(0))
        title = f"{month(own[0].month)}: calls without a {dimension} cost {usd:,.2f} USD"
        print_tables(Table(dimension, columns, [_of_key(u) for u in own], title))


def _of_key(found: UnattributedCalls) -> tuple[Any, ...]:
    return (
        found.source_name,
        found.api_key_id,
        found.team_tag,
        found.likely_owner,
        found.calls,
        found.unpriced_calls,
        found.estimate_usd,
    )


def show_contracts(tables: Sequence[Contract]) -> None:
    """Print the columns of canonical tables."""
    columns = (
        Column("column"),
        Column("type"),
        Column("required", show=lambda required: "yes" if required else ""),
        Column("meaning"),
    )
    rows = {table.name: [_contract_row(column) for column in table.columns] for table in tables}
    if presentation().output is not Output.TEXT:
        whole = [(name, *row) for name, own in rows.items() for row in own]
        print_tables(Table("contract", [Column("table"), *columns], whole))
        return
    for table in tables:
        title = f"{table.name}: {table.grain}. Names: {table.standard}."
        print_tables(Table(table.name, columns, rows[table.name], title))


def _contract_row(column: Any) -> tuple[Any, ...]:
    allowed = f" One of: {', '.join(column.allowed)}." if column.allowed else ""
    return column.name, column.type, column.required, column.doc + allowed


def show_rows(columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
    """Print the result of a query; columns of one name are told apart by a number."""
    names: list[str] = []
    for column in columns:
        same = sum(1 for other in columns[: len(names)] if other == column)
        names.append(f"{column}_{same}" if same else column)
    print_tables(Table("result", [Column(name) for name in names], records))
