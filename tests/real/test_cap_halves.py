"""The cap that one half of real agent tasks recommends, judged by the other half."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.real.test_real_calls import TAU2_CALLS, TAU2_OUTCOMES
from tests.support.warehouse import Workspace

HALVES = ("/a", "/b")

Cap = dict[str, Any]
Curves = dict[tuple[str, str], dict[int, Cap]]
"""By suite and agent with its half: caps, each with its columns."""


def other_half(agent: str) -> str:
    return agent[:-2] + HALVES[agent.endswith(HALVES[0])]


def halved(outcomes: str) -> str:
    """The outcomes with the half of each task's own name behind its agent."""
    rows = list(csv.DictReader(io.StringIO(outcomes)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    for row in rows:
        half = HALVES[crc32(row["session_id"].encode()) % 2]
        writer.writerow(row | {"agent_model": row["agent_model"] + half})
    return out.getvalue()


@pytest.fixture(scope="module")
def curves(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Curves:
    """Cap curves of tau2. A quarter of the successes may be lost: forty tasks cannot show less."""
    workspace = Workspace(
        tmp_path_factory.mktemp("halves"),
        settings={"reporting_timezone": "UTC", "cap_curve_days": 3650, "cap_largest_loss": "0.25"},
        models=("rpt_cap_curve",),
    )
    real = shared / "real"
    workspace.configure("tau2", TAU2_CALLS)
    workspace.drop("tau2", "calls.jsonl.gz", (real / "tau2_calls.jsonl.gz").read_bytes())
    workspace.configure("outcomes", TAU2_OUTCOMES)
    outcomes = halved((real / "tau2_outcomes.csv").read_text())
    workspace.drop("outcomes", "outcomes.csv", outcomes.encode())
    workspace.build()
    columns = ("successes", "tasks_cut", "lost_low", "lost_high", "saved_ratio",
               "is_recommended")  # fmt: skip
    found: Curves = {}
    for suite, agent, cap, *values in workspace.query(
        f"select task_type, feature, cap, {', '.join(columns)} from reports.rpt_cap_curve"
        " where hours = 'all'"
    ):
        found.setdefault((suite, agent), {})[cap] = dict(zip(columns, values, strict=True))
    return found


def pairs(curves: Curves) -> list[tuple[int, Cap, Cap]]:
    """Caps that both halves of a suite and agent know: the cap, and what each says of it."""
    return [
        (cap, said, other[cap])
        for (suite, agent), curve in curves.items()
        for cap, said in curve.items()
        if cap in (other := curves.get((suite, other_half(agent)), {}))
    ]


def rate(cap: Cap, column: str) -> float:
    """Successes of the tasks that a cap cuts, or a bound of them, over these tasks."""
    return float(cap[column]) / cap["tasks_cut"]


def test_a_cap_that_one_half_recommends_is_not_refuted_by_the_other(curves: Curves) -> None:
    """Its bound of lost successes is no lower than the lowest that the other half allows."""
    recommended = [(said, other) for _, said, other in pairs(curves) if said["is_recommended"]]
    assert len(recommended) >= 2
    for said, other in recommended:
        bound = float(said["lost_high"]) / said["successes"]
        assert float(other["lost_low"]) / other["successes"] <= bound
        assert said["saved_ratio"] > 0


def test_both_halves_agree_within_their_intervals_at_every_cap(curves: Curves) -> None:
    """Intervals of 95 % of two halves of one population meet nearly always."""
    known = [
        (said, other)
        for _, said, other in pairs(curves)
        if min(said["tasks_cut"], other["tasks_cut"]) >= 5
    ]
    meet = [
        rate(said, "lost_low") <= rate(other, "lost_high")
        and rate(other, "lost_low") <= rate(said, "lost_high")
        for said, other in known
    ]
    assert len(known) > 100
    assert sum(meet) >= 0.95 * len(known)
