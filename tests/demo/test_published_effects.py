"""Every planted effect that has a size is found, within a tenth of it and on its day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ingest.demo.company.incidents import INCIDENTS
from tests.demo.conftest import Published
from tests.demo.effects import FINDERS, missed

LATER = {
    "success_regression", "runaway_loop", "fallback_storm", "leaked_key", "queue_backlog_again",
    "payback contract",
}  # fmt: skip
"""Planted after the 45 days: `tests/pipelines/run/test_memory.py` looks for them in all 120."""


@pytest.mark.parametrize("name", sorted(FINDERS.keys() - LATER))
def test_a_planted_effect_is_found_with_its_size_and_its_day(
    published: Published, name: str
) -> None:
    (planted,) = [effect for effect in published.truth["effects"] if effect["name"] == name]
    assert missed(published.workspace.query, planted) is None
    # the same effect, a fifth larger or a week later, is not found
    larger = planted | {"size": str(1.25 * float(planted["size"]) or 1)}
    later = date.fromisoformat(planted["date"]) + timedelta(days=7)
    assert missed(published.workspace.query, larger) is not None
    assert missed(published.workspace.query, planted | {"date": str(later)}) is not None


def test_no_effect_is_planted_that_nobody_looks_for(published: Published) -> None:
    named = [effect["name"] for effect in published.truth["effects"]]
    assert len(named) == len(set(named))
    assert set(named) == FINDERS.keys() - LATER
    planted = {incident["name"] for incident in published.truth["incidents"]}
    assert planted <= set(named)
    assert {incident.name for incident in INCIDENTS} <= FINDERS.keys()


def test_what_tenants_owe_for_shared_prefixes_is_what_was_planted(published: Published) -> None:
    """The bill of these days is the estimate, and is split to the last digit."""
    planted = {
        (row["month"], row["tenant_id"]): float(row["usd"])
        for row in published.truth["cache_sharing"] if float(row["usd"])
    }  # fmt: skip
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), member, net_usd::double from reports.rpt_cache_sharing"
        " where dimension = 'tenant' and net_usd <> 0"
    )
    assert {row[:2]: pytest.approx(row[2], abs=1e-6) for row in found} == planted
    assert len(planted) >= 10
