"""Generated months of showback and commitments."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from tests.dashboards.generated_company import FEATURES, LAST_DAY, MONTHS, TENANTS, Row, usd


def showback_rows(dice: random.Random) -> tuple[list[Row], list[Row]]:
    """Make statement lines that sum to one bill in both dimensions, and their summary."""
    lines: list[Row] = []
    summary: list[Row] = []
    previous: dict[tuple[str, str], Decimal] = {}
    for index, month in enumerate(MONTHS):
        bill = Decimal(31000 + 2400 * index)
        for dimension, members in (("feature", FEATURES), ("tenant", TENANTS)):
            rest = bill
            weights = [dice.uniform(1, 6) for _ in members]
            for member, weight in zip(members, weights, strict=True):
                charge = Decimal(0)
                for provider, share in (("openai", 0.55), ("anthropic", 0.45)):
                    part = usd(float(bill) * 0.94 * weight / sum(weights) * share)
                    charge += part
                    lines.append(
                        {
                            "month": month,
                            "dimension": dimension,
                            "member": member,
                            "line": "usage",
                            "provider": provider,
                            "charge_usd": part,
                        }
                    )
                rest -= charge
                summary.append(_summary(month, dimension, "member", member, charge, bill, previous))
            for line in ("untagged gateway traffic", "not seen by the gateway"):
                lines.append(
                    {
                        "month": month,
                        "dimension": dimension,
                        "member": "unallocated",
                        "line": line,
                        "provider": "openai",
                        "charge_usd": rest * Decimal("0.5"),
                    }
                )
            summary.append(
                _summary(month, dimension, "unallocated", "unallocated", rest, bill, previous)
            )
            summary.append(_summary(month, dimension, "total", "total", bill, bill, previous))
    return lines, summary


def _summary(
    month: dt.date,
    dimension: str,
    kind: str,
    member: str,
    charge: Decimal,
    bill: Decimal,
    previous: dict[tuple[str, str], Decimal],
) -> Row:
    before = previous.get((dimension, member))
    previous[dimension, member] = charge
    row: Row = {
        "month": month,
        "dimension": dimension,
        "row_kind": kind,
        "member": member,
        "charge_usd": charge,
        "share_ratio": float(charge / bill),
        "previous_month_usd": before,
        "change_usd": None if before is None else charge - before,
        "change_ratio": None if before is None else float(charge / before) - 1,
    }
    if kind == "member":
        row |= {"tasks_closed": 9120, "successes": 7755, "cost_per_success_usd": usd(0.61)}
    return row


def commitment_rows() -> tuple[list[Row], list[Row]]:
    """Make a spend agreement that lasts, a credit that expires and throughput half idle."""
    start, end = MONTHS[0], dt.date(2026, 12, 31)
    rows: list[Row] = []
    burnt: list[Row] = []
    for name, kind, committed, daily in (
        ("openai-2026", "spend", 90000, 350), ("launch credits", "credit", 20000, 60),
        ("gpt-5 PTU", "provisioned", None, 240),
    ):  # fmt: skip
        days = (LAST_DAY - start).days + 1
        drawn = usd(days * daily)
        left = None if committed is None else committed - drawn
        rows.append({
            "commitment": name, "kind": kind, "valid_from": start, "valid_to": end,
            "committed_usd": committed, "drawn_usd": drawn, "remaining_usd": left,
            "as_of_day": LAST_DAY, "billed_usd": drawn, "effective_usd": drawn,
            "unused_at_end_usd": None if left is None else max(left - usd(164 * daily), usd(0)),
            "month": MONTHS[-1], "utilisation_ratio": 0.58, "break_even_ratio": 0.64,
            "coverage_ratio": 0.91, "effective_usd_per_mtok": usd(4.42),
            "on_demand_usd_per_mtok": usd(4.01), "idle_usd": usd(4120.5),
            "saving_usd": usd(-920.25),
        })  # fmt: skip
        burnt += [
            {"commitment": name, "valid_from": start, "day": start + dt.timedelta(n),
             "remaining_usd": committed - usd(daily * (n + 1))}
            for n in range(days) if committed is not None
        ]  # fmt: skip
    return rows, burnt
