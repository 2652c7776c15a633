"""Four generated months, five tenants, three features: what the pages look like when they are full.

`python -m tests.dashboards.months FOLDER` writes such a site, to be looked at in a browser.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from pathlib import Path

from dashboards.site import render_site
from tests.dashboards.generated_company import (
    BILLED_TO,
    LAST_DAY,
    MONTHS,
    PROVIDERS,
    TYPES,
    Row,
    days,
    usd,
)
from tests.dashboards.generated_showback import commitment_rows, showback_rows
from tests.dashboards.published import publish


def overview() -> list[Row]:
    """Make one row per month; the last one is open and not comparable."""
    rows: list[Row] = []
    for index, month in enumerate(MONTHS):
        charge, estimate = 31000 + 2400 * index, 30200 + 2300 * index
        rows.append(
            {
                "month": month,
                "first_day": month,
                "is_complete": index < 3,
                "last_day": min(
                    LAST_DAY, (month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
                ),
                "charge_usd": usd(charge),
                "estimate_usd": usd(estimate),
                "reported_usd": None if index == 0 else usd(estimate * 0.97),
                "tie_out_charge_usd": usd(charge * 0.98),
                "tie_out_estimate_usd": usd(estimate * 0.98),
                "tie_out_gap_usd": usd((charge - estimate) * 0.98),
                "tie_out_gap_ratio": 0.0265,
                "tasks_closed": 41230 + 999 * index,
                "successes": 34120 + 1200 * index,
                "success_ratio": 0.8276 + 0.01 * index,
                "cost_usd": usd(estimate * 0.93),
                "cost_per_success_usd": usd(0.8231 - 0.021 * index),
                "waste_usd": usd(4123.4),
                "waste_ratio": 0.1432,
                "gateway_cache_hit_ratio": 0.183 + 0.02 * index,
                "provider_cache_hit_ratio": 0.512,
                "avoided_usd": usd(1822.55),
                "avg_loop_depth": 3.42,
                "p95_loop_depth": 9.0,
                "unallocated_usd": usd(1912.3),
                "unallocated_ratio": 0.0534,
                "unpriced_calls": 312,
                "unpriced_ratio": 0.00041,
                "pending_tasks": 211,
                "unknown_tasks": 87,
                "cost_per_success_previous_usd": usd(0.844 - 0.021 * index) if index else None,
                "cost_per_success_change_ratio": -0.021 / (0.844 - 0.021 * index)
                if index
                else None,
                "charge_previous_usd": usd(charge - 2400) if index else None,
                "charge_change_ratio": 2400 / charge if index else None,
            }
        )
    return rows


def unit_rows(dice: random.Random) -> list[Row]:
    """Make month and day rows by task type, and for all types together."""
    rows: list[Row] = []
    for grain, starts in (("month", MONTHS), ("day", days())):
        for start in starts:
            for name, price in {**TYPES, "all": 0.78}.items():
                noise = 0.02 if grain == "month" else 0.12
                success = min(0.99, dice.gauss(0.83 if name != "code_patch" else 0.61, noise / 3))
                tasks = int(dice.gauss(14000, 900)) // (1 if grain == "month" else 30)
                unit = price * dice.gauss(1, noise)
                rows.append(
                    {
                        "period_grain": grain,
                        "period_start": start,
                        "task_type": name,
                        "cost_basis": "estimate",
                        "tasks_closed": tasks,
                        "successes": int(tasks * success),
                        "success_ratio": success,
                        "calls": tasks * 4,
                        "cost_usd": usd(tasks * unit * success),
                        "cost_per_task_usd": usd(unit * success),
                        "cost_per_success_usd": usd(unit),
                        "waste_usd": usd(tasks * unit * 0.14),
                        "unpriced_calls": 31,
                        "small_model_ratio": 0.62,
                        "mid_model_ratio": 0.27,
                        "large_model_ratio": 0.105,
                        "unknown_model_ratio": 0.005,
                        "gateway_cache_hit_ratio": None if name == "code_patch" else 0.21,
                        "provider_cache_hit_ratio": 0.53,
                        "avg_loop_depth": 3.2,
                        "p95_loop_depth": 9.0,
                    }
                )
    return rows


def loop_rows() -> list[Row]:
    """Make a falling distribution of loop depth with a few runaways in the last class."""
    rows: list[Row] = []
    for name, price in TYPES.items():
        for depth in range(1, 22):
            tasks = int(5200 * 0.68**depth) + (14 if depth == 21 else 0)
            rows.append(
                {
                    "month": MONTHS[2],
                    "task_type": name,
                    "loop_depth": depth,
                    "loop_depth_label": "21+" if depth == 21 else str(depth),
                    "tasks": tasks,
                    "successes": int(tasks * 0.8),
                    "success_ratio": 0.9 - 0.02 * depth,
                    "cost_per_success_usd": usd(price * (0.4 + 0.12 * depth))
                    if tasks > 3
                    else None,
                }
            )
    return rows


def daily_rows(dice: random.Random) -> tuple[list[Row], list[Row]]:
    """Make daily spend by provider and daily cache figures."""
    spend: list[Row] = []
    cache: list[Row] = []
    for day in days():
        for provider, level in PROVIDERS.items():
            estimate = level * dice.gauss(0.55 if day.weekday() > 4 else 1, 0.05)
            billed = usd(estimate * dice.gauss(1.02, 0.01)) if day <= BILLED_TO else None
            spend.append(
                {
                    "day": day,
                    "provider": provider,
                    "charge_usd": billed,
                    "estimate_usd": usd(estimate),
                    "calls": int(estimate * 55),
                    "unpriced_calls": 3,
                }
            )
        for layer, rate, saved in (("gateway", 0.21, 60), ("provider prefix", 0.52, 140)):
            amount = dice.gauss(saved, 12) - (190 if layer != "gateway" and day.day == 4 else 0)
            cache.append(
                {
                    "day": day,
                    "layer": layer,
                    "hits": 2100,
                    "lookups": 10000,
                    "hit_ratio": dice.gauss(rate, 0.02),
                    "saved_usd": usd(amount),
                }
            )
    return spend, cache


def tie_rows(dice: random.Random) -> tuple[list[Row], list[Row]]:
    """Make tie-out rows by provider and month, and by day and model."""
    summary: list[Row] = []
    for index, month in enumerate(MONTHS):
        for provider, level in PROVIDERS.items():
            gap = dice.gauss(0.02, 0.015) * level * 30
            summary.append(
                {
                    "provider": provider,
                    "month": month,
                    "estimate_usd": usd(level * 30),
                    "charge_usd": usd(level * 30 + gap),
                    "gap_usd": usd(gap),
                    "gap_ratio": gap / level / 30,
                    "days_settled": 16 if index == 3 else 30,
                    "days_open": 3 if index == 3 else 0,
                    "status": "not_billed_yet"
                    if index == 3
                    else ("over_billed" if gap / level > 0.8 else "tied"),
                }
            )
    detail = [
        {
            "provider": provider,
            "day": day,
            "model": model,
            "calls": 4300,
            "estimate_usd": usd(220),
            "charge_usd": usd(220 + gap),
            "gap_usd": usd(gap),
            "gap_ratio": gap / 220,
            "status": "over_billed" if gap > 9 else "tied",
            "is_settled": True,
        }
        for day in days()
        if day.month == 6
        for provider, model in (("openai", "gpt-5-mini"), ("anthropic", "claude-sonnet-4-5"))
        for gap in (dice.gauss(4, 5),)
    ]
    return summary, detail


def source_rows() -> list[Row]:
    """Make three sources: a healthy one, one with rows quarantined, one that lags."""
    return [
        {
            "source_name": name,
            "format": form,
            "files_loaded": files,
            "files_failed": failed,
            "rows_loaded": files * 91234,
            "rows_quarantined": aside,
            "first_day": MONTHS[0],
            "last_day": LAST_DAY - dt.timedelta(days=behind),
            "days_behind": behind,
            "last_landed_at": dt.datetime(2026, 7, 20, 4, 12),
        }
        for name, form, files, failed, aside, behind in (
            ("gateway", "litellm_spend_logs", 110, 0, 12, 0),
            ("openai-costs", "openai_costs", 4, 0, 0, 3),
            ("outcomes", "outcomes_csv", 110, 1, 0, 0),
        )
    ]


def full_months() -> dict[str, list[Row]]:
    """Return the rows of every report; the same ones each time."""
    dice = random.Random(7)
    spend, cache = daily_rows(dice)
    tie_summary, tie_detail = tie_rows(dice)
    lines, summary = showback_rows(dice)
    commitments, burn_down = commitment_rows()
    return {
        "reports.rpt_overview": overview(),
        "reports.rpt_unit_cost_summary": unit_rows(dice),
        "reports.rpt_loop_depth": loop_rows(),
        "reports.rpt_spend_daily": spend,
        "reports.rpt_cache_daily": cache,
        "reports.rpt_tie_out": tie_detail,
        "reports.rpt_tie_out_summary": tie_summary,
        "reports.rpt_showback": lines,
        "reports.rpt_showback_summary": summary,
        "reports.rpt_commitments": commitments,
        "reports.rpt_commitment_burn_down": burn_down,
        "reports.rpt_source_health": source_rows(),
        "ops.quarantine": [
            {
                "file_id": 7,
                "source_name": "gateway",
                "source_file": "2026-07-03.jsonl.gz",
                "source_line": line,
                "table_name": "gateway_calls",
                "field": "started_at",
                "reason": "required value is missing",
            }
            for line in (118, 1207, 9931)
        ],
        "ops.files": [
            {
                "file_id": 9,
                "source_name": "outcomes",
                "source_file": "2026-07-11.csv",
                "status": "failed",
                "reason": "truncated: copy the file again",
            },
        ],
        "ops.checks": [
            {
                "run_id": "r1",
                "name": "failed_files",
                "passed": False,
                "severity": "error",
                "detail": "1 file could not be read: outcomes/2026-07-11.csv",
                "cure": "copy the file again; `outlay status` lists all of them",
            },
        ],
        "ops.runs": [
            {
                "run_id": "r1",
                "started_at": dt.datetime(2026, 7, 20, 4, 0),
                "status": "succeeded",
                "finished_at": dt.datetime(2026, 7, 20, 4, 19),
                "as_of_day": LAST_DAY,
            },
        ],
    }


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    (target / "showback.duckdb").unlink(missing_ok=True)
    published = publish(target / "showback.duckdb", full_months())
    render_site(published, target / "site", company="Northwind AI", generated_for="19 July 2026")
