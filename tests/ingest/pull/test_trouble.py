"""Throttling, broken servers, cut connections, refusals: what is tried again, and what is said."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ingest.pull import client
from ingest.pull.client import ATTEMPTS
from ingest.records.limits import LONGEST_RECORD
from tests.ingest.pull.conftest import TODAY, Source
from tests.ingest.pull.vendor import KEY, Trouble, openai_cost
from tests.support.texts import files_holding

Start = Callable[..., Source]

COSTS: dict[str, Any] = {"start": TODAY, "lookback_days": 0, "reports": ["costs"]}

BROKEN = [
    Trouble(429),
    Trouble(500),
    Trouble(503),
    Trouble(529),
    Trouble(cut=40),
    Trouble(body='{"object": "page", "data": [{"obj'),
]


def costs(source: Start, **settings: Any) -> Source:
    openai = source(**{**COSTS, **settings})
    openai.vendor.ledger["costs"] = {TODAY: [openai_cost("0.06")]}
    return openai


@pytest.mark.parametrize("trouble", BROKEN)
def test_what_may_pass_is_tried_again_after_a_growing_wait(source: Start, trouble: Trouble) -> None:
    openai = costs(source)
    openai.vendor.trouble = [trouble] * 3
    report = openai.pull()
    assert (report.problems, report.files_new, report.requests) == ([], 1, 4)
    openai.land()
    assert [str(usd) for usd in openai.charges().values()] == ["0.060000000000"]
    # up to a second more, so that many clients do not come back at once
    assert len(openai.clock.slept) == 3
    for least, slept in zip((1, 2, 4), openai.clock.slept, strict=True):
        assert least <= slept <= least + 1


@pytest.mark.parametrize("trouble", BROKEN)
def test_what_does_not_pass_ends_after_some_tries_and_leaves_nothing(
    source: Start, trouble: Trouble
) -> None:
    openai = costs(source, reports=["costs", "usage/completions"])
    openai.vendor.trouble = [trouble] * 100
    report = openai.pull()
    (problem,) = report.problems  # the other report is not tried: it would fail as well
    assert report.requests == ATTEMPTS
    assert f"{ATTEMPTS} times in a row" in problem.reason
    assert "OpenAI costs" in problem.reason
    assert openai.files() == []
    assert not list(openai.inbox.rglob("*.gz"))


def test_a_server_that_does_not_answer_in_time_is_asked_again(source: Start) -> None:
    openai = costs(source)
    openai.vendor.trouble = [Trouble(hang=True)]
    report = openai.pull(timeout_seconds=0.2)
    assert (report.problems, report.requests) == ([], 2)
    openai.vendor.trouble = [Trouble(hang=True)] * ATTEMPTS
    (problem,) = openai.pull(timeout_seconds=0.05).problems
    assert "no answer in time" in problem.reason


def test_the_vendors_own_waiting_time_is_kept(source: Start) -> None:
    openai = costs(source)
    openai.vendor.trouble = [
        Trouble(429, {"Retry-After": "37"}),
        Trouble(429, {"Retry-After": "Tue, 20 Oct 2026 05:16:30 GMT"}),  # 90 s after the clock
        Trouble(429, {"Retry-After": "soon"}),
    ]
    assert openai.pull().problems == []
    first, second, third = openai.clock.slept
    assert 37 <= first < 38
    assert 90 <= second < 91
    assert 4 <= third <= 5


def test_a_waiting_time_in_the_past_is_none(source: Start) -> None:
    openai = costs(source)
    openai.vendor.trouble = [Trouble(429, {"Retry-After": "Mon, 19 Oct 2026 05:00:00 GMT"})]
    assert openai.pull().problems == []
    assert openai.clock.slept[0] < 1


def test_a_long_waiting_time_is_not_waited_for(source: Start) -> None:
    openai = costs(source)
    openai.vendor.trouble = [Trouble(429, {"Retry-After": "3600"})]
    (problem,) = openai.pull().problems
    assert problem.reason == "OpenAI costs: too many requests; asked to wait 3600 s"
    assert openai.clock.slept == []


def test_a_wrong_key_is_not_tried_again_and_says_which_variable_and_what_it_needs(
    source: Start,
) -> None:
    openai = costs(source, reports=["costs", "usage/completions"], key_env="BILLING_KEY")
    openai.key = "sk-proj-another-key"
    report = openai.pull()
    (problem,) = report.problems
    assert problem.reason == "OpenAI costs: refused with status 401, invalid_api_key"
    assert problem.cure == (
        "the environment variable BILLING_KEY must hold an admin key (sk-admin-...) of an"
        " organization owner, scope api.usage.read"
    )
    assert report.requests == 1


def test_a_key_that_may_not_read_one_report_reads_the_others(source: Start) -> None:
    openai = costs(source, reports=["usage/completions", "costs"])
    openai.vendor.trouble = [Trouble(403, body='{"error": {"code": "missing_scope"}}')]
    report = openai.pull()
    (problem,) = report.problems
    assert problem.reason == "OpenAI usage/completions: refused with status 403, missing_scope"
    assert "OPENAI_ADMIN_KEY must hold" in problem.cure
    assert report.files_new == 1


def test_a_wrong_request_is_told_in_the_vendors_words_without_the_key(source: Start) -> None:
    openai = costs(source)
    said = f"Unsupported group_by\\n for {KEY}"
    openai.vendor.trouble = [Trouble(400, body=f'{{"error": {{"message": "{said}"}}}}')]
    (problem,) = openai.pull().problems
    assert problem.reason == "OpenAI costs: refused with status 400, Unsupported group_by for ***"
    assert problem.cure == "correct the [pull] settings (group_by, start)"


def test_a_redirect_is_not_followed_with_the_key(source: Start) -> None:
    openai = costs(source)
    openai.vendor.trouble = [Trouble(302, {"Location": f"{openai.vendor.base_url}/elsewhere"})]
    (problem,) = openai.pull().problems
    assert "status 302" in problem.reason
    assert len(openai.vendor.requests) == 1


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ({"object": "page", "has_more": False}, "a page has no data"),
        ({"data": None}, "a page has no data"),
        ({"data": [], "error": {"type": "x"}}, "a page holds an error beside its data"),
        ({"data": [], "has_more": True, "next_page": None}, "there is more, and not where"),
        ({"data": [], "has_more": True, "next_page": "same"}, "the pages go round and round"),
        (["no page"], "the answer is no page"),
        ({"data": [{"start_time": 5}, {"start_time": 5}]}, "two pages state the same bucket"),
    ],
)
def test_an_answer_that_is_no_page_is_refused_and_nothing_of_it_is_laid(
    source: Start, page: Any, reason: str
) -> None:
    openai = costs(source)
    openai.vendor.answer = lambda *_: page
    report = openai.pull()
    (problem,) = report.problems
    assert reason in problem.reason
    assert openai.files() == []
    assert report.requests <= 2


def test_pages_without_end_are_noticed_though_each_names_another(
    source: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.pull.answers.MOST_PAGES", 20)
    openai = costs(source)
    openai.vendor.answer = lambda *_: {
        "data": [], "has_more": True, "next_page": f"n{len(openai.vendor.requests)}",
    }  # fmt: skip
    report = openai.pull()
    (problem,) = report.problems
    assert "the pages go round and round" in problem.reason
    assert report.requests == 21
    assert openai.files() == []


ORG, OTHER = "org-acme", "org-other"


@pytest.mark.parametrize("settings", [{"organization": ORG}, {"options": {"account": ORG}}, {}])
@pytest.mark.parametrize("where", ["page", "bucket", "result"])
def test_a_page_of_another_organization_is_refused(
    source: Start, settings: dict[str, Any], where: str
) -> None:
    openai = costs(source, **settings)
    openai.vendor.ledger["costs"][TODAY][0] |= {"organization_id": ORG}
    assert openai.pull().problems == []
    page = openai.vendor._page("/costs", openai.vendor.asked("costs")[0])
    bucket = page["data"][0]
    {"page": page, "bucket": bucket, "result": bucket["results"][0]}[where] |= {
        "organization_id": OTHER
    }
    openai.vendor.answer = lambda *_: page
    before = openai.files()
    (problem,) = openai.pull().problems
    assert f"belongs to organization {OTHER}, not to {ORG}" in problem.reason
    assert openai.files() == before


def test_openais_header_names_no_id_and_is_compared_with_the_first_one(source: Start) -> None:
    openai = costs(source, organization=ORG)
    openai.vendor.ledger["costs"][TODAY][0] |= {"organization_id": ORG}
    openai.vendor.answer_headers = {"openai-organization": "acme-inc"}
    assert openai.pull().problems == []
    openai.vendor.answer_headers = {"openai-organization": "another-inc"}
    (problem,) = openai.pull().problems
    assert "belongs to organization another-inc, not to acme-inc" in problem.reason


def test_anthropics_header_is_an_id(source: Start) -> None:
    anthropic = source("anthropic", start=TODAY, organization=ORG)
    anthropic.vendor.answer_headers = {"anthropic-organization-id": OTHER}
    (problem,) = anthropic.pull().problems
    assert f"belongs to organization {OTHER}, not to {ORG}" in problem.reason
    assert anthropic.files() == []


def test_an_account_that_is_a_name_says_nothing_of_the_organization(source: Start) -> None:
    anthropic = source("anthropic", start=TODAY, options={"account": "acme-prod"})
    anthropic.vendor.answer_headers = {"anthropic-organization-id": OTHER}
    assert anthropic.pull().problems == []


def test_the_key_is_in_no_file_no_log_and_no_message(
    source: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    openai = costs(source, start=date(2026, 10, 1))
    openai.vendor.trouble = [Trouble(429), Trouble(cut=9), None, Trouble(400, body=KEY)]
    said = [str(problem) for problem in openai.pull().problems]
    openai.key = KEY + "x"
    said += [str(problem) for problem in openai.pull().problems]
    assert len(said) == 2
    openai.land()
    assert files_holding(openai.root, "never-to-be-seen") == set()
    assert caplog.text
    for text in [*said, caplog.text]:
        assert "never-to-be-seen" not in text


def test_an_answer_without_an_end_ends_at_a_limit_of_bytes(
    source: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST_BYTES", 3 << 20)
    openai = costs(source)
    openai.vendor.trouble = [Trouble(endless=b" " * 65536)]
    (problem,) = openai.pull().problems
    assert problem.reason == "OpenAI costs: the answer is larger than 3 MB"
    assert openai.files() == []
    openai.vendor.trouble = [Trouble(400, endless=b'{"error": "' + b"x" * 65536)]
    (problem,) = openai.pull().problems
    assert problem.reason == "OpenAI costs: refused with status 400"


def test_an_answer_that_trickles_in_for_ever_is_asked_for_again(source: Start) -> None:
    openai = costs(source)
    openai.vendor.trouble = [Trouble(endless=b" ", pause=0.02)]
    report = openai.pull(answer_seconds=0.2)
    assert (report.problems, report.requests, report.files_new) == ([], 2, 1)


def test_landing_takes_the_largest_answer_as_one_record() -> None:
    request = 1 << 20  # more than a request ever takes
    assert client.MOST_BYTES + request <= LONGEST_RECORD


def test_what_a_server_echoes_of_the_key_reaches_neither_file_nor_message(source: Start) -> None:
    openai = costs(source)
    page = openai.vendor.answer
    openai.vendor.answer_headers = {"openai-organization": f"org {KEY}"}
    openai.vendor.answer = lambda path, params: page(path, params) | {
        "echo": [KEY, f"Bearer {KEY}"], KEY: KEY,
    }  # fmt: skip
    assert openai.pull().problems == []
    written = [*openai.root.rglob("*.json"), *openai.inbox.rglob("*.gz")]
    assert len(written) == 2
    for path in written:
        content = path.read_bytes()
        assert KEY.encode() not in (gzip.decompress(content) if path.suffix == ".gz" else content)
    openai.key = "abc123"
    said = {"code": "abc123", "type": "abc123", "message": "abc123 is abc123"}
    openai.vendor.trouble = [Trouble(400, body=json.dumps({"error": said}))]
    (problem,) = openai.pull().problems
    assert problem.reason == "OpenAI costs: refused with status 400, *** is ***"
