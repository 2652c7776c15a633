"""Samples and calls that come late give the operations that one build of everything gives."""

from __future__ import annotations

from pathlib import Path

from tests.incremental.arrivals import FIRST_DAY, LOG, calls, lines
from tests.support.warehouse import Workspace

QUEUES = """
format = "queue_samples"
file_type = "csv"
[fields]
queue_name = "queue"
sampled_at = "at"
queue_depth = "depth"
shed = "shed"
is_running_total = { constant = "true" }
feature = { constant = "chat" }
"""
HEADER = "queue,at,depth,shed\n"


def sample(day: int, hour: int, depth: int, shed: int) -> str:
    return f"q,{FIRST_DAY.replace(day=FIRST_DAY.day + day)}T{hour:02}:00:00Z,{depth},{shed}\n"


def test_late_samples_and_late_calls_give_the_operations_of_a_fresh_build(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "grown", models=("rpt_operations",))
    workspace.configure("log", LOG)
    workspace.configure("queues", QUEUES)
    for day in range(4):
        workspace.drop("log", f"{day:02}.jsonl", lines(calls(day)))
        samples = "".join(sample(day, hour, hour, 10 * hour) for hour in (8, 9, 12))
        workspace.drop("queues", f"{day:02}.csv", HEADER + samples)
    workspace.build()
    shed = "select sum(shed) from marts.fct_operations_hourly where utc_day = date '{}'"
    late_day = FIRST_DAY.replace(day=FIRST_DAY.day + 1)
    assert workspace.value(shed.format(late_day)) == 40
    # between 9:00 and 12:00 the pool began anew: 7 of what it counted by 12:00 came before
    workspace.drop("queues", "late.csv", HEADER + sample(1, 11, 99, 3))
    workspace.drop("log", "late.jsonl", lines(calls(2, seed=1)))
    assert not workspace.build().full_refresh
    assert workspace.value(shed.format(late_day)) == 10 + 3 + 117
    (tmp_path / "fresh").mkdir()
    fresh = workspace.fresh(tmp_path / "fresh")
    for table in ("marts.fct_operations_hourly", "reports.rpt_operations"):
        found = workspace.query(f"from {table} order by all")
        assert found == fresh.query(f"from {table} order by all"), table
