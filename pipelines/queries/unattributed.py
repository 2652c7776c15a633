"""`outlay unattributed`: what nobody is named for, in dollars, and who can say whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class UnattributedCalls:
    """Calls of one key in one month that do not say their feature, or tenant.

    Attributes:
        dimension: what they do not say.
        likely_owner: whom to ask; None when nothing tells.
        estimate_usd: tokens times prices; None when no call is priced.
    """

    month: date
    dimension: str
    source_name: str
    api_key_id: str | None
    team_tag: str | None
    likely_owner: str | None
    calls: int
    unpriced_calls: int
    estimate_usd: Decimal | None


def read_unattributed(
    workspace: Workspace, month: date | None = None
) -> Sequence[UnattributedCalls]:
    """The untagged calls of a month, dearest first.

    Args:
        month: its first day; the newest month with calls when None.

    Raises:
        NothingPublishedError: no run has published yet.
    """
    with open_showback(workspace) as con:
        rows = con.execute(
            "select month, dimension, source_name, api_key_id, team_tag, likely_owner, calls,"
            " unpriced_calls, estimate_usd from reports.rpt_unattributed"
            " where month = coalesce($month,"
            " (select max(date_trunc('month', utc_day)) from marts.fct_key_usage_daily))"
            " order by dimension, estimate_usd desc nulls last, calls desc, source_name,"
            " api_key_id, team_tag",
            {"month": month},
        ).fetchall()
    return [UnattributedCalls(*row) for row in rows]
