"""Calls, tasks and unit cost of the demo as published, and builds that change nothing."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.demo.conftest import Published
from tests.support.warehouse import Workspace


def test_every_call_is_published_once(published: Published) -> None:
    calls = published.truth["calls"]
    (identical,) = [n for n in published.truth["delivery"] if n["what"] == "identical_file"]
    (overlap,) = [n for n in published.truth["delivery"] if n["what"] == "overlapping_rows"]
    # what a second gateway saw is seen again, all of it
    edge = calls["rows_written_by_source"]["edge-gateway"]
    assert edge > 100
    assert published.workspace.query(
        "select count(*), sum(duplicates_dropped) from marts.fct_calls"
    ) == [(calls["distinct_calls"], overlap["rows"] + edge)]
    # a file that repeats another is not read, so its rows are no duplicates of any call
    assert calls["duplicate_rows"] == overlap["rows"] + identical["rows"] + edge
    landed = dict(
        published.workspace.query("select source_name, rows_loaded from reports.rpt_source_health")
    )
    written = calls["rows_written_by_source"]
    assert landed["litellm"] == written["litellm"] - identical["rows"]
    assert landed["batch-jobs"] == written["batch-jobs"]
    assert published.workspace.query(
        "select status, count(*) from raw.files where source_name = 'litellm' group by 1 order by 1"
    ) == [("duplicate", 1), ("loaded", 46)]


def test_closed_tasks_and_nobody_bear_every_bill_to_the_last_digit(published: Published) -> None:
    billed = dict(
        published.workspace.query(
            "select charge_month, sum(charge_usd) from marts.fct_charges_daily group by all"
        )
    )
    for dimension in ("all", "feature", "tenant"):
        rows = published.workspace.query(
            "select month, sum(bill_usd), sum(bill_usd + unbilled_usd),"
            " sum(coalesce(cost_usd - other_bills_usd, 0) + other_months_usd + no_closed_task_usd)"
            f" from reports.rpt_billed_unit_cost where dimension = '{dimension}' group by all"
        )
        assert {month: bill for month, bill, _, _ in rows} == billed
        assert all(owed == borne for _, _, owed, borne in rows)
    assert published.workspace.query(
        "select count(*) from reports.rpt_billed_unit_cost as b"
        " join reports.rpt_unit_cost_summary as s on s.period_start = b.month"
        " where s.period_grain = 'month' and s.cost_basis = 'charge' and s.task_type = 'all'"
        " and b.dimension = 'all' and b.cost_per_success_usd = s.cost_per_success_usd"
    ) == [(len(billed),)]


def test_what_serves_no_customer_stands_beside_the_product(published: Published) -> None:
    planted = {
        (item["month"], item["cost_scope"], item["feature"]): (item["calls"], Decimal(item["usd"]))
        for item in published.truth["beside_product"]
    }
    assert {scope for _, scope, _ in planted} == {"shadow", "non_production"}
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), cost_scope, feature, calls, estimate_usd"
        " from reports.rpt_cost_scopes where cost_scope <> 'product'"
    )
    assert {tuple(row[:3]): tuple(row[3:]) for row in found} == planted


def test_calls_are_counted_by_status(published: Published) -> None:
    calls = published.truth["calls"]
    found = dict(
        published.workspace.query("select status, count(*) from marts.fct_calls group by 1")
    )
    assert found == calls["by_status"]
    assert published.workspace.query(
        "select count(*) filter (where operation = 'chat' and status = 'ok'),"
        " count(*) filter (where cached_hit and is_model_turn),"
        " count(*) filter (where is_cache_lookup),"
        " count(*) filter (where is_unpriced) from marts.fct_calls"
    ) == [
        (calls["ok_chat_calls"], calls["gateway_hits"], calls["gateway_lookups"],
         calls["unpriced_calls"])
    ]  # fmt: skip


def test_tokens_by_class_leave_gateway_hits_out(published: Published) -> None:
    tokens = published.truth["calls"]["tokens"]
    sums = ", ".join(f"sum({name}_tokens)" for name in tokens)
    (found,) = published.workspace.query(f"select {sums} from marts.fct_calls where not cached_hit")
    assert dict(zip(tokens, found, strict=True)) == tokens


def test_each_line_that_is_no_call_is_named(published: Published) -> None:
    found = published.workspace.query(
        "select source_name, source_file, source_line, field, reason from raw.quarantine"
        " order by source_line"
    )
    planted = published.truth["quarantine"]
    assert [row[:3] for row in found] == [(q["source"], q["file"], q["line"]) for q in planted]
    assert [q["reason"] for q in planted] == ["cut off", "not JSON", "startTime is null"]
    assert [row[3:] for row in found] == [
        ("record", "the line is not valid JSON"),
        ("record", "the line is not valid JSON"),
        ("started_at", "is required and missing"),
    ]
    assert published.workspace.query(
        "select source_name, rows_quarantined from reports.rpt_source_health"
        " where rows_quarantined > 0"
    ) == [("litellm", len(planted))]


def test_tasks_are_counted_by_status(published: Published) -> None:
    tasks = dict(published.truth["tasks"])
    total = tasks.pop("total")
    found = dict(
        published.workspace.query("select status, count(*) from marts.fct_tasks group by 1")
    )
    assert found == tasks
    assert sum(found.values()) == total
    assert published.workspace.query(
        "select sum(tasks_closed), sum(successes), sum(pending_tasks), sum(unknown_tasks)"
        " from reports.rpt_overview"
    ) == [(sum(tasks[status] for status in ("success", "failure", "neutral")), tasks["success"],
           tasks["pending"], tasks["unknown"])]  # fmt: skip


def test_every_row_of_unit_cost(published: Published) -> None:
    found = published.workspace.query(
        "select day::varchar, coalesce(task_type, ''), coalesce(feature, ''),"
        " coalesce(tenant_id, ''), tasks_closed, successes, cost_usd, cost_per_success_usd,"
        " avg_loop_depth from reports.rpt_unit_cost where cost_basis = 'estimate'"
        " and tasks_closed > 0 order by all"
    )
    planted = [row for row in published.truth["unit_cost"] if row["tasks_closed"]]
    assert len(planted) > 500
    assert [row[:7] for row in found] == [
        (row["closed_day"], row["task_type"], row["feature"], row["tenant_id"],
         row["tasks_closed"], row["successes"], Decimal(row["cost_usd"]))
        for row in planted
    ]  # fmt: skip
    for row, cohort in zip(found, planted, strict=True):
        successes = cohort["successes"]
        per_success = Decimal(cohort["cost_usd"]) / successes if successes else None
        assert row[7] == (
            None if per_success is None else pytest.approx(per_success, abs=Decimal("5.1e-10"))
        )
        assert row[8] * cohort["tasks_closed"] == pytest.approx(cohort["loop_depth_sum"], abs=1e-9)


def test_what_successful_tasks_cost_by_themselves(published: Published) -> None:
    found = published.workspace.query(
        "select closed_date::varchar, task_type, coalesce(feature, ''), coalesce(tenant_id, ''),"
        " sum(estimate_usd) filter (where status = 'success') from marts.fct_tasks"
        " where closed_date is not null group by all order by all"
    )
    assert [(*row[:4], row[4] or 0) for row in found] == [
        (row["closed_day"], row["task_type"], row["feature"], row["tenant_id"],
         Decimal(row["cost_of_successful_usd"]))
        for row in published.truth["unit_cost"]
        if row["tasks_closed"]
    ]  # fmt: skip


def test_loop_depths_sum_to_the_turns_of_closed_tasks(published: Published) -> None:
    depths: dict[tuple[str, str], tuple[int, int]] = {}
    for row in published.truth["unit_cost"]:
        key = (row["closed_day"][:7], row["task_type"])
        tasks, turns = depths.get(key, (0, 0))
        if not row["tasks_closed"]:
            continue
        depths[key] = (tasks + row["tasks_closed"], turns + row["loop_depth_sum"])
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), task_type, sum(tasks), sum(tasks * loop_depth)"
        " from reports.rpt_loop_depth group by all"
    )
    assert {row[:2]: row[2:] for row in found} == depths


def test_evaluations_without_calls_make_no_task(published: Published) -> None:
    outcomes = published.truth["outcomes"]
    judged = "select task_id from raw.task_outcomes"
    assert published.workspace.query(
        f"select count(*), count(distinct task_id), count(distinct task_id)"
        f" filter (where task_id not in (select task_id from marts.fct_tasks)) from ({judged})"
    ) == [
        (outcomes["evaluations"], outcomes["judged_tasks"], outcomes["judged_tasks_without_calls"])
    ]
    assert (
        dict(
            published.workspace.query(
                "select evaluator_type, count(*) from raw.task_outcomes group by 1"
            )
        )
        == outcomes["by_evaluator"]
    )


@pytest.mark.slow
def test_a_second_build_has_nothing_to_do_and_a_fresh_warehouse_is_the_same(
    published: Published, tmp_path: Path
) -> None:
    root = tmp_path / "own"
    shutil.copytree(published.workspace.root, root)
    workspace = Workspace(root, published.workspace.settings)
    assert workspace.build().nothing_new
    before = workspace.contents()
    assert len(before["fct_calls"]) == published.truth["calls"]["distinct_calls"]
    workspace.warehouse.unlink()
    changes = workspace.build(tests=False, engine="prepared")
    assert (changes.full_refresh, changes.as_of_day) == (True, date(2026, 8, 12))
    after = workspace.contents()
    for name, rows in before.items():
        assert after[name] == rows, name


def test_a_call_that_two_gateways_saw_counts_once(published: Published) -> None:
    """One knows the response of what it does not stream; of a stream only the content tells."""
    planted = [
        (row["month"], row["rule"], row["records"], Decimal(row["usd"]))
        for row in published.truth["seen_twice"]
    ]
    assert {rule for _, rule, _, _ in planted} == {"same response", "same content"}
    assert (
        published.workspace.query(
            "select strftime(month, '%Y-%m'), reason, records, estimate_usd"
            " from reports.rpt_left_out where source_name = 'edge-gateway' order by 1, 2"
        )
        == planted
    )
    assert published.workspace.query(
        "select count(*) from marts.fct_calls where source_name = 'edge-gateway'"
    ) == [(0,)]


def test_unit_cost_by_team_models_and_key_is_that_of_the_calls_themselves(
    published: Published,
) -> None:
    """The same from calls and verdicts alone, each task placed by hand."""
    homes = {
        ("invoice_capture", False): "Finance Automation",
        ("invoice_capture", True): "Document Processing",
        ("support_assistant", True): "Customer Support",
        ("code_review_bot", True): "Developer Tools",
    }
    calls = published.workspace.query(
        "select tasks.task_id, tasks.closed_date, tasks.feature, tasks.status = 'success',"
        " calls.model_id, calls.is_model_turn, calls.api_key_id, coalesce(calls.estimate_usd, 0)"
        " from marts.fct_calls as calls inner join marts.fct_tasks as tasks using (task_id)"
        " where tasks.closed_date is not null and calls.cost_scope = 'product'"
    )
    closed: dict[str, tuple[date, str, bool]] = {}
    models: dict[str, set[str]] = defaultdict(set)
    keys: dict[str, set[str]] = defaultdict(set)
    cost: Counter[str] = Counter()
    for task, day, feature, success, model, turn, key, usd in calls:
        closed[task] = day, feature, success
        cost[task] += usd
        models[task] |= {model} if turn else set()
        keys[task] |= {key} - {None}
    expected: dict[tuple[date, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for task, (day, feature, success) in closed.items():
        moved = feature != "invoice_capture" or day >= date(2026, 7, 16)
        used = sorted(models[task])
        for dimension, member in {
            "team": homes.get((feature, moved), "Finance Automation"),
            "model": " + ".join(used) if len(used) < 4 else "four models or more",
            "key": next(iter(keys[task]), "unattributed"),
        }.items():
            so_far = expected[day.replace(day=1), dimension, member]
            one = (1, int(success), cost[task])
            expected[day.replace(day=1), dimension, member] = [
                a + b for a, b in zip(so_far, one, strict=True)
            ]
    rows = published.workspace.query(
        "select period_start, dimension, member, tasks_closed, successes, coalesce(cost_usd, 0)"
        " from reports.rpt_unit_cost_by_member where period_grain = 'month'"
        " and cost_basis = 'estimate' and dimension in ('team', 'model', 'key')"
    )
    assert {row[:3]: list(row[3:]) for row in rows} == expected
    assert len({member for _, dimension, member in expected if dimension == "team"}) == 4
    # on the bill, cost centres bear what all tasks do
    assert published.workspace.query(
        "select dimension, sum(cost_usd) from reports.rpt_unit_cost_by_member where"
        " cost_basis = 'charge' and dimension = 'cost_centre' group by all"
    )[0][1] == pytest.approx(published.workspace.value(
        "select sum(cost_usd) from reports.rpt_unit_cost_by_member"
        " where cost_basis = 'charge' and dimension = 'all'"
    ), abs=Decimal("0.00000001"))  # fmt: skip
