"""`outlay close --ready`: whether costs can be charged for real, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashboards.kit.readiness import CRITERIA, SHARES
from pipelines.checks.check import Check
from pipelines.queries.status import open_showback
from pipelines.workspace.paths import Workspace


def read_readiness(workspace: Workspace) -> Sequence[Check]:
    """The criteria of `rpt_chargeback_readiness` as checks; none of them holds before any bill.

    Raises:
        NothingPublishedError: no run has published yet.
    """
    with open_showback(workspace) as con:
        rows = con.execute(
            "select criterion, month, value, threshold, passed, detail, cure"
            " from reports.rpt_chargeback_readiness"
            " order by list_position($criteria, criterion)",
            {"criteria": list(CRITERIA)},
        ).fetchall()
    if not rows:
        cure = "deliver the bills of a whole month and run `outlay run`"
        return [Check("month_is_over", False, "no month is billed to its end", cure)]
    return [
        Check(
            name,
            passed,
            f"{_shown(name, value)} {detail} ({month:%Y-%m}); needed {_shown(name, threshold)}",
            cure,
        )
        for name, month, value, threshold, passed, detail, cure in rows
    ]


def _shown(criterion: str, value: Decimal | None) -> str:
    if value is None:
        return "an unknown part"
    return f"{value:.1%}" if criterion in SHARES else f"{value:.0f}"
