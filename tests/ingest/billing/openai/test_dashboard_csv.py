"""OpenAI's dashboard exports. Headers are those of public exports; the values are made up."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.openai.reader import FORMAT
from ingest.errors import SourceFileError
from ingest.records.format import InputFile

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]

DAY = "1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00"
NEXT = "1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00"
TIMES = "start_time,end_time,start_time_iso,end_time_iso"

USAGE_HEADER = (
    f"{TIMES},project_id,num_model_requests,user_id,api_key_id,model,batch,service_tier,"
    "input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens,"
    "input_audio_tokens,output_audio_tokens"
)
COST_HEADER = (
    f"{TIMES},amount_value,amount_currency,quantity,quantity_unit,line_item,user_id,api_key_id,"
    "project_id,organization_id,project_name,organization_name,user_email,api_source"
)


def csv_of(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


def a_cost(value: str = "0.0038359800000000000000", currency: str = "usd", org: str = "") -> str:
    return f"{DAY},{value},{currency},,,,,,,{org},,,,"


def usage_of(as_file: Lay, *lines: str) -> InputFile:
    return as_file(csv_of(USAGE_HEADER, *lines), "completions_usage_2025-10-05.csv")


def test_a_usage_export_gives_the_same_row_as_the_api(as_file: Lay, stage: Stage) -> None:
    line = f"{DAY},proj_1,10.0,user-1,key_1,gpt-4o-2024-08-06,FALSE,default,"
    (row,) = stage(FORMAT, usage_of(as_file, line + "59200.0,10646.0,5760.0,53440.0,53440.0,0.0,"))
    result = {
        "object": "organization.usage.completions.result", "project_id": "proj_1",
        "num_model_requests": 10, "user_id": "user-1", "api_key_id": "key_1",
        "model": "gpt-4o-2024-08-06", "batch": False, "service_tier": "default",
        "input_tokens": 59200, "output_tokens": 10646, "input_cached_tokens": 5760,
        "input_uncached_tokens": 53440, "input_audio_tokens": 0,
    }  # fmt: skip
    bucket = {"start_time": 1759622400, "end_time": 1759708800, "results": [result]}
    (api,) = stage(FORMAT, as_file(json.dumps({"object": "page", "data": [bucket]})))
    assert {k for k in row if row[k] != api[k]} == {"file_id", "source_line"}
    assert (row["source_line"], row["is_batch"], row["requests"]) == (2, False, 10)
    assert (row["input_uncached_tokens"], row["cache_read_tokens"]) == (53440, 5760)
    assert (row["output_tokens"], row["output_audio_tokens"]) == (10646, None)


def test_a_cost_export_gives_dollars_and_no_address_or_name_of_a_person(
    as_file: Lay, stage: Stage
) -> None:
    grouped = (
        f'{DAY},0.5,usd,1000,tokens,"gpt-5-nano, cached input",user-1,key_1,proj_a,org-1,'
        "Project A,Acme,someone@example.com,"
    )
    found = stage(FORMAT, as_file(csv_of(COST_HEADER, a_cost(org="org-1"), grouped), "cost.csv"))
    assert [row["billed_cost"] for row in found] == [Decimal("0.00383598"), Decimal("0.5")]
    row = found[1]
    assert (row["billing_currency"], row["billing_account_id"]) == ("USD", "org-1")
    assert (row["x_model"], row["x_token_class"]) == ("gpt-5-nano", "cache_read")
    assert (row["consumed_quantity"], row["consumed_unit"]) == (1000, "tokens")
    assert (row["sub_account_id"], row["sub_account_name"]) == ("proj_a", "Project A")
    assert row["x_restatement_key"] == "openai|costs|2025-10-05T00:00:00Z"
    assert "someone@example.com" not in str(found)


def test_a_cost_export_and_an_api_page_of_one_day_replace_each_other(
    as_file: Lay, stage: Stage
) -> None:
    amount = {"value": 1, "currency": "usd"}
    result = {"object": "organization.costs.result", "amount": amount}
    bucket = {"start_time": 1759622400, "end_time": 1759708800, "results": [result]}
    page = as_file(json.dumps({"object": "page", "data": [bucket]}))
    (api,) = stage(FORMAT, page, account="org-1")
    (line,) = stage(FORMAT, as_file(csv_of(COST_HEADER, a_cost()), "cost.csv"), account="org-1")
    assert api["x_restatement_key"] == line["x_restatement_key"]
    assert line["x_restatement_key"] == "openai|costs|2025-10-05T00:00:00Z|org-1"


def test_minutes_of_a_usage_export_restate_the_day_that_the_api_states(
    as_file: Lay, stage: Stage
) -> None:
    minutes = [f"{1759622400 + 60 * n},{1759622460 + 60 * n},,,,1.0,,,m,,,5,1,,,,,"
               for n in (0, 1, 1439)]  # fmt: skip
    found = stage(FORMAT, usage_of(as_file, *minutes))
    assert {row["x_restatement_key"] for row in found} == {
        "openai|usage/completions|2025-10-05T00:00:00Z"
    }
    assert [row["bucket_start"] for row in found] == [
        datetime(2025, 10, 5), datetime(2025, 10, 5, 0, 1), datetime(2025, 10, 5, 23, 59),
    ]  # fmt: skip
    assert found[2]["bucket_end"] == datetime(2025, 10, 6)


def test_the_observed_export_of_an_empty_period_is_no_rows_and_a_warning(
    samples: Path, as_file: Lay, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    assert stage(FORMAT, as_file(samples / "openai/completions_usage_empty_export.csv")) == []
    assert "empty period" in caplog.text


def test_an_empty_bucket_within_a_period_is_no_row_and_no_reject(
    as_file: Lay, stage: Stage
) -> None:
    empty = f"{NEXT},,,,,,,,,,,,,"
    (row,) = stage(FORMAT, as_file(csv_of(COST_HEADER, empty, a_cost("2")), "cost.csv"))
    assert (row["source_line"], row["billed_cost"]) == (3, 2)


@pytest.mark.parametrize(
    ("name", "columns", "cells", "expected"),
    [
        ("x", "images,size", "2.0,1024x1024", ("images", 2, "images")),
        ("x", "characters", "45", ("audio_speeches", 45, "characters")),
        ("x", "seconds", "20", ("audio_transcriptions", 20, "seconds")),
        ("x", "usage_bytes", "1024", ("vector_stores", 1024, "bytes")),
        ("x", "num_sessions", "3", ("code_interpreter_sessions", 3, "sessions")),
        ("x", "num_requests,vector_store_id", "2,vs_1", ("file_search_calls", 2, "searches")),
        ("file_searches_usage", "num_requests", "2", ("file_search_calls", 2, "searches")),
        ("x", "num_requests,context_level", "2,low", ("web_search_calls", 2, "searches")),
        ("web_searches_usage", "num_requests", "4", ("web_search_calls", 4, "searches")),
        ("embeddings_usage", "input_tokens", "16", ("embeddings", None, None)),
        ("moderations_usage", "input_tokens", "16", ("moderations", None, None)),
    ],
)
def test_every_other_export_is_known_by_its_columns_or_its_name(
    as_file: Lay, stage: Stage, name: str, columns: str, cells: str, expected: tuple[Any, ...]
) -> None:
    (row,) = stage(FORMAT, as_file(csv_of(f"{TIMES},{columns}", f"{DAY},{cells}"), f"{name}.csv"))
    assert (row["usage_type"], row["quantity"], row["quantity_unit"]) == expected
    assert row["input_uncached_tokens"] == (16 if columns == "input_tokens" else None)


def test_columns_that_tell_images_apart_stay_as_other_dimensions(
    as_file: Lay, stage: Stage
) -> None:
    file = as_file(csv_of(f"{TIMES},images,size,source", f"{DAY},2,1024x1024,"), "images.csv")
    assert json.loads(stage(FORMAT, file)[0]["x_dimensions"]) == {"size": "1024x1024"}


def test_unknown_columns_are_ignored_and_missing_optional_ones_are_unknown(
    as_file: Lay, stage: Stage
) -> None:
    header = f"{TIMES},INPUT_TOKENS,Output_Tokens,moon_phase"
    (row,) = stage(FORMAT, as_file(csv_of(header, f"{DAY},10,2,full"), "a.csv"))
    assert (row["input_uncached_tokens"], row["output_tokens"]) == (10, 2)
    unknown = ("cache_read_tokens", "requests", "model", "is_batch", "sub_account_id")
    assert {row[name] for name in unknown} == {None}


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (f"{DAY},,1,,,m,maybe,,5,1,,,,,", "batch"),
        (f"{DAY},,one,,,m,,,5,1,,,,,", "num_model_requests"),
        (f"{DAY},,1,,,m,,,5.5,1,,,,,", "input_tokens"),
        (f"{DAY},,1,,,m,,,5,,,,,,", "output_tokens"),
        (f"{DAY},,1,,,m,,,5,1,9,,,,", "input_tokens"),
        ("soon,1759708800,,,,1,,,m,,,5,1,,,,,", "start_time"),
        (f"{DAY},,1", "line"),
    ],
)
def test_a_line_that_cannot_be_typed_is_rejected_by_field_and_its_neighbour_stays(
    as_file: Lay, stage: Stage, cells: str, field: str
) -> None:
    good = f"{DAY},,1,,,m,,,5,1,,,,,"
    found = stage(FORMAT, usage_of(as_file, cells, good))
    assert [(row["source_line"], row["reject_field"]) for row in found] == [(2, field), (3, None)]
    assert {row["table"] for row in found} == {"billing_usage"}


@pytest.mark.parametrize(
    ("line", "field"),
    [(a_cost("free"), "amount_value"), (a_cost(""), "amount_value"),
     (a_cost(currency=""), "amount_currency"), (a_cost(currency="dollars"), "amount_currency")],
)  # fmt: skip
def test_a_cost_without_amount_or_currency_is_rejected_under_the_exports_own_name(
    as_file: Lay, stage: Stage, line: str, field: str
) -> None:
    (row,) = stage(FORMAT, as_file(csv_of(COST_HEADER, line), "cost.csv"))
    assert (row["table"], row["reject_field"]) == ("billing_charges", field)


GZIPPED = gzip.compress(csv_of(COST_HEADER, *[a_cost(str(n)) for n in range(999)]).encode())

REFUSED = {
    "a truncated gzip": (GZIPPED[:-20], "cost.csv.gz", "truncated or damaged"),
    "empty": (b"", "cost.csv", "the file is empty"),
    "a header alone": (csv_of(COST_HEADER).encode(), "cost.csv", "no data returned"),
    "times alone, without a row": (csv_of(TIMES).encode(), "a.csv", "no data returned"),
    "a missing currency": (
        csv_of(f"{TIMES},amount_value", f"{DAY},1").encode(), "cost.csv",
        "field amount_currency: is not an OpenAI export of costs: no column amount_currency",
    ),
    "a renamed count": (
        csv_of(f"{TIMES},tokens_in,output_tokens", f"{DAY},1,1").encode(), "a.csv",
        "no column input_tokens; its header is start_time, end_time",
    ),
    "renamed times": (b"start,end,images\n1,2,3\n", "a.csv", "no column start_time, end_time"),
    "bars": (COST_HEADER.replace(",", "|").encode(), "a.csv", "export it with commas"),
    "a column twice": (
        csv_of(f"{TIMES},amount_value,amount_value", f"{DAY},1,1").encode(), "cost.csv",
        "line 1, field amount_value: the header names this column twice",
    ),
    "no telling column": (
        csv_of(f"{TIMES},num_model_requests", f"{DAY},1").encode(), "a.csv", "keep the name",
    ),
    "the usage of before 2024": (
        b"start_time,end_time,snapshot_id,n_context_tokens_total\n1,2,3,4\n", "usage.csv",
        "before 2024",
    ),
    "two currencies": (
        csv_of(COST_HEADER, a_cost(), a_cost(currency="eur")).encode(), "cost.csv",
        "line 3, field billing_currency: states several currencies",
    ),
    "two organizations": (
        csv_of(COST_HEADER, a_cost(org="org-1"), a_cost(org="org-2")).encode(), "cost.csv",
        "line 3, field billing_account_id: states several organizations",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_a_damaged_or_wrong_export_is_refused_with_its_name_and_a_reason(
    as_file: Lay, stage: Stage, content: bytes, name: str, sentence: str
) -> None:
    with pytest.raises(SourceFileError, match=sentence) as refused:
        stage(FORMAT, as_file(content, name))
    assert str(refused.value).startswith(name)


def test_an_export_of_another_organization_is_refused(as_file: Lay, stage: Stage) -> None:
    file = as_file(csv_of(COST_HEADER, a_cost(org="org-1"), a_cost(org="org-2")), "cost.csv")
    with pytest.raises(SourceFileError, match="another organization than `account`") as refused:
        stage(FORMAT, file, account="org-1")
    assert (refused.value.line, refused.value.field) == (3, "organization_id")


def test_a_byte_order_mark_gzip_and_windows_line_ends_are_read(as_file: Lay, stage: Stage) -> None:
    text = "\ufeff" + csv_of(COST_HEADER, a_cost("2")).replace("\n", "\r\n")
    (row,) = stage(FORMAT, as_file(gzip.compress(text.encode()), "COST.CSV.GZ"))
    assert row["billed_cost"] == 2


def test_the_usage_answer_of_before_2024_is_refused_with_the_cure(
    as_file: Lay, stage: Stage
) -> None:
    legacy = {"object": "list", "data": [{"snapshot_id": "gpt-4", "n_context_tokens_total": 4}]}
    with pytest.raises(SourceFileError, match="fetch the same days from usage/completions"):
        stage(FORMAT, as_file(json.dumps(legacy)))


def test_an_export_of_many_lines_is_staged_in_batches_with_one_numbering(
    as_file: Lay, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.records.format.BATCH_ROWS", 2)
    lines = [a_cost(str(n)) for n in range(5)]
    found = stage(FORMAT, as_file(csv_of(COST_HEADER, *lines), "cost.csv"))
    assert [(row["x_record"], row["billed_cost"]) for row in found] == [
        (n + 1, n) for n in range(5)
    ]
