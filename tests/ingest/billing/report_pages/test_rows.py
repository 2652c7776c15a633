"""Bad deliveries of pages: mixed bills, another organization, joined answers, pages sent twice."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ingest.billing.anthropic import reader as anthropic
from ingest.billing.openai import reader as openai
from ingest.errors import SourceFileError
from ingest.records.format import Format, InputFile
from tests.ingest.billing.anthropic.test_reader import page_of as anthropic_page
from tests.ingest.billing.report_pages.test_pages import a_page, wrapped

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]


def in_currencies(*codes: str) -> str:
    page = a_page(*("1" for _ in codes))
    for result, code in zip(page["data"][0]["results"], codes, strict=True):
        result["amount"]["currency"] = code
    return json.dumps(page)


def of_organizations(*ids: str) -> str:
    page = a_page(*("1" for _ in ids))
    for result, organization in zip(page["data"][0]["results"], ids, strict=True):
        result["organization_id"] = organization
    return json.dumps(page)


def test_a_page_of_two_currencies_is_refused_because_they_do_not_add_up(
    as_file: Lay, stage: Stage
) -> None:
    assert len(stage(openai.FORMAT, as_file(in_currencies("usd", "USD")))) == 2
    with pytest.raises(SourceFileError, match="states several currencies") as refused:
        stage(openai.FORMAT, as_file(in_currencies("usd", "USD", "eur")))
    assert (refused.value.line, refused.value.field) == (3, "billing_currency")
    assert "fetch the report again" in refused.value.reason


def test_two_pages_of_one_file_in_two_currencies_are_refused(as_file: Lay, stage: Stage) -> None:
    pages = [anthropic_page({"amount": "1", "currency": code}) for code in ("USD", "EUR")]
    lines = "".join(json.dumps(page) + "\n" for page in pages)
    with pytest.raises(SourceFileError, match="several currencies") as refused:
        stage(anthropic.FORMAT, as_file(lines, "pages.jsonl"))
    assert refused.value.line == 2


@pytest.mark.parametrize("code", ["dollars", "$", "US", "U5D"])
def test_a_currency_that_is_no_code_rejects_its_line(as_file: Lay, stage: Stage, code: str) -> None:
    (row,) = stage(openai.FORMAT, as_file(in_currencies(code)))
    assert row["reject_field"] == "amount.currency"
    page = anthropic_page({"amount": "1", "currency": code})
    (row,) = stage(anthropic.FORMAT, as_file(json.dumps(page)))
    assert row["reject_field"] == "currency"


def test_a_page_of_two_organizations_is_refused(as_file: Lay, stage: Stage) -> None:
    assert len(stage(openai.FORMAT, as_file(of_organizations("org-1", "org-1")))) == 2
    with pytest.raises(SourceFileError, match="several organizations") as refused:
        stage(openai.FORMAT, as_file(of_organizations("org-1", "org-2")))
    assert (refused.value.line, refused.value.field) == (2, "billing_account_id")


def test_a_page_of_another_organization_than_the_settings_name_is_refused(
    as_file: Lay, stage: Stage
) -> None:
    (row,) = stage(openai.FORMAT, as_file(of_organizations("org-1")), account="org-1")
    assert row["billing_account_id"] == "org-1"
    with pytest.raises(SourceFileError, match="another organization") as refused:
        stage(openai.FORMAT, as_file(of_organizations("org-2")), account="org-1")
    assert (refused.value.file, refused.value.field) == ("page.json", "organization_id")
    assert "move it to that organization's inbox folder" in refused.value.reason
    assert "org-" not in refused.value.reason


@pytest.mark.parametrize(
    ("source", "page"),
    [
        (openai.FORMAT, a_page("1")),
        (anthropic.FORMAT, anthropic_page({"amount": "1", "currency": "USD"})),
    ],
    ids=["openai", "anthropic"],
)
def test_a_page_that_states_one_bucket_twice_is_refused(
    as_file: Lay, stage: Stage, source: Format, page: dict[str, Any]
) -> None:
    joined = page | {"data": page["data"] * 2}
    with pytest.raises(SourceFileError, match="states one bucket twice") as refused:
        stage(source, as_file(json.dumps(joined)))
    assert refused.value.field in ("start_time", "starting_at")


def test_a_page_that_stands_twice_in_a_file_is_two_deliveries_and_the_later_counts(
    as_file: Lay, stage: Stage
) -> None:
    lines = "".join(wrapped(a_page(*amounts)) + "\n" for amounts in (("1", "2"), ("1", "3")))
    found = stage(openai.FORMAT, as_file(lines * 6, "pages.jsonl"))
    assert len({row["x_restatement_key"] for row in found}) == 1
    # as in the models: of one key, the greatest delivery counts
    newest = max(row["x_delivery"] for row in found)
    assert sorted(int(row["billed_cost"]) for row in found if row["x_delivery"] == newest) == [1, 3]
    assert newest == "pages.jsonl#000000012"


def test_overlapping_windows_state_the_shared_bucket_under_one_key(
    as_file: Lay, stage: Stage
) -> None:
    next_day = 1730419200 + 86400
    first = a_page("1")
    first["data"] += a_page("2", start=next_day)["data"]
    second = a_page("3", start=next_day)
    found = [
        *stage(openai.FORMAT, as_file(json.dumps(first), "a.json")),
        *stage(openai.FORMAT, as_file(json.dumps(second), "b.json")),
    ]
    keys = [row["x_restatement_key"].rpartition("|")[2] for row in found]
    assert keys == ["2024-11-01T00:00:00Z", "2024-11-02T00:00:00Z", "2024-11-02T00:00:00Z"]
