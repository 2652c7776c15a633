"""Two thousand damaged lines of every bill that is a file of lines: none costs a good one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.ingest.billing.aws.cur_lines import cur2_csv
from tests.ingest.billing.aws.cur_lines import line as cur_line
from tests.ingest.billing.azure.bills import export
from tests.ingest.billing.azure.bills import line as azure_line
from tests.ingest.billing.conftest import csv_of
from tests.ingest.billing.gcp.rows import as_csv, as_json_lines
from tests.ingest.billing.gcp.rows import row as gcp_row
from tests.ingest.fuzzing.mutations import mutated_cells, mutated_json
from tests.support.lake import Lake

MUTATIONS = 2_000
GOOD = 200


@dataclass(frozen=True)
class Bill:
    """A bill whose lines are made here: the whole file of some numbered lines."""

    format: str
    name: str
    make: Callable[[Sequence[int]], str]
    table: str = "billing_charges"


def _focus(numbers: Sequence[int]) -> str:
    header = "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,SkuId"
    day = "2026-09-01T00:00:00Z"
    return csv_of(*(f'{n}.25,USD,Usage,{day},"A, ""B""",s{n}' for n in numbers), header=header)


def _aws(numbers: Sequence[int]) -> str:
    return cur2_csv(*(
        cur_line(line_item_unblended_cost=f"{n}.25", identity_line_item_id=f"i{n}",
                 line_item_usage_start_date="2026-09-03T07:00:00Z")
        for n in numbers
    ))  # fmt: skip


def _azure(numbers: Sequence[int]) -> str:
    return export(*(azure_line(Cost=f"{n}.25", Date="09/03/2026") for n in numbers))


def _gcp_csv(numbers: Sequence[int]) -> str:
    return as_csv(*(gcp_row(cost=n + 0.25) for n in numbers))


def _gcp_json(numbers: Sequence[int]) -> str:
    return as_json_lines(*(gcp_row(cost=n + 0.25) for n in numbers))


def _openai(numbers: Sequence[int]) -> str:
    header = "start_time,end_time,amount_value,amount_currency,line_item"
    day = "1788220800,1788307200"
    lines = (f'{day},{n}.25,usd,"gpt-4.1, input"' for n in numbers)
    return csv_of(*lines, header=header)


def _openrouter(numbers: Sequence[int]) -> str:
    header = "created_at,cost_total,model_permaslug,tokens_prompt,generation_id,provider_name"
    lines = (f'2026-09-03 07:00:00,{n}.25,openai/gpt-4.1,{n},g{n},"OpenAI, Inc"' for n in numbers)
    return csv_of(*lines, header=header)


BILLS = (
    Bill("focus", "a.csv", _focus),
    Bill("aws_cur", "a.csv", _aws),
    Bill("azure", "a.csv", _azure),
    Bill("gcp", "a.csv", _gcp_csv),
    Bill("gcp", "a.jsonl", _gcp_json),
    Bill("openai", "costs.csv", _openai),
    Bill("openrouter", "a.csv", _openrouter),
)


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: f"{bill.format} {bill.name}")
def test_no_damaged_line_ends_a_run_or_costs_a_good_one(
    tmp_path: Path, bill: Bill, seed: str
) -> None:
    random = Random(bill.format + seed)
    numbers = range(1, GOOD + 1)
    alone = Lake(tmp_path / "alone", "bill", bill.format)
    alone.drop(bill.name, bill.make(numbers))
    report = alone.land()
    assert (report.failed, report.rows_quarantined) == ([], 0)
    is_json = bill.name.endswith(".jsonl")
    whole = bill.make(numbers).encode().splitlines()
    lines, good, places = whole[: 1 - is_json], whole[1 - is_json :], []
    end = b"\r\n" if bill.make([1]).endswith("\r\n") else b"\n"
    for line in good:
        places.append(len(lines) + 1)
        lines.append(line)
        for _ in range(MUTATIONS // GOOD):
            damaged = (
                mutated_json(random, json.loads(line)) if is_json else mutated_cells(random, line)
            )
            lines.append(_of_one_currency(line, damaged))
    among = Lake(tmp_path / "among", "bill", bill.format)
    among.drop(bill.name, end.join(lines) + end)
    report = among.land()
    assert report.failed == []
    assert report.rows_quarantined > MUTATIONS / 20
    first = 2 - is_json
    expected = rows(alone, bill.table, range(first, first + GOOD))
    assert len(expected) >= GOOD
    assert rows(among, bill.table, places) == expected


def _of_one_currency(line: bytes, damaged: bytes) -> bytes:
    """A damaged line, unless it became a sound one of another currency.

    A file of two currencies is refused as a whole, on purpose.
    """
    return damaged if b",usd," not in line or b",usd," in damaged else b"?"


def rows(lake: Lake, table: str, lines: Any) -> list[tuple[Any, ...]]:
    """What stands in the lake of some lines of the file, less what depends on the whole file."""
    chosen = ", ".join(map(str, lines))
    return lake.rows(
        "select * exclude (file_id, source_line, x_record) from rows"
        f" where source_line in ({chosen}) order by all",
        table,
    )
