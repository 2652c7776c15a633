"""The savings page: what was saved, each dollar once, and what could wait for a cheaper tier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.kit.formatting import exact_money, money, month
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, report_table, table
from dashboards.kit.theme import Chart, chart, month_bars, styles

MONTHS_SHOWN = 13

LARGEST = 12
"""Rows of work that could wait, and of prices that are not the standard one."""

PLAIN = "('standard', 'everywhere', 'short', 'no rate card')"
"""Members of a price's dimensions that cost what the list says first."""

LEVERS: Mapping[str, str] = {
    "prefix_cache": "Provider's prefix cache",
    "response_cache": "Gateway's cache",
    "service_tier": "Batch and other tiers",
    "routing": "Routing",
    "compression": "Compression",
    "prompt_slimming": "Shorter prompts",
    "interaction": "Interaction",
}
"""Levers in the order in which they are shown."""

LEDGER = (
    Column("month", "Month", "month"),
    *(Column(lever, words, "signed_money") for lever, words in LEVERS.items()),
    Column("total", "All together", "signed_money"),
    Column(
        "low_usd", "At least", "signed_money", help="Without what the gateway's cache answered."
    ),
    Column("estimate_usd", "Cost as it was", "money"),
    Column(
        "unjudged_calls", "Calls not judged", "count", help="Without a price, or a standard one."
    ),
)

OFFLOAD = (
    Column("feature", "Feature"),
    Column("model_id", "Model"),
    Column("offload_tier", "Tier"),
    Column("calls", "Calls", "count", help="They state that nobody waits for the answer."),
    Column("standard_usd", "Cost as it was", "money"),
    Column("offload_saving_usd", "At stake", "signed_money"),
    Column(
        "unstated_saving_usd",
        "More, at most",
        "signed_money",
        help="Of calls that do not state whether somebody waits.",
    ),
    Column("stated_ratio", "Stated", "ratio", help="Share of calls that say whether one waits."),
    Column("owner", "Owner"),
)

MODIFIERS = (
    Column("dimension", "Price by", "phrase"),
    Column("member", "Of"),
    Column("feature", "Feature"),
    Column("model_id", "Model"),
    Column("calls", "Calls", "count"),
    Column("estimate_usd", "Cost as it was", "money"),
    Column("standard_usd", "Without it", "money", help="The same tokens, all else as it was."),
    Column("modifier_usd", "Difference", "signed_money", help="Below zero it saved."),
    Column("modifier_ratio", "Of the price without it", "signed_ratio"),
    Column("unjudged_calls", "Calls not judged", "count", help="Without a price to compare with."),
    Column("owner", "Owner"),
)

PAYBACK = (
    Column("task_type", "Task type"),
    Column("one_off_usd", "Cost once", "money"),
    Column(
        "earned_usd", "Saved so far", "signed_money", help="Against what successes cost before."
    ),
    Column("paid_back_date", "Paid back on", "day"),
    Column("weekly_saving_usd", "A week", "signed_money", "Saved", "Mean of the newest weeks."),
    Column("weekly_saving_low_usd", "From", "signed_money", "Saved", "95 % interval by weeks."),
    Column("weekly_saving_high_usd", "To", "signed_money", "Saved"),
    Column("payback_days", "Days", "count", "Payback"),
    Column("payback_low_days", "From", "count", "Payback"),
    Column("payback_high_days", "To", "count", "Payback", "Empty: possibly never."),
    Column("verdict", "Verdict", "phrase"),
)


def savings_page(reports: Reports) -> dict[str, Any]:
    """Collect what the template prints; `has_data` is False before a call was made."""
    rows = reports.rows(
        "select month, lever, saved_usd, low_usd, estimate_usd, unjudged_calls"
        " from reports.rpt_savings_ledger order by month"
    )
    if not rows:
        return {"has_data": False}
    months = sorted({row["month"] for row in rows})[-MONTHS_SHOWN:]
    newest = months[-1]
    return {
        "has_data": True,
        "ledger": table(
            "What was saved",
            "Each lever alone; where a cache and a cheaper tier work on the same tokens, each is"
            " worth less beside the other, which is the interaction. Negative: it cost more than it"
            " saved. Whether a call that the gateway's cache answered would have been made without"
            " it, nobody knows: at least, it saved nothing. Compression is empty where no call"
            " states how long its prompt was; shorter prompts are measured around each release.",
            LEDGER,
            [_of_month(rows, of) for of in reversed(months)],
            relation="rpt_savings_ledger",
        ),
        "months": _chart(rows, months),
        "offload": report_table(
            reports,
            f"Work that could wait in {month(newest)}",
            "Calls at the standard tier for which nobody waited, at their model's batch or flex"
            " prices, the largest first. Tiers are alternatives: their savings do not add up.",
            OFFLOAD,
            "reports.rpt_offload where month = ?"
            " and (calls > 0 or unstated_calls > 0)"
            " order by offload_saving_usd desc, unstated_saving_usd desc, feature, model_id,"
            f" offload_tier limit {LARGEST}",
            (newest,),
            empty="No call of the month could have waited, or its model has no cheaper tier.",
        ),
        "modifiers": report_table(
            reports,
            f"Tiers, regions and long contexts in {month(newest)}",
            "What a price tier, a region or a long context costs against the same tokens without"
            " it, the largest first. A call may stand in all three: they do not add up.",
            MODIFIERS,
            f"reports.rpt_price_modifiers where month = ? and member not in {PLAIN}"
            " order by abs(modifier_usd) desc nulls last, dimension, member, feature, model_id"
            f" limit {LARGEST}",
            (newest,),
            empty="Every call of the month cost the standard price.",
        ),
        "payback": report_table(
            reports,
            "What paid itself back",
            "What it cost once to have models do a kind of task, against what its successes cost"
            " before less what all of its tasks cost now, people's work too. Baselines and one-off"
            " costs are those of config/task_types.csv.",
            PAYBACK,
            "reports.rpt_payback where verdict <> 'not_stated' or one_off_usd is not null"
            " order by earned_usd desc nulls last, task_type",
            empty="config/task_types.csv states no one-off cost.",
        ),
    }


def _of_month(rows: Sequence[Row], of: dt.date) -> dict[str, Any]:
    """The levers of a month side by side."""
    own = {row["lever"]: row for row in rows if row["month"] == of}
    saved = {lever: row["saved_usd"] for lever, row in own.items()}
    return {**own["total"], **saved}


def _chart(rows: Sequence[Row], months: Sequence[dt.date]) -> Chart:
    look = styles(LEVERS.values())
    of_lever = {
        lever: [(row["month"], row["saved_usd"], _hover(words, row))
                for row in rows if row["lever"] == lever and row["month"] in months
                and row["saved_usd"] is not None]
        for lever, words in LEVERS.items()
    }  # fmt: skip
    figure = month_bars((LEVERS[of], look[LEVERS[of]], bars) for of, bars in of_lever.items())
    figure.update_layout(barmode="relative")
    return chart(
        "savings-months",
        "Savings by month",
        "Levers above the line saved; below it they cost. Together they are the total.",
        figure,
        relation="rpt_savings_ledger",
    )


def _hover(words: str, row: Row) -> str:
    return (
        f"<b>{words}</b><br>{month(row['month'])}: {money(row['saved_usd'])}"
        f" ({exact_money(row['saved_usd'])})"
    )
