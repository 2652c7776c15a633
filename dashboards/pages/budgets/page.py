"""The budgets page: where limits stand and will end, what to say of them, and whether they held."""

from __future__ import annotations

from typing import Any

from dashboards.kit.reports import Reports
from dashboards.kit.tables import Column, fields, table, with_whose
from dashboards.pages.budgets.running import running_totals

LIMITS_SHOWN, CAPS_SHOWN = 40, 40
"""Limits and rows of the cap audit; all of them are in the reports."""

LIMITS = (
    Column("whose", "Whose"),
    Column("period", "In a"),
    Column("kind", "Limit"),
    Column("limit_usd", "USD", "money"),
    Column("spent_usd", "Spent", "money"),
    Column("remaining_usd", "Left", "money"),
    Column("expected_usd", "Usual", "money", help="What the same hours usually spend."),
    Column(
        "projected_usd", "By its end", "money", help="Spent, and as usual for the hours to come."
    ),
    Column("projected_low_usd", "From", "money", help="Four times in five between from and to."),
    Column("projected_high_usd", "To", "money"),
    Column("exhausted_on", "Reached", "day"),
    Column("state", "State", "phrase"),
)

PLANS = (
    Column("whose", "Whose"),
    Column("period", "In a"),
    Column("kind", "Limit"),
    Column("limit_quantity", "At most", "quantity"),
    Column("unit", "Of", "phrase", help="Uncached tokens leave out what a prefix cache gave."),
    Column("used_quantity", "Used", "quantity"),
    Column("used_ratio", "Share", "ratio"),
    Column("pace_ratio", "Pace", "ratio", help="Beside an even use of the limit up to now."),
    Column("projected_quantity", "By its end", "quantity", help="As usual for the hours to come."),
    Column("exhausted_at", "Reached", "moment", help="Or will be, as usual."),
    Column("exhausted_at_burn", "At this pace", "moment", help="Of the newest two hours."),
    Column("state", "State", "phrase"),
)

REASONS = (
    Column("whose", "Whose"),
    Column("reason", "What to tell who asks"),
    Column("recommendation", "The gateway had better"),
    Column("expires_at", "Until", "moment"),
    Column("owner", "Owner"),
)

CAPS = (
    Column("whose", "Whose"),
    Column("period", "In a"),
    Column("period_start", "Since", "moment"),
    Column("limit_usd", "Limit", "money"),
    Column("reached_at", "Reached", "moment"),
    Column("direction", "What", help="Passed after it was reached, or refused below it."),
    Column("cause", "Cause", "phrase"),
    Column("usd", "USD", "money", help="What passed; of refusals, what was left at the first."),
    Column("calls", "Calls", "count"),
    Column("minutes", "Minutes", "count"),
    Column("requests", "Requests", "count", "Refused", "A request may be tried again."),
    Column("graceful_ratio", "Answered after all", "ratio", "Refused"),
    Column("server_error_ratio", "Ended in 5xx", "ratio", "Refused", "The rest were told why."),
    Column("owner", "Owner"),
)


def budgets_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before anything was spent."""
    if not reports.rows("select day from reports.rpt_spend_daily limit 1"):
        return {"has_data": False}
    columns = dict.fromkeys(column.field for column in (*LIMITS, *PLANS, *REASONS))
    named = ", ".join(columns).replace("whose", "scope, member")
    rows = with_whose(
        reports.rows(
            f"select {named} from reports.rpt_budget_state"
            " order by array_position(['over', 'projected_over', 'unknown', 'warn', 'ok'], state),"
            " spent_usd desc nulls last, scope, member, period, kind, unit"
        )
    )
    caps = reports.rows(
        f"select {fields(CAPS).replace('whose', 'scope, member')} from reports.rpt_cap_audit"
        f" order by period_start desc, scope, member, direction, usd desc limit {CAPS_SHOWN}"
    )
    advised = [
        {
            **row,
            "recommendation": None if row["recommendation"] == "none" else row["recommendation"],
        }
        for row in rows
        if row["state"] != "ok" or row["recommendation"] != "none"
    ]
    return {
        "has_data": True,
        "running": running_totals(reports),
        "limits": table(
            "Limits",
            "Spend of the period so far by the price book, and where it will end as usual. A hard"
            " limit is the gateway's to enforce, a soft one warns (config/limits.csv,"
            " config/budgets.csv).",
            LIMITS,
            [row for row in rows if row["unit"] == "usd"][:LIMITS_SHOWN],
            empty="None is set: config/limits.csv.",
            relation="rpt_budget_state",
        ),
        "plans": table(
            "Plans: limits of tokens and requests",
            "What is used of a plan's window. Five hours move along: an hour that passes leaves"
            " them, and its room comes back.",
            PLANS,
            [row for row in rows if row["unit"] != "usd"][:LIMITS_SHOWN],
            relation="rpt_budget_state",
        ),
        "reasons": table(
            "What to say about them",
            "Of the limits that are reached, will be, warn or burn.",
            REASONS,
            advised[:LIMITS_SHOWN],
            empty="Every limit is as it should be.",
            relation="rpt_budget_state",
        ),
        "caps": table(
            "Caps that did not hold, or held too early",
            "This period and the one before: what passed after a hard limit was reached, and what"
            " the gateway refused although the limit was not. Each cause has its own cure.",
            CAPS,
            with_whose(caps),
            empty="Every hard limit held, or none was reached.",
            relation="rpt_cap_audit",
        ),
    }
