"""Busy hours of the demo's reviews: a tighter limit then costs next to nothing, and none else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.demo import write_workspace_data
from ingest.demo.company.workloads import BUSY_FEATURE, BUSY_HOURS, BUSY_STEPS
from ingest.demo.traffic import days
from tests.demo.conftest import Published
from tests.support.warehouse import Workspace

DEEPER = f"where feature = '{BUSY_FEATURE}' and step > {BUSY_STEPS}"
WHEN = f"started_hour % 24 between {BUSY_HOURS.start} and {BUSY_HOURS.stop - 1}"


def test_reviews_that_run_deep_in_busy_hours_do_not_succeed(published: Published) -> None:
    planted = published.truth["busy_hours"]
    assert (planted["feature"], planted["cap"]) == (BUSY_FEATURE, BUSY_STEPS)
    assert planted["busy_tasks"] > 5
    assert planted["busy_successes"] == 0 < planted["other_successes"]
    assert published.workspace.query(
        f"select sum(tasks_ended) filter ({WHEN}), sum(successes_ended) filter ({WHEN}),"
        f" sum(tasks_ended) filter (not {WHEN}), sum(successes_ended) filter (not {WHEN})"
        f" from marts.fct_task_steps_daily {DEEPER}"
    ) == [
        (planted["busy_tasks"], planted["busy_successes"], planted["other_tasks"],
         planted["other_successes"])
    ]  # fmt: skip


@pytest.mark.slow
def test_the_cap_of_busy_hours_is_recommended_and_no_tight_one_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month of reviews alone, as many as the whole demo has of them a day."""
    reviews = tuple(load for load in days.WORKLOADS if load.feature == BUSY_FEATURE)
    monkeypatch.setattr(days, "WORKLOADS", reviews)
    write_workspace_data(tmp_path, days=30)
    for log in ("agents", "batch-jobs", "help-search"):
        for file in (tmp_path / "inbox" / log).iterdir():
            file.unlink()
    workspace = Workspace(
        tmp_path, {"reporting_timezone": "Europe/Berlin"}, models=("rpt_cap_curve",)
    )
    workspace.build(tests=False)
    found = workspace.query(
        "select hours, cap, lost_successes from reports.rpt_cap_curve"
        f" where feature = '{BUSY_FEATURE}' and is_recommended order by hours"
    )
    assert ("peak", BUSY_STEPS, 0) in found
    assert all(cap > BUSY_STEPS for hours, cap, _ in found if hours == "all")
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["busy_hours"]
    assert truth["busy_tasks"] > 30
