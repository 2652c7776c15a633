"""Files, wrappers and damage: what holds for every provider's pages, shown with OpenAI's."""

import contextlib
import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.billing.anthropic import reader as anthropic
from ingest.billing.openai import reader as openai
from ingest.billing.report_pages.pages import Page, read_pages
from ingest.errors import SourceFileError
from ingest.records.format import InputFile
from tests.ingest.billing.conftest import as_config

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]


def a_page(*amounts: str, start: int = 1730419200) -> dict[str, Any]:
    """One day of OpenAI costs per call, one result per amount (USD, as text)."""
    results = [
        {"object": "organization.costs.result", "amount": {"value": usd, "currency": "usd"}}
        for usd in amounts
    ]
    bucket = {"start_time": start, "end_time": start + 86400, "results": results}
    return {"object": "page", "data": [bucket], "has_more": False, "next_page": None}


def wrapped(page: dict[str, Any], **params: Any) -> str:
    request = {"path": "/v1/organization/costs", "params": params}
    return json.dumps({"request": request, "fetched_at": "2026-09-02T04:00:00Z", "response": page})


def test_a_bare_page_and_the_wrapped_page_give_the_same_charges(as_file: Lay, stage: Stage) -> None:
    bare = stage(openai.FORMAT, as_file(json.dumps(a_page("1.5"))))
    known = stage(openai.FORMAT, as_file(wrapped(a_page("1.5"), group_by=["line_item"])))
    differ = {name for name in bare[0] if bare[0][name] != known[0][name]}
    assert differ == {"file_id", "x_as_of"}
    assert bare[0]["x_as_of"] is None
    assert known[0]["x_as_of"] == datetime(2026, 9, 2, 4)


def test_a_file_of_one_page_numbers_its_results_across_buckets(as_file: Lay, stage: Stage) -> None:
    page = a_page("1", "2")
    page["data"] += a_page(start=1730505600)["data"] + a_page("3", start=1730592000)["data"]
    found = stage(openai.FORMAT, as_file(json.dumps(page)))
    assert [(row["source_line"], int(row["billed_cost"])) for row in found
            if not row["x_is_empty"]] == [
        (1, 1), (2, 2), (3, 3),
    ]  # fmt: skip


def test_json_lines_state_the_line_of_their_page(as_file: Lay, stage: Stage) -> None:
    lines = json.dumps(a_page("1", "2")) + "\n\n" + wrapped(a_page("3")) + "\n"
    packed = gzip.compress(lines.encode(), mtime=0)
    found = stage(openai.FORMAT, as_file(packed, "year.jsonl.gz"))
    assert sorted((row["source_line"], int(row["billed_cost"])) for row in found) == [
        (1, 1), (1, 2), (3, 3),
    ]  # fmt: skip


def test_the_restatement_key_is_the_bucket_of_the_endpoint_and_account(
    as_file: Lay, stage: Stage
) -> None:
    file = as_file(wrapped(a_page("1"), group_by=["line_item"], start_time=1730419200, limit=7))
    (row,) = stage(openai.FORMAT, file)
    assert row["x_restatement_key"] == "openai|costs|2024-11-01T00:00:00Z"
    (row,) = stage(openai.FORMAT, file, account="org-7")
    assert row["x_restatement_key"] == "openai|costs|2024-11-01T00:00:00Z|org-7"
    assert row["billing_account_id"] == "org-7"


def test_a_fetch_of_one_project_does_not_restate_a_fetch_of_all(as_file: Lay, stage: Stage) -> None:
    everything = stage(openai.FORMAT, as_file(wrapped(a_page("1"), project_ids=None)))
    project = stage(openai.FORMAT, as_file(wrapped(a_page("1"), project_ids=["proj_1"])))
    assert everything[0]["x_restatement_key"] == "openai|costs|2024-11-01T00:00:00Z"
    assert project[0]["x_restatement_key"].endswith('|project_ids=["proj_1"]')


@pytest.mark.parametrize(
    ("group_by", "names"),
    [
        ({"group_by": ["model", "batch"]}, {"model", "batch"}),
        ({"group_by[]": ["workspace_id"]}, {"workspace_id"}),
        ({"group_by": "model,batch"}, {"model", "batch"}),
        ({}, set()),
    ],
)
def test_every_seen_spelling_of_group_by_is_understood(
    as_file: Lay, group_by: dict[str, Any], names: set[str]
) -> None:
    (page,) = read_pages(as_file(wrapped(a_page("1"), **group_by)))
    assert page.groups() == names


def test_without_its_request_a_page_does_not_say_how_it_was_grouped(as_file: Lay) -> None:
    (page,) = read_pages(as_file(json.dumps(a_page("1"))))
    assert page.groups() is None


DAMAGED = {
    "empty": (b"", "page.json", "is empty"),
    "blank lines only": (b"\n\n", "page.jsonl", "is empty"),
    "truncated JSON": (json.dumps(a_page("1")).encode()[:-9], "page.json", "cut short"),
    "truncated gzip": (
        gzip.compress(json.dumps(a_page("1")).encode())[:-9], "page.json.gz", "or damaged",
    ),
    "two documents": (b"{}\n{}\n", "page.json", "name a file of one page per line .jsonl"),
    "not text": (b"\xff\xfe{\x00", "page.json", "not UTF-8"),
    "a list": (b"[1]", "page.json", "not an API page"),
    "a number": (b"7", "page.json", "not an API page"),
    "nested without end": (b"[" * 200_000, "page.json", "not JSON of an API page"),
    "a CSV": (b"start_time,end_time\n1,2\n", "page.json", "not complete JSON"),
    "an API error": (b'{"error": {"message": "secret"}}', "page.json", "answered with an error"),
    "wrapped text": (b'{"request": {}, "response": "x"}', "page.json", '"response": {page}'),
    "a bad fetch time": (
        b'{"fetched_at": "soon", "response": {"object": "page"}}', "page.json", "fetched_at",
    ),
    "no buckets": (b'{"object": "page", "data": []}', "page.json", "no data returned"),
    "no bucket list": (b'{"object": "page", "data": 5}', "page.json", "list of buckets"),
    "a bucket without results": (b'{"object": "page", "data": [{}]}', "page.json", "results"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "sentence"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_refused_with_its_name_and_a_reason(
    as_file: Lay, stage: Stage, content: bytes, name: str, sentence: str
) -> None:
    with pytest.raises(SourceFileError) as refused:
        stage(openai.FORMAT, as_file(content, name))
    assert sentence in str(refused.value)
    assert str(refused.value).startswith(name)
    assert "secret" not in str(refused.value)


def test_a_damaged_line_is_named_and_nothing_of_its_file_is_loaded(
    as_file: Lay, stage: Stage
) -> None:
    lines = json.dumps(a_page("1")) + "\n" + json.dumps(a_page("2"))[:-4] + "\n"
    with pytest.raises(SourceFileError) as refused:
        stage(openai.FORMAT, as_file(lines, "pages.jsonl"))
    assert refused.value.line == 2


def test_no_buckets_are_zero_rows_only_when_the_request_states_its_window(
    as_file: Lay, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    nothing = {"object": "page", "data": [], "has_more": False}
    assert stage(openai.FORMAT, as_file(wrapped(nothing, start_time=1730419200))) == []
    assert "no buckets" in caplog.text
    for page, params in ((nothing, {}), ({**nothing, "has_more": True}, {"start_time": 1})):
        with pytest.raises(SourceFileError, match="no data returned"):
            stage(openai.FORMAT, as_file(wrapped(page, **params)))


def test_a_bucket_without_results_is_zero_rows(as_file: Lay, stage: Stage) -> None:
    assert stage(openai.FORMAT, as_file(json.dumps(a_page()))) == []


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["object", "data", "results", "amount", "value", "currency", "start_time",
             "starting_at", "input_tokens", "uncached_input_tokens", "cache_creation", "error"]
        ),
        inner | st.sampled_from(["page", "organization.costs.result", "usd"]),
        max_size=6,
    ),
)  # fmt: skip


@given(body=st.dictionaries(st.sampled_from(["data", "object"]), _ANY_JSON), results=_ANY_JSON)
@pytest.mark.parametrize("provider", [openai, anthropic])
def test_any_json_is_rows_rejects_or_a_refusal_and_never_a_crash(
    provider: Any, body: dict[str, Any], results: Any
) -> None:
    for shape in (body, {"object": "page", "data": [{"results": [results]}]},
                  {"data": [{"starting_at": "2026-09-01", "results": [results]}]}):  # fmt: skip
        page = Page("f.json", None, None, {"group_by": results}, None, shape)
        with contextlib.suppress(SourceFileError):
            list(provider.rows(page, as_config()))


def test_sample_pages_are_told_apart_by_shape(samples: Path, as_file: Lay, stage: Stage) -> None:
    tables = {
        path.name: {row["table"] for row in stage(openai.FORMAT, as_file(path))}
        for path in sorted((samples / "openai").glob("usage_*.json"))
    }
    assert len(tables) == 10
    assert set().union(*tables.values()) == {"billing_usage"}
