"""The demo's experiments: numbers of each variant as planted, and what was decided on them."""

from __future__ import annotations

from decimal import Decimal

from tests.demo.conftest import Published


def test_the_last_look_sees_what_each_variant_did(published: Published) -> None:
    rows = published.workspace.query(
        "select looks.experiment, e.control, e.candidate, control_tasks, candidate_tasks,"
        " round(control_success_ratio * control_tasks),"
        " round(candidate_success_ratio * candidate_tasks), candidate_usd"
        " from marts.fct_experiment_looks looks join marts.dim_experiments e"
        " using (experiment, candidate) where look = looks order by 1"
    )
    planted = {
        (item["experiment"], item["variant"]): (item["tasks"], item["successes"], item["cost_usd"])
        for item in published.truth["experiments"]
    }
    assert len(planted) == 4
    for experiment, control, candidate, *found in rows:
        old, new = planted.pop((experiment, control)), planted.pop((experiment, candidate))
        assert found == [old[0], new[0], old[1], new[1], Decimal(new[2])]
    assert planted == {}


def test_what_held_is_shipped_at_its_deadline_and_a_worse_one_is_taken_back(
    published: Published,
) -> None:
    rows = published.workspace.query(
        "select experiment, state, reason, alarm, decided_at = deadline, required_tasks >"
        " candidate_tasks from reports.rpt_experiments order by experiment"
    )
    assert rows == [
        ("short-answers", "shipped", "proven", None, True, True),
        ("small-first", "rolled_back", "success_lost", "still_on", False, True),
    ]
