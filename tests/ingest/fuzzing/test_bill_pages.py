"""Two thousand damaged results of every kind of API page, and damaged pages around them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.ingest.billing.anthropic import test_claude_code, test_enterprise
from tests.ingest.billing.anthropic import test_reader as anthropic
from tests.ingest.billing.openai import test_reader as openai
from tests.ingest.billing.openrouter import test_reader as openrouter
from tests.ingest.fuzzing.mutations import mutated_json, mutated_record
from tests.support.lake import Lake

RESULTS = 2_000
IN_A_PAGE = 20
"""Damaged results on a page, each behind a good one."""

PAGES = 60
"""Pages damaged anywhere."""

Result = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of page: how it is made of results, and a result of a number."""

    format: str
    name: str
    page: Callable[[Sequence[Result]], str]
    result: Callable[[int], Result]
    table: str
    number: str
    damaged: Callable[[Random, Result], Result] = mutated_record


def _cost(of: dict[str, Any]) -> Callable[[int], Result]:
    return lambda n: of | {"amount": f"{n}"}


KINDS = (
    Kind("openai", "costs", lambda found: openai.page_of(*found),
         lambda n: openai.a_charge(amount={"value": n, "currency": "usd"}, project_id=f"p{n}"),
         "billing_charges", "billed_cost"),
    Kind("openai", "usage", lambda found: openai.page_of(*found),
         lambda n: openai.EXAMPLE | {"num_model_requests": n}, "billing_usage", "requests"),
    Kind("anthropic", "costs", lambda found: anthropic.wrapped(anthropic.page_of(*found)),
         _cost(anthropic.CHARGE), "billing_charges", "(billed_cost * 100)::integer"),
    Kind("anthropic", "usage",
         lambda found: anthropic.wrapped(
             anthropic.page_of(*found), "/v1/organizations/usage_report/messages"),
         lambda n: anthropic.USAGE | {"output_tokens": n}, "billing_usage", "output_tokens"),
    Kind("anthropic", "enterprise",
         lambda found: anthropic.wrapped(anthropic.page_of(*found), test_enterprise.PATH),
         _cost(test_enterprise.COST), "billing_charges", "(billed_cost * 100)::integer"),
    Kind("anthropic", "claude_code",
         lambda found: anthropic.wrapped(
             test_claude_code.page_of(*found), test_claude_code.PATH),
         lambda n: test_claude_code.RECORD | {"model_breakdown": [
             test_claude_code.ENTRY | {"tokens": {"input": 1, "output": n}}]},
         "billing_usage", "output_tokens",
         # a record that is none fails its page, as a bucket does
         lambda random, record: record | {"model_breakdown": [
             mutated_record(random, test_claude_code.ENTRY)]}),
    Kind("openrouter", "activity", lambda found: openrouter.page(*found),
         lambda n: openrouter.ITEM | {"requests": n}, "billing_usage", "requests"),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.format} {kind.name}")
def test_no_damaged_result_ends_a_run_or_costs_a_good_one(
    tmp_path: Path, kind: Kind, seed: str
) -> None:
    random = Random(kind.format + seed)
    lake = Lake(tmp_path, "bill", kind.format)
    good = range(1, IN_A_PAGE + 1)
    lake.drop("good.json", kind.page([kind.result(n) for n in good]))
    for number in range(RESULTS // IN_A_PAGE):
        found = []
        for n in good:
            found += [kind.result(n), kind.damaged(random, kind.result(1000))]
        lake.drop(f"results{number:03}.json", kind.page(found))
    page = json.loads(kind.page([kind.result(n) for n in good]))
    for number in range(PAGES):
        lake.drop(f"pages{number:03}.json", mutated_json(random, page))
    report = lake.land()
    assert [reason for _, reason in report.failed if "cannot be read (" in reason] == []
    refused = {file for file, _ in report.failed}
    assert "good.json" not in refused
    whole = {f"results{n:03}.json" for n in range(RESULTS // IN_A_PAGE)} - refused
    assert len(whole) > RESULTS / IN_A_PAGE / 2
    loaded = lake.rows(
        f"select source_file, list({kind.number}::integer order by source_line) from rows"
        f" where source_file like 'results%' and source_line % 2 = 1 group by 1",
        kind.table,
    )
    assert dict(loaded) == {file: list(good) for file in whole}


def test_no_damaged_generation_ends_a_run_or_costs_a_good_one(tmp_path: Path, seed: str) -> None:
    """A generation of OpenRouter is a file of its own."""
    random = Random("generations" + seed)
    lake = Lake(tmp_path, "bill", "openrouter")
    for n in range(RESULTS // 4):
        record = openrouter.GENERATION | {"id": f"g{n}", "native_tokens_completion": 100 + n}
        lake.drop(f"good{n:03}.json", json.dumps({"data": record}))
        lake.drop(f"bad{n:03}.json", json.dumps({"data": mutated_record(random, record)}))
    report = lake.land()
    assert [reason for _, reason in report.failed if "cannot be read (" in reason] == []
    assert [file for file, _ in report.failed if file.startswith("good")] == []
    loaded = lake.rows(
        "select source_file, output_tokens from rows where source_file like 'good%'",
        "billing_usage",
    )
    assert dict(loaded) == {f"good{n:03}.json": 100 + n for n in range(RESULTS // 4)}
