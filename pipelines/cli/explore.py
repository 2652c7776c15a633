"""Commands that answer questions about a workspace and change nothing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import OutlayError
from pipelines.cli.errors import in_workspace, user_errors
from pipelines.cli.options import MONTH, WorkspaceOption
from pipelines.cli.views.explore import (
    show_contracts,
    show_cost_bridge,
    show_cost_gate,
    show_rows,
    show_unattributed,
    show_unmapped,
)
from pipelines.cli.views.forecast import show_forecast
from pipelines.cli.views.limits import show_limits
from pipelines.cli.views.status import show_status


class Measure(StrEnum):
    """What a bridge explains."""

    COST_PER_SUCCESS = "cost_per_success"
    TOTAL_COST = "total_cost"
    COST_PER_SUCCESS_WITH_PEOPLE = "cost_per_success_with_people"


_RELATIONS = "from duckdb_tables() select schema_name, table_name, comment"


def status(workspace: WorkspaceOption = Path()) -> None:
    """Show sources, freshness, the last run, and what is unreadable, unpriced or unattributed.

    Example: `outlay status --workspace acme`
    """
    from pipelines.queries.status import read_status

    with in_workspace(workspace) as found:
        show_status(read_status(found))


def why(
    workspace: WorkspaceOption = Path(),
    earlier: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="PERIOD",
            help="The earlier period: 2026-08, 2026-W33, 2026-08-14 or 2026-08-01..2026-08-14.",
            show_default="the period before the later one",
        ),
    ] = "",
    later: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="PERIOD",
            help="The later period, written the same way.",
            show_default="the newest month that is over",
        ),
    ] = "",
    feature: Annotated[str, typer.Option(help="Of one feature.", show_default=False)] = "",
    tenant: Annotated[str, typer.Option(help="Of one tenant.", show_default=False)] = "",
    task_type: Annotated[str, typer.Option(help="Of one task type.", show_default=False)] = "",
    measure: Annotated[
        Measure,
        typer.Option(
            help="What moved: the cost per successful task, all of it, or the first with the work"
            " of people."
        ),
    ] = Measure.COST_PER_SUCCESS,
) -> None:
    """Say why the cost of closed tasks moved between two periods, and who acts on what moved it.

    The drivers sum to the change. They are estimates: tokens times the price book, of tasks that
    closed in the period. Example: `outlay why --from 2026-08 --to 2026-09 --feature chat`
    """
    from pipelines.queries.cost_bridge import parse_period, read_cost_bridge

    wanted = {"feature": feature, "tenant": tenant, "task_type": task_type}
    with in_workspace(workspace) as found:
        bridge = read_cost_bridge(
            found,
            measure.value,
            parse_period(earlier) if earlier else None,
            parse_period(later) if later else None,
            {name: value for name, value in wanted.items() if value},
        )
        show_cost_bridge(bridge)


def gate(
    baseline: Annotated[
        str,
        typer.Option(
            metavar="TASKS",
            help="Closed tasks to compare with: variant, feature, task_type, tenant, team, closed.",
        ),
    ],
    candidate: Annotated[
        str, typer.Option(metavar="TASKS", help="Those to judge, written the same way.")
    ],
    workspace: WorkspaceOption = Path(),
    max_cost_increase: Annotated[
        float,
        typer.Option(min=0, max=10, help="Share by which the cost per success may rise."),
    ] = 0.05,
    max_success_drop: Annotated[
        float,
        typer.Option(min=0, max=1, help="By how much the success rate may fall, of 1."),
    ] = 0.02,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a comment for a change request.")
    ] = False,
    allow_inconclusive: Annotated[
        bool, typer.Option("--allow-inconclusive", help="End with 0 when it cannot tell.")
    ] = False,
) -> None:
    """Judge whether a change made a successful task dearer, or rarer: for a pipeline's gate.

    Passes when the whole 95 % interval keeps the limit, fails when none of it does, and is
    inconclusive between. Ends with 0 when it passes, else with 1. Example:
    `outlay gate --baseline variant=a,closed=2026-09 --candidate variant=b,closed=2026-09`
    """
    from pipelines.queries.cost_gate import read_cost_gate

    with in_workspace(workspace) as found:
        judged = read_cost_gate(found, baseline, candidate, max_cost_increase, max_success_drop)
        show_cost_gate(judged, markdown=markdown)
        allowed = {"pass", "inconclusive"} if allow_inconclusive else {"pass"}
        raise typer.Exit(0 if judged.verdict in allowed else 1)


def forecast(
    workspace: WorkspaceOption = Path(),
    tasks: Annotated[
        str, typer.Option(metavar="CHANGE", help="More or fewer tasks: +20%, -10% or 1.2.")
    ] = "",
    loops: Annotated[str, typer.Option(metavar="CHANGE", help="Calls of a task.")] = "",
    tokens: Annotated[str, typer.Option(metavar="CHANGE", help="Tokens of a call.")] = "",
    price: Annotated[str, typer.Option(metavar="CHANGE", help="Price of a token.")] = "",
    announced: Annotated[
        bool, typer.Option("--announced", help="Prices that are announced hold, too.")
    ] = False,
    feature: Annotated[
        str, typer.Option(help="The change is of one feature alone.", show_default=False)
    ] = "",
) -> None:
    """Say what the next 30 days will spend, and what if tasks, loops, tokens or prices changed.

    Spend is tasks x calls of a task x tokens of a call x price: each change multiplies it. Calls
    of past days under another model or price: `outlay whatif`.
    Example: `outlay forecast --tasks +20% --loops -10% --feature chat`
    """
    from pipelines.scenarios.forecast import Scenario, forecast_under, parse_factor

    asked = {"tasks": tasks, "loops": loops, "tokens": tokens, "price": price}
    with in_workspace(workspace) as found:
        factors = {name: parse_factor(f"--{name}", text) for name, text in asked.items() if text}
        scenario = Scenario(factors, feature or None, announced)
        show_forecast(forecast_under(found, scenario), scenario)


def explain(
    workspace: WorkspaceOption = Path(),
    tenant: Annotated[str, typer.Option(help="Of a tenant.", show_default=False)] = "",
    feature: Annotated[str, typer.Option(help="Of a feature.", show_default=False)] = "",
    team: Annotated[str, typer.Option(help="Of a team.", show_default=False)] = "",
    key: Annotated[
        str, typer.Option(help="Of a key: as the log or the pages name it.", show_default=False)
    ] = "",
    user: Annotated[str, typer.Option(help="Of a user, the same way.", show_default=False)] = "",
    model: Annotated[str, typer.Option(help="Of a model.", show_default=False)] = "",
    provider: Annotated[str, typer.Option(help="Of a provider.", show_default=False)] = "",
) -> None:
    """Say which limits apply to somebody, what is left of each, and when it starts from 0 again.

    In the order in which they stop calls: those that the gateway enforces first, then the one with
    the least left. Example: `outlay explain --tenant acme --feature chat`
    """
    from pipelines.queries.limits import read_limits

    asked = {
        "tenant": tenant, "feature": feature, "team": team, "api_key": key, "user": user,
        "model": model, "provider": provider,
    }  # fmt: skip
    with in_workspace(workspace) as found:
        show_limits(read_limits(found, {scope: name for scope, name in asked.items() if name}))


def unmapped(workspace: WorkspaceOption = Path()) -> None:
    """List names of models that nobody knows, with their dollars and a proposal for each.

    With `--csv` it prints the proposals as rows for `config/models.csv`, where they count. Check
    them, then for example: `outlay unmapped --csv >> config/models.csv`
    """
    from pipelines.queries.unmapped import read_unmapped

    with in_workspace(workspace) as found:
        show_unmapped(read_unmapped(found))


def unattributed(
    workspace: WorkspaceOption = Path(),
    month: Annotated[
        datetime | None,
        typer.Option(formats=MONTH, help="Month; the newest with calls without it."),
    ] = None,
) -> None:
    """List calls that say no feature, or no tenant: their dollars, and who can say whose they are.

    A tag at the caller cures it, or a rule in `config/attribution.csv`, which works on history too.
    Example: `outlay unattributed --month 2026-10`
    """
    from pipelines.queries.unattributed import read_unattributed

    with in_workspace(workspace) as found:
        show_unattributed(read_unattributed(found, month.date() if month else None))


def sql(
    query: Annotated[
        str,
        typer.Argument(metavar="QUERY", help="One SQL query on schemas reports, marts, ops."),
    ],
    workspace: WorkspaceOption = Path(),
    warehouse: Annotated[
        bool,
        typer.Option(
            "--warehouse",
            help="Query the pipeline's own file: raw and intermediate too, not during a run.",
        ),
    ] = False,
) -> None:
    """Query the published file; never blocks a run and never sees half of one.

    Example: `outlay sql "select month, charge_usd from reports.rpt_overview"`
    """
    import duckdb

    from pipelines.queries.status import open_showback, open_warehouse

    opened = open_warehouse if warehouse else open_showback
    with in_workspace(workspace) as found, opened(found) as con:
        try:
            if not con.extract_statements(query):
                raise OutlayError("the query is empty; try: from reports.rpt_overview")
            result = con.execute(query)
            columns = [column[0] for column in result.description or ()]
            records = result.fetchall()
        except duckdb.CatalogException as error:
            advice = f'what there is: outlay sql "{_RELATIONS}"'
            raise OutlayError(*f"the query failed: {error}".splitlines(), advice) from error
        except duckdb.Error as error:
            raise OutlayError(*f"the query failed: {error}".splitlines()) from error
        show_rows(columns, records)


def contract(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="One table; all of them without it.")
    ] = "",
) -> None:
    """Print the canonical columns that a mapping can fill.

    Example: `outlay contract gateway_calls`
    """
    from ingest.contracts.tables import TABLES

    with user_errors():
        if table and table not in TABLES:
            raise OutlayError(f"there is no table {table!r}; there are {', '.join(TABLES)}")
        show_contracts([TABLES[name] for name in ([table] if table else TABLES)])
