"""What the demo's gateway cache answered wrongly, should not have answered, and missed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.demo.conftest import Published


def test_every_finding_is_the_planted_one(published: Published) -> None:
    """Answers about a customer's invoices are that customer's; some entries never expire."""
    found = published.amounts(
        "select strftime(month, '%Y-%m'), feature, finding, sum(found_hits)::bigint"
        " from reports.rpt_cache_audit group by all"
        " union all select strftime(month, '%Y-%m'), feature, 'hits', sum(hits)::bigint"
        " from reports.rpt_cache_audit where finding = 'unencrypted' group by all"
    )
    planted = {
        (row["month"], row["feature"], row["finding"]): row["hits"]
        for row in published.truth["cache_audit"] if row["hits"]
    }  # fmt: skip
    assert found == planted
    assert {finding for _, _, finding in planted} == {
        "hits", "cross_tenant", "no_lifetime", "stale",
    }  # fmt: skip
    ((lag,),) = published.workspace.query(
        "select max(longest_lag_minutes) from reports.rpt_cache_audit"
    )
    assert lag == published.truth["longest_lag_minutes"] > 0


def test_prompts_that_came_again_uncached_are_the_planted_ones(published: Published) -> None:
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), model_id, sum(missed_calls), sum(missed_usd)"
        " from reports.rpt_missed_caches where missed_calls > 0 and missed_usd is not null"
        " and cause = 'repeated_prompt'"
        " group by all order by 1, 2"
    )
    assert found == [
        (row["month"], row["model"], row["calls"], Decimal(row["usd"]))
        for row in published.truth["missed_caches"] if row["model"] != "larkspur-triage-7b"
    ]  # fmt: skip


def test_the_version_that_begins_with_the_time_of_day_is_named_with_its_release(
    published: Published,
) -> None:
    """Other versions change their start, too, and are read as before: none of them is named."""
    found = published.workspace.query(
        "select model_id, feature, prompt_version, previous_version, change_event, missed_calls,"
        " missed_usd::double, prefixes > 10 from reports.rpt_missed_caches"
        " where cause = 'prefix_changed' order by model_id"
    )
    planted = [
        row for row in published.truth["changed_prefixes"]
        if row["calls"] >= 50 and row["calls_before"] >= 50
    ]  # fmt: skip
    assert found == [
        (row["model"], "support_assistant", "sup-12", "sup-11",
         "prompt_version support_assistant sup-12", row["calls"],
         pytest.approx(float(row["usd"]), abs=1e-6), True)
        for row in sorted(planted, key=lambda row: row["model"])
    ]  # fmt: skip
    assert len(found) == 2


def test_semantic_hits_stand_under_their_similarity(published: Published) -> None:
    found = published.workspace.query(
        "select similarity_percent, sum(successes + failures), sum(failures), sum(hits),"
        " sum(avoided_usd) from marts.fct_semantic_hits_daily where has_semantic_hit"
        " group by similarity_percent order by similarity_percent"
    )
    assert found == [
        (row["similarity_percent"], row["tasks"], row["failures"], row["hits"],
         Decimal(row["avoided_usd"]))
        for row in published.truth["semantic_hits"]
    ]  # fmt: skip


def test_the_recommended_threshold_is_the_best_of_a_sweep_by_hand(published: Published) -> None:
    """Below 90 percent most of the planted answers are wrong, from there on none is; the best keeps
    no more wrong ones than other tasks fail."""
    ((failed, judged, usd, won),) = published.workspace.query(
        "select count(*) filter (where status = 'failure'),"
        " count(*) filter (where status in ('success', 'failure')), sum(estimate_usd),"
        " count(*) filter (where status = 'success')"
        " from marts.fct_tasks where closed_date is not null and task_type = 'support_ticket'"
        " and task_id not in (select task_id from marts.fct_calls where cache_layer = 'semantic')"
    )
    hits = published.truth["semantic_hits"]
    net = {}
    for at_least in hits:
        kept = [r for r in hits if r["similarity_percent"] >= at_least["similarity_percent"]]
        extra = sum(r["failures"] for r in kept) - sum(r["tasks"] for r in kept) * failed / judged
        saved = sum(float(r["avoided_usd"]) for r in kept)
        net[at_least["similarity_percent"]] = saved - max(extra, 0) * float(usd) / won
    found = published.workspace.query(
        "select threshold_percent, net_saving_usd, is_recommended from reports.rpt_cache_thresholds"
    )
    assert {percent: float(usd) for percent, usd, _ in found} == pytest.approx(net, abs=0.001)
    (best,) = (percent for percent, _, is_best in found if is_best)
    assert best == max(net, key=lambda percent: net[percent])
    assert 80 < best <= 90


def test_the_call_that_wrote_the_wrong_answers_is_found(published: Published) -> None:
    """For five days one entry answers every ticket wrongly that fails after a cached answer."""
    found = published.workspace.query(
        "select cache_source_call_id, feature, sum(tasks), sum(failures)"
        " from marts.fct_cached_answers_daily group by all having sum(failures) > 1 order by all"
    )
    planted = published.truth["wrong_answers"]
    assert found == sorted(
        (row["call"], row["feature"], row["tasks"], row["failures"]) for row in planted
    )
    worst = max(planted, key=lambda row: row["failures"])
    assert worst["failures"] > 5
    named = published.workspace.query(
        "select cache_source_call_id, written_at::date >= '2026-08-05', extra_failures_usd > 0"
        " from reports.rpt_wrong_answers where is_beyond_chance"
    )
    assert named == [(worst["call"], True, True)]


def test_wrong_answers_are_taken_off_what_a_cache_saved(published: Published) -> None:
    """By hand from tasks and calls: stale answers saved nothing, and further failures cost."""
    rows = published.workspace.query(
        "select layer, sum(saved_usd), sum(wrong_answers_usd), sum(net_saving_usd)"
        " from reports.rpt_cache_value where layer in ('exact', 'semantic') group by layer"
    )
    assert all(net == saved - wrong for _, saved, wrong, net in rows)
    wrong = {layer: float(usd) for layer, _, usd, _ in rows}
    stale: dict[str, Decimal] = dict(published.workspace.query(
        "select cache_layer, sum(avoided_usd) from marts.fct_calls c where c.cached_hit"
        " and c.feature = 'support_assistant' and c.started_at - to_seconds(c.cache_age_seconds) <"
        " (select max(occurred_at) from marts.fct_change_events e where e.change_kind = 'publish'"
        "  and e.occurred_at <= c.started_at) group by cache_layer"
    ))  # fmt: skip
    assert wrong["exact"] == pytest.approx(float(stale["exact"]), abs=1e-9)
    assert wrong["semantic"] == pytest.approx(
        float(stale["semantic"]) + _extra_failures_usd(published), abs=1e-6
    )
    assert _extra_failures_usd(published) > 0


def _extra_failures_usd(published: Published) -> float:
    """Tickets with semantic hits against the others of their closing month, model by model."""
    tasks = published.workspace.query(
        "select date_trunc('month', closed_date), least.model_id, status, estimate_usd"
        " from marts.fct_tasks left join (select task_id, arg_min(model_id, (cache_similarity,"
        "  call_id)) as model_id from marts.fct_calls where cache_layer = 'semantic'"
        "  group by task_id) as least using (task_id)"
        " where closed_date is not null and task_type = 'support_ticket'"
    )
    total = 0.0
    for month in {row[0] for row in tasks}:
        others = [row for row in tasks if row[0] == month and row[1] is None]
        won = sum(row[2] == "success" for row in others)
        lost = sum(row[2] == "failure" for row in others)
        price = float(sum(row[3] for row in others)) / won
        for model in {row[1] for row in tasks if row[0] == month and row[1] is not None}:
            ends = [row[2] for row in tasks if row[:2] == (month, model)]
            judged = sum(end != "neutral" for end in ends)
            extra = ends.count("failure") - judged * lost / (won + lost)
            total += max(0, extra) * price
    return total


def test_the_search_cache_is_worth_what_was_planted(published: Published) -> None:
    """A search costs 0.45; a hit of before a publish event saved nothing, and a miss costs."""
    found = published.workspace.query(
        "select strftime(month, '%Y-%m'), lookups, hits, saved_usd, wrong_answers_usd,"
        " net_saving_usd, longest_ttl_seconds, verdict from reports.rpt_cache_value"
        " where layer = 'retrieval' order by month"
    )
    planted = published.truth["retrieval_cache"]
    assert found == [
        (row["month"], row["lookups"], row["hits"], Decimal(row["saved_usd"]),
         Decimal(row["stale_usd"]), Decimal(row["saved_usd"]) - Decimal(row["stale_usd"]),
         6 * 86_400, "saves")
        for row in planted
    ]  # fmt: skip
    assert all(Decimal(row["saved_usd"]) == row["hits"] * Decimal("0.45") for row in planted)
    # of all publish events one was not followed: in August
    assert [row["month"] for row in planted if row["stale_hits"]] == ["2026-08"]
