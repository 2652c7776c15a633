"""Throughput at a fixed price, by its calls: used, idle, and computed again by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.warehouse import Workspace

BOT = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "house" }
request_model = { constant = "house-1" }
[labels]
deployment = "deployment"
[tokens]
input = "in"
output = "out"
"""
PRICES = ("house,house-1,standard,input_uncached,2,,,,", "house,house-1,standard,output,4,,,,")
PTU = (
    "ptu,provisioned,,label.deployment = ptu-*,310,month,100,tokens_per_minute,2026-10-01,"
    "2026-12-01,"
)


def calls(day: int, tokens: int, deployment: str = "ptu-a") -> str:
    """One call of the day, half of its tokens out."""
    return (
        "id,at,deployment,in,out\n"
        f"{deployment}-{day},2026-10-{day:02d}T10:00:00Z,{deployment},{tokens // 2},{tokens // 2}\n"
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two days of calls on bought capacity, one of them beside it, and a day without any."""
    workspace = Workspace(tmp_path, models=("dim_commitments", "fct_commitment_months"))
    workspace.configure("bot", BOT)
    workspace.prices(*PRICES)
    workspace.commitments(PTU)
    workspace.drop("bot", "1.csv", calls(1, 36_000))
    workspace.drop("bot", "3.csv", calls(3, 72_000))
    workspace.drop("bot", "3-spill.csv", calls(3, 10_000, "on-demand"))
    workspace.build()
    return workspace


DAYS = (
    "select utc_day::varchar, effective_usd, used_usd, idle_usd, on_demand_usd, uncovered_usd,"
    " tokens from marts.fct_commitment_daily where commitment = 'ptu' order by utc_day"
)


def test_what_no_call_uses_is_idle_also_on_a_day_without_calls(workspace: Workspace) -> None:
    """310 in October's 31 days; 144,000 tokens a day; 3.00 a million on demand."""
    assert workspace.query(DAYS) == [
        ("2026-10-01", 10, Decimal("2.5"), Decimal("7.5"), Decimal("0.108"), 0, 36_000),
        ("2026-10-02", 10, 0, 10, 0, None, None),
        ("2026-10-03", 10, 5, 5, Decimal("0.216"), Decimal("0.03"), 72_000),
    ]
    assert workspace.query(
        "select bought_usd, used_usd, idle_usd, saving_usd, utilisation_ratio,"
        " effective_usd_per_mtok, on_demand_usd_per_mtok from marts.fct_commitment_months"
    ) == [
        (30, Decimal("7.5"), Decimal("22.5"), Decimal("-29.676"), 0.25, Decimal("277.777777778"),
         3),
    ]  # fmt: skip


@pytest.mark.slow
def test_late_calls_and_a_changed_commitment_compute_their_days_and_give_a_fresh_build(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace.drop("bot", "2.csv", calls(2, 14_400))
    assert [str(day) for day in workspace.build().days] == ["2026-10-02"]
    assert workspace.query(DAYS)[1][:4] == ("2026-10-02", 10, 1, 9)
    # half the capacity from the 3rd on, under a second term
    workspace.commitments(
        PTU.replace("2026-12-01", "2026-10-03"),
        PTU.replace("2026-10-01", "2026-10-03").replace(",100,", ",50,"),
    )
    workspace.build()
    assert workspace.query("select distinct table_name from raw.changed_days") == [("commitments",)]
    assert workspace.query(DAYS)[2][:4] == ("2026-10-03", 10, 10, 0)
    fresh = workspace.fresh(tmp_path_factory.mktemp("fresh"))
    for mart in ("fct_commitment_usage", "fct_commitment_daily", "fct_commitment_months",
                 "dim_commitments"):  # fmt: skip
        found = f"from marts.{mart} order by all"
        assert workspace.query(found) == fresh.query(found), mart


def test_a_term_to_come_is_shown_once_it_has_begun_and_not_before(workspace: Workspace) -> None:
    start = date(2026, 12, 1)
    later = f"next,spend,house,,1000,,,,{start},{start + timedelta(365)},"
    workspace.commitments(PTU, later)
    assert not workspace.build().nothing_new
    assert workspace.query("select commitment from marts.dim_commitments") == [("ptu",)]
