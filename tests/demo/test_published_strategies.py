"""Ways to answer a task: the planted ones are found, with their cost and success."""

from __future__ import annotations

from decimal import Decimal

from ingest.demo.company.prices import HAIKU, OPUS, PRO, SONNET
from tests.demo.conftest import Published

TIERS = {SONNET: "mid", OPUS: "large", PRO: "large", f"{HAIKU} {SONNET}": "mixed"}


def test_every_planted_strategy_is_read_off_its_tasks(published: Published) -> None:
    found = published.workspace.query(
        "select feature, strategy, samples, model_tier, sum(tasks), sum(judged_tasks),"
        " sum(successes), sum(estimate_usd), sum(unpriced_tasks)"
        " from marts.fct_task_strategies_daily"
        " where feature in ('contract_check', 'proposal_writer') group by all order by all"
    )
    planted = [
        (row["feature"], row["strategy"], row["samples"],
         TIERS[PRO if row["samples"] > 1 else row["models"]], row["tasks"], row["judged_tasks"],
         row["successes"], Decimal(row["usd"]), 0)
        for row in published.truth["strategies"]
    ]  # fmt: skip
    assert found == sorted(planted)
    assert {row[1] for row in planted} == {"single", "voting", "draft_polish"}


def test_a_vote_costs_what_it_samples_and_gains_what_is_planted(published: Published) -> None:
    planted = {
        row["samples"]: row
        for row in published.truth["strategies"] if row["feature"] == "contract_check"
    }  # fmt: skip
    found = {
        samples: (multiplier, gained, verdict)
        for samples, multiplier, gained, verdict in published.workspace.query(
            "select position, multiplier_ratio, gained_ratio, verdict"
            " from reports.rpt_strategies where feature = 'contract_check'"
            " and comparison = 'samples' and position > 1"
        )
    }
    assert list(found) == [3, 5]
    rate = {n: row["successes"] / row["judged_tasks"] for n, row in planted.items()}
    for samples, before in ((3, 1), (5, 3)):
        multiplier, gained, _ = found[samples]
        assert abs(multiplier - samples) < 0.1  # answers differ in length
        assert abs(gained - (rate[samples] - rate[before])) < 1e-9
    assert found[3][1] > 0.1 > found[5][1]
    assert found[5][2] != "worth it"
