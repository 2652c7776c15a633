"""`outlay explain`: which limits apply to whom, where they stand, and when they start anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb

from ingest.errors import OutlayError, nearest
from ingest.records.pseudonyms import pseudonyms_of
from pipelines.queries.status import open_showback
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace

_COLUMNS = {
    "feature": "feature",
    "tenant": "tenant_id",
    "team": "team_tag",
    "api_key": "api_key_id",
    "provider": "provider",
    "model": "model_id",
    "user": "user_id",
}
"""Scopes that somebody may ask for, with the column of calls that names a member."""

_PSEUDONYMOUS = ("api_key", "user")


@dataclass(frozen=True)
class LimitState:
    """One limit that applies, as of the newest hour of calls.

    Attributes:
        limit_usd, spent_usd, remaining_usd, projected_usd: None where the limit is of tokens or
            requests, the last three also where spend is unknown.
        unit: of the limit and of its quantities.
        used_ratio: used over limit; None where nobody knows.
        exhausted_at: hour in which it was, or as usual will be, reached, UTC.
        period_end: when spend counts from 0 again, UTC.
    """

    scope: str
    member: str
    period: str
    kind: str
    limit_usd: Decimal | None
    spent_usd: Decimal | None
    remaining_usd: Decimal | None
    projected_usd: Decimal | None
    exhausted_on: date | None
    state: str
    recommendation: str
    period_end: datetime
    reason: str
    owner: str | None
    source: str
    unit: str
    limit_quantity: Decimal
    used_quantity: Decimal | None
    remaining_quantity: Decimal | None
    projected_quantity: Decimal | None
    used_ratio: float | None
    pace_ratio: float | None
    exhausted_at: datetime | None
    exhausted_at_burn: datetime | None


def read_limits(workspace: Workspace, asked: Mapping[str, str]) -> Sequence[LimitState]:
    """Limits that apply to calls of some members, in the order in which they stop them.

    Those that the gateway enforces come first, then the ones with the least share left. Limits of
    the company apply to everybody.

    Args:
        asked: by scope of `_COLUMNS`, the member; keys and users as themselves or as pseudonyms.

    Raises:
        NothingPublishedError: no run has published yet.
        OutlayError: nobody is asked for, or a member has neither calls nor limits.
    """
    if not asked:
        raise OutlayError("name somebody: --tenant, --feature, --team, --key, --user ...")
    settings, _ = load_workspace(workspace)
    salt = settings.salt.get_secret_value()
    with open_showback(workspace) as con:
        members = {scope: _names(con, scope, named, salt) for scope, named in asked.items()}
        wanted = [
            ("company", "all"),
            *((s, name) for s, names in members.items() for name in names),
        ]
        rows = con.execute(
            "select scope, member, period, kind, limit_usd, spent_usd, remaining_usd,"
            " projected_usd, exhausted_on, state, recommendation, period_end, reason, owner,"
            " source, unit, limit_quantity, used_quantity, remaining_quantity, projected_quantity,"
            " used_ratio, pace_ratio, exhausted_at, exhausted_at_burn"
            " from reports.rpt_budget_state"
            " where list_contains($wanted, scope || '/' || member)"
            " order by kind, used_ratio desc nulls first, scope, period, unit",
            {"wanted": [f"{scope}/{member}" for scope, member in wanted]},
        ).fetchall()
    return [LimitState(*row) for row in rows]


def _names(con: duckdb.DuckDBPyConnection, scope: str, named: str, salt: str) -> tuple[str, ...]:
    """What calls and limits may call a member.

    Raises:
        OutlayError: none of them does.
    """
    is_person = scope in _PSEUDONYMOUS
    # somebody may have copied the pseudonym off a page
    names = (named, *pseudonyms_of(named, salt)) if is_person else (named,)
    usage = "marts.fct_calls" if scope == "user" else "marts.fct_usage_hourly"
    wanted = "in (from unnest($names))" if is_person else "is not null"
    known = [
        row[0]
        for row in con.execute(
            f"select {_COLUMNS[scope]} from {usage} where {_COLUMNS[scope]} {wanted} group by 1"
            " union select member from reports.rpt_budget_state where scope = $scope order by 1",
            {"scope": scope} | ({"names": list(names)} if is_person else {}),
        ).fetchall()
    ]
    if not set(names) & set(known):
        hint = "" if is_person else nearest(named, known)
        raise OutlayError(f"nobody knows a {scope.replace('api_', '')} {named!r}{hint}")
    return names
