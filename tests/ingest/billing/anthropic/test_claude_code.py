import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.billing.anthropic.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from ingest.records.pseudonyms import pseudonym, pseudonym_of
from tests.ingest.billing.anthropic.test_reader import wrapped

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

PATH = "/v1/organizations/usage_report/claude_code"
ENTRY = {
    "model": "claude-sonnet-4-5",
    "tokens": {"input": 100, "output": 20, "cache_read": 30, "cache_creation": 40},
    "estimated_cost": {"amount": 1234.5, "currency": "USD"},
}
RECORD = {
    "actor": {"type": "user_actor", "email_address": "ada@example.com"},
    "date": "2026-08-08",
    "customer_type": "subscription",
    "subscription_type": "team",
    "terminal_type": "vscode",
    "is_remote": False,
    "organization_id": "org-1",
    "model_breakdown": [ENTRY],
}


def page_of(*records: dict[str, Any]) -> dict[str, Any]:
    return {"data": list(records), "has_more": False, "next_page": None}


def test_the_sample_is_one_row_per_model_with_its_tokens_and_estimate_in_dollars(
    samples: Path, as_file: Lay, stage: Stage
) -> None:
    sample = samples / "anthropic" / "usage_report_claude_code.json"
    entries = json.loads(sample.read_text())["data"][0]["model_breakdown"]
    found = stage(FORMAT, as_file(sample))
    assert {row["table"] for row in found} == {"billing_usage"}
    assert [
        (row["model"], row["input_uncached_tokens"], row["cache_read_tokens"],
         row["cache_write_other_tokens"], row["output_tokens"])
        for row in found
    ] == [
        (e["model"], *(e["tokens"][n] for n in ("input", "cache_read", "cache_creation", "output")))
        for e in entries
    ]  # fmt: skip
    assert [row["x_estimated_cost_usd"] for row in found] == [Decimal("1.86"), Decimal("0.42")]
    assert {(row["bucket_start"], row["bucket_end"]) for row in found} == {
        (datetime(2025, 8, 8), datetime(2025, 8, 9))
    }
    assert {(row["usage_type"], row["x_customer_type"]) for row in found} == {
        ("claude_code", "api")
    }
    assert json.loads(found[0]["x_dimensions"]) == {
        "terminal_type": "iTerm.app", "subscription_type": "enterprise",
    }  # fmt: skip


def test_an_estimate_of_a_fraction_of_a_cent_is_exact_and_never_a_charge(
    as_file: Lay, stage: Stage
) -> None:
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(RECORD))))
    assert (row["table"], row["x_estimated_cost_usd"]) == ("billing_usage", Decimal("12.345"))


def test_an_address_becomes_the_pseudonym_that_gateway_logs_give_it(
    as_file: Lay, stage: Stage, con: duckdb.DuckDBPyConnection
) -> None:
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(RECORD))))
    assert "ada@example.com" not in str(row)
    assert row["x_user_id"] == pseudonym_of("ada@example.com", "")
    salt = "pinch of 'salt'"
    for address in ("ada@example.com", "ö'\"@ex.com"):
        in_sql = con.execute(f"select {pseudonym('$1', salt)}", [address]).fetchone()
        assert in_sql == (pseudonym_of(address, salt),)
    assert pseudonym_of("a", "one") != pseudonym_of("a", "two")


def test_a_key_has_a_name_and_no_person(as_file: Lay, stage: Stage) -> None:
    actor = {"type": "api_actor", "api_key_name": "ci"}
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(RECORD | {"actor": actor}))))
    assert row["x_user_id"] is None
    assert json.loads(row["x_dimensions"])["api_key_name"] == "ci"


def test_a_record_is_replaced_alone_because_a_day_is_cut_into_pages(
    as_file: Lay, stage: Stage
) -> None:
    others = [
        {}, {"actor": {"type": "user_actor", "email_address": "bob@example.com"}},
        {"terminal_type": "tmux"}, {"is_remote": True}, {"customer_type": "api"},
        {"date": "2026-08-09"}, {"organization_id": "org-2"},
    ]  # fmt: skip
    found = stage(FORMAT, as_file(json.dumps(page_of(*(RECORD | other for other in others)))))
    keys = [row["x_restatement_key"] for row in found]
    assert len(set(keys)) == len(others)
    assert keys[0].startswith("anthropic|usage_report/claude_code|2026-08-08T00:00:00Z|org-1|")
    again = RECORD | {"model_breakdown": [ENTRY | {"tokens": {"input": 7}}]}
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(again))))
    assert row["x_restatement_key"] == keys[0]


def test_people_without_tokens_and_days_without_people_are_no_rows(
    as_file: Lay, stage: Stage
) -> None:
    assert stage(FORMAT, as_file(json.dumps(page_of(RECORD | {"model_breakdown": []})))) == []
    assert stage(FORMAT, as_file(wrapped(page_of(), PATH, starting_at="2026-08-08"))) == []
    with pytest.raises(SourceFileError, match="no data returned"):
        stage(FORMAT, as_file(wrapped(page_of(), PATH)))


def changed(**changes: Any) -> dict[str, Any]:
    return RECORD | {"model_breakdown": [ENTRY | changes]}


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (RECORD | {"actor": None}, "actor"),
        (RECORD | {"actor": {"type": "robot"}}, "actor"),
        (RECORD | {"actor": {"type": "user_actor"}}, "actor"),
        (RECORD | {"date": "08/08/2026"}, "date"),
        (RECORD | {"is_remote": "yes"}, "is_remote"),
        (changed(tokens=None), "tokens"),
        (changed(tokens={"input": -1}), "input"),
        (changed(estimated_cost={"amount": 1, "currency": "EUR"}), "estimated_cost.currency"),
        (changed(estimated_cost={"amount": 1}), "estimated_cost.currency"),
        (changed(estimated_cost={"amount": "x", "currency": "USD"}), "estimated_cost.amount"),
        (RECORD | {"model_breakdown": [5]}, "results"),
    ],
)
def test_an_untypable_record_is_rejected_by_field_and_its_neighbour_stays(
    as_file: Lay, stage: Stage, record: dict[str, Any], field: str
) -> None:
    found = stage(FORMAT, as_file(json.dumps(page_of(record, RECORD))))
    assert [row["reject_field"] for row in found] == [field, None]
    assert "ada@example.com" not in str(found)


def test_what_is_not_stated_is_unknown(as_file: Lay, stage: Stage) -> None:
    entry = {"model": "m", "tokens": {"output": 3}}
    (row,) = stage(FORMAT, as_file(json.dumps(page_of(RECORD | {"model_breakdown": [entry]}))))
    assert (row["output_tokens"], row["input_uncached_tokens"]) == (3, None)
    assert row["x_estimated_cost_usd"] is None


def test_a_record_of_another_organization_is_refused(as_file: Lay, stage: Stage) -> None:
    with pytest.raises(SourceFileError, match="another organization") as refused:
        stage(FORMAT, as_file(json.dumps(page_of(RECORD))), account="org-2")
    assert refused.value.field == "organization_id"
    assert len(stage(FORMAT, as_file(json.dumps(page_of(RECORD))), account="org-1")) == 1
