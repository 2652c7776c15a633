"""What files of calls state and no call counts: added up by source, file and reason."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.ingest.gateways.otel.otlp_lines import CHAT, line, metric_line, span
from tests.support.plain_sql import failed_tests
from tests.support.warehouse import Workspace

OCTOBER = 1790856000  # 2026-10-01 12:00:00 UTC


def logged(number: int, **fields: Any) -> str:
    """A line of LiteLLM's log: 100 tokens in, 10 out, a cost of 0.01."""
    made = {
        "id": f"chatcmpl-{number}", "litellm_call_id": f"call-{number}", "status": "success",
        "call_type": "acompletion", "model": "gpt-4.1", "custom_llm_provider": "openai",
        "startTime": OCTOBER + number, "endTime": OCTOBER + number + 1, "response_cost": 0.01,
        "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110,
    }  # fmt: skip
    return json.dumps(made | fields) + "\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three calls; one logged twice, two read again by polls, one with a span around its span.

    Metrics add up the tokens of the session that has these spans, and of another one.
    """
    workspace = Workspace(tmp_path_factory.mktemp("left-out"), models=("rpt_left_out", "fct_calls"))
    # a megatoken: 2 dollars in, 8 out; above 150 tokens in twice as much
    workspace.prices(*(
        f"openai,gpt-4.1,standard,{token_class},{usd},2026-01-01,,{tokens_in},test"
        for tokens_in, factor in (("", 1), ("150", 2))
        for token_class, usd in (("input_uncached", 2 * factor), ("output", 8 * factor))
    ))  # fmt: skip
    workspace.configure("proxy", 'format = "litellm"\n')
    workspace.configure("traces", 'format = "otel"\n')
    polls = "".join(logged(n, call_type="aget_responses") for n in (7, 8))
    workspace.drop("proxy", "a.jsonl", logged(1) + logged(2) + polls)
    workspace.drop("proxy", "b.jsonl", logged(2))
    outer = {name: value for name, value in CHAT.items() if name != "gen_ai.response.id"}
    workspace.drop("traces", "c.jsonl", line(
        span(1, a=outer, endTimeUnixNano=str((OCTOBER + 60) * 10**9)), span(2, 1, a=CHAT),
        resource={"session.id": "s1"},
    ))  # fmt: skip
    points = [{"session.id": session, "type": "input", "amount": amount}
              for session, amount in {"s1": 100, "s2": 7}.items()]  # fmt: skip
    workspace.drop("traces", "m.jsonl", metric_line("claude_code.token.usage", *points))
    workspace.build()
    return workspace


def test_every_record_is_a_call_or_left_out_with_its_reason(workspace: Workspace) -> None:
    assert workspace.query(
        "select source_name, source_file, kind, reason, records, input_tokens, output_tokens,"
        " round(reported_usd, 2) from marts.fct_left_out_daily order by 1, 2, 3, 4"
    ) == [
        (
            "proxy",
            "a.jsonl",
            "no call",
            "reads or ends what another call made",
            2,
            200,
            20,
            Decimal("0.02"),
        ),
        ("proxy", "b.jsonl", "duplicate", "same record", 1, 100, 10, Decimal("0.01")),
        ("traces", "c.jsonl", "duplicate", "nested call", 1, 100, 10, None),
        ("traces", "m.jsonl", "no call", "metrics: sums of calls", 1, 100, None, None),
        (
            "traces",
            "m.jsonl",
            "no call",
            "metrics: sums of calls that nothing else states",
            1,
            7,
            None,
            None,
        ),
    ]
    assert workspace.value("select count(*) from marts.fct_calls") == 3


def test_what_is_left_out_has_an_estimate_of_its_own(workspace: Workspace) -> None:
    """100 in, 10 out: 0.0002 + 0.00008 = 0.00028; two polls of that size twice, in no dearer tier.

    Nobody says which model the metrics are of.
    """
    assert workspace.query(
        "select source_file, kind, estimate_usd, unpriced_records from marts.fct_left_out_daily"
        " order by all"
    ) == [
        ("a.jsonl", "no call", Decimal("0.00056"), 0),
        ("b.jsonl", "duplicate", Decimal("0.00028"), 0),
        ("c.jsonl", "duplicate", Decimal("0.00028"), 0),
        ("m.jsonl", "no call", None, 1),
        ("m.jsonl", "no call", None, 1),
    ]
    assert workspace.query(
        "select source_name, sum(estimate_usd), sum(unpriced_records) from reports.rpt_left_out"
        " group by 1 order by 1"
    ) == [("proxy", Decimal("0.00084"), 0), ("traces", Decimal("0.00028"), 2)]


def test_a_month_of_a_source_adds_its_files_up(workspace: Workspace) -> None:
    assert workspace.query(
        "select source_name, kind, reason, files, records, input_tokens"
        " from reports.rpt_left_out order by all"
    ) == [
        ("proxy", "duplicate", "same record", 1, 1, 100),
        ("proxy", "no call", "reads or ends what another call made", 1, 2, 200),
        ("traces", "duplicate", "nested call", 1, 1, 100),
        ("traces", "no call", "metrics: sums of calls", 1, 1, 100),
        ("traces", "no call", "metrics: sums of calls that nothing else states", 1, 1, 7),
    ]


def test_a_call_that_lost_what_its_duplicate_states_is_found(
    workspace: Workspace, tmp_path: Path
) -> None:
    copy = tmp_path / workspace.warehouse.name
    shutil.copy(workspace.warehouse, copy)
    tests = workspace.data_tests()
    assert not failed_tests(copy, tests)
    with duckdb.connect(str(copy)) as con:
        con.execute(
            "update marts.fct_calls set input_tokens = null, output_tokens = null"
            " where source_name = 'proxy' and call_id like 'call-2/%'"
        )
    assert any("no_usage_that_a_record_states_is_lost" in found for found in
               map(str, failed_tests(copy, tests)))  # fmt: skip


def test_a_price_that_changes_prices_again_what_no_call_shares_the_day_with(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models=("fct_left_out_daily",))
    workspace.configure("proxy", 'format = "litellm"\n')
    workspace.drop("proxy", "a.jsonl", logged(1, call_type="aget_responses"))
    for usd, estimate in ((2, Decimal("0.00028")), (4, Decimal("0.00048"))):
        workspace.prices(
            f"openai,gpt-4.1,standard,input_uncached,{usd},2026-01-01,,,test",
            "openai,gpt-4.1,standard,output,8,2026-01-01,,,test",
        )
        assert [str(day) for day in workspace.build().days] == ["2026-10-01"]
        assert workspace.value("select estimate_usd from marts.fct_left_out_daily") == estimate
