"""`outlay export calls`: what one tenant or cost centre is charged for a month, call by call.

Made to leave the house: no column can hold a name of anybody else, and people stay out unless they
are asked for. The calls sum to the member's usage; what has no call stands in the file beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from dashboards.statements.files import file_stem
from ingest.errors import OutlayError, nearest
from ingest.files import make_folder
from pipelines.operations.exported_file import FILE_TYPES, ExportedFile, export_rows
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace

OWN: Mapping[str, tuple[str, ...]] = {
    "tenant": ("tenant_id",),
    "cost_centre": ("cost_centre", "team", "tenant_id"),
}
"""Columns of names by who the export is of: a tenant is told of no team, and of no other tenant."""

_MEMBER = {"tenant": "tenant_id", "cost_centre": "cost_centre"}

_CHARGED = (
    "utc_day", "started_at", "call_id", "provider_response_id", "task_id", "provider", "model_id",
    "feature", "status", "input_uncached_tokens", "cache_read_tokens", "cache_write_5m_tokens",
    "cache_write_1h_tokens", "cache_write_other_tokens", "output_tokens", "estimate_usd",
    "charge_usd",
)  # fmt: skip
"""Of `rpt_call_charges`, what is the call's own."""

_PEOPLE = ("user_id",)
"""Of `fct_calls`, what leaves when it is asked for."""

_LINES = """
create temp table exported_lines as
with lines as (
    select month, line, adjusted_line, original_month, provider,
        sum(amount_usd) as amount_usd, sum(exact_usd) as exact_usd
    from reports.rpt_statement_lines
    where month = $month and kind = $kind and member is not distinct from nullif($member, '')
    group by all
),
calls as (
    select provider, sum(charge_usd) as charge_usd from exported_calls group by all
)
select lines.*,
    case when line = 'usage' then coalesce(calls.charge_usd, 0) else 0 end as charge_of_calls_usd,
    exact_usd - charge_of_calls_usd as charge_without_call_usd
from lines left join calls on lines.line = 'usage' and lines.original_month = lines.month
    and calls.provider is not distinct from lines.provider
"""


def export_calls(
    workspace: Workspace,
    month: date,
    kind: str,
    member: str,
    folder: Path | None = None,
    *,
    people: bool = False,
) -> list[ExportedFile]:
    """Write a member's calls, and the lines of its statement with what the calls come to.

    Args:
        month: its first day.
        kind: `tenant` or `cost_centre`.
        member: its name; empty for what names none.
        folder: where to; the workspace's exports/ without it.
        people: with the pseudonyms of users.

    Raises:
        OutlayError: nothing is charged to such a member in the month, or nothing is published yet.
    """
    target = folder or workspace.exports
    make_folder(target)
    stem = file_stem(f"calls-{month:%Y-%m}-{kind.replace('_', '-')}", member)
    with open_showback(workspace) as con:
        con.execute("set TimeZone = 'UTC'")
        _gather(con, month, kind, member, _PEOPLE if people else ())
        values = {"month": month, "kind": kind, "member": member}
        con.execute(_LINES, values)
        if con.execute("select count(*) from exported_lines").fetchall() == [(0,)]:
            raise OutlayError(_nobody(con, month, kind, member))
        written = []
        for relation, name, order in (
            ("exported_calls", stem, "order by started_at, call_id"),
            ("exported_lines", f"{stem}-lines", "order by all"),
        ):
            for file_type in FILE_TYPES:
                file = target / f"{name}.{file_type}"
                written.append(export_rows(con, relation, file, rest=order))
    return written


def _gather(
    con: duckdb.DuckDBPyConnection, month: date, kind: str, member: str, people: tuple[str, ...]
) -> None:
    """Gather the calls as a temporary table, a day at a time: each is computed when asked for."""
    listed = [f"c.{name}" for name in (*OWN[kind], *_CHARGED)] + [f"f.{name}" for name in people]
    sql = (
        f"select {', '.join(listed)} from reports.rpt_call_charges as c"
        " inner join marts.fct_calls as f on f.utc_day = c.utc_day"
        " and f.source_name = c.source_name and f.call_id = c.call_id"
        f" where c.utc_day = $day and f.utc_day = $day"
        f" and c.{_MEMBER[kind]} is not distinct from nullif($member, '')"
    )
    con.execute(f"create temp table exported_calls as {sql} limit 0", _of(date.min, member))
    days = con.execute(
        "select distinct utc_day from marts.fct_allocations where charge_month = $month order by 1",
        {"month": month},
    ).fetchall()
    for (day,) in days:
        con.execute(f"insert into exported_calls {sql}", _of(day, member))


def _of(day: date, member: str) -> dict[str, object]:
    return {"day": day, "member": member}


def _nobody(con: duckdb.DuckDBPyConnection, month: date, kind: str, member: str) -> str:
    known = con.execute(
        "select distinct member from reports.rpt_statement_lines"
        " where month = $month and kind = $kind and member is not null order by 1",
        {"month": month, "kind": kind},
    ).fetchall()
    near = nearest(member, [name for (name,) in known])
    return f"nothing of {month:%Y-%m} is charged to the {kind.replace('_', ' ')} {member!r}{near}"
