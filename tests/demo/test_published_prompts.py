"""Prompt versions of the demo: the broken prefix is seen, and what the bot's prompts hold."""

from __future__ import annotations

import pytest

from ingest.demo.company.workloads import WORKLOADS
from ingest.demo.traffic.context import SYSTEM_TOKENS, TOOL_SCHEMA_TOKENS
from tests.demo.conftest import Published


def test_the_version_that_broke_the_prefix_read_nothing_and_cost_more(
    published: Published,
) -> None:
    """sup-12 begins with the time of day for 36 hours: no token of its own tasks' first calls."""
    ((before, cached, cost),) = published.workspace.query(
        "select previous_version, cache_read_change_ratio, cost_per_success_change_ratio"
        " from reports.rpt_prompts where prompt_version = 'sup-12'"
    )
    assert before == "sup-11"
    assert cached < -0.9
    assert cost > 0.1


def test_static_tokens_of_the_bots_prompts_are_counted_call_by_call(
    published: Published,
) -> None:
    ((calls, tokens, missed),) = published.workspace.query(
        "select count(*), sum(c.input_tokens),"
        f" sum(greatest({SYSTEM_TOKENS + TOOL_SCHEMA_TOKENS} - coalesce(cache_read_tokens, 0), 0))"
        " from marts.fct_calls as c join marts.fct_tasks as t on c.task_id = t.task_id"
        " where t.closed_date is not null and c.feature = 'code_review_bot'"
        " and c.operation = 'chat' and c.cost_scope = 'product' and not c.cached_hit"
    )
    ((composed, static, missed_tokens, missed_share, uncalled),) = published.workspace.query(
        "select composed_calls, static_ratio, missed_prefix_tokens, missed_prefix_ratio,"
        " uncalled_schema_ratio from reports.rpt_prompts where feature = 'code_review_bot'"
    )
    stated = composed * (SYSTEM_TOKENS + TOOL_SCHEMA_TOKENS)
    assert composed == calls
    assert missed_tokens == missed
    assert static == pytest.approx(stated / tokens)
    assert missed_share == pytest.approx(missed / stated)
    assert uncalled == 1.0  # it never calls a tool


def test_history_that_the_bot_carries_along_grows_by_what_is_planted(
    published: Published,
) -> None:
    """Every request carries 4,500 tokens more than the one before, of a start of 108,000."""
    steps = published.workspace.query(
        "select step, history_ratio, repeated_ratio from reports.rpt_loop_steps"
        " where feature = 'code_review_bot' and step <= 5 order by step"
    )
    (bot,) = (load for load in WORKLOADS if load.feature == "code_review_bot")
    (first, stated, most), *later = steps
    assert first == 1
    # where a queue is long a request is tried again at once, after one that nobody answered
    assert 0 <= stated <= most < 0.02
    for step, stated, most in later:
        history = (step - 1) * bot.growth_tokens
        # a failed request makes a step of the task one more of its requests
        assert stated == pytest.approx(
            history / (bot.prompt_tokens + history + bot.growth_tokens), abs=0.03
        )
        assert stated < most <= 1
