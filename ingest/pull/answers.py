"""All pages of one window, in order, each checked before it is believed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.errors import PullError
from ingest.pull.api import Api, Params, Report
from ingest.pull.client import Answer, Client

MOST_PAGES = 500
"""Pages of one window. A month of days is one page, or as many as it has days; Claude Code's
report holds 1,000 records a page."""

_ID = re.compile(r"org-\w+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def pages(
    client: Client, api: Api, report: Report, params: Params
) -> Iterator[tuple[Params, Answer]]:
    """Ask for a window until there is nothing more; yields each page with its request.

    Raises:
        PullError: refused, failed too often, or not the pages of a report.
    """
    seen: set[str] = set()
    starts: set[Any] = set()
    asked = params
    while True:
        answer = client.ask(report, asked)
        _require_page(api, report, answer.body)
        for start in _starts(answer.body):
            # of one bucket one answer counts, as a whole
            if start in starts:
                raise _odd(api, report, "two pages state the same bucket")
            starts.add(start)
        yield asked, answer
        if not (api.has_pages and answer.body.get("has_more")):
            return
        following = answer.body.get("next_page")
        if not isinstance(following, str) or not following:
            raise _odd(api, report, "a page says that there is more, and not where")
        if following in seen or len(seen) >= MOST_PAGES:
            raise _odd(api, report, "the pages go round and round")
        seen.add(following)
        asked = {**params, "page": following}


def _require_page(api: Api, report: Report, body: Mapping[str, Any]) -> None:
    if not isinstance(body.get("data"), list):
        raise _odd(api, report, "a page has no data")
    if body.get("error"):
        raise _odd(api, report, "a page holds an error beside its data")


def _starts(body: Mapping[str, Any]) -> list[Any]:
    """The starts of a page's buckets; records that are no buckets have none."""
    buckets = [bucket for bucket in body["data"] if isinstance(bucket, dict)]
    found = [bucket.get("start_time", bucket.get("starting_at")) for bucket in buckets]
    return [start for start in found if isinstance(start, int | str)]


def _odd(api: Api, report: Report, reason: str) -> PullError:
    return PullError(
        f"{api.title} {report.name}: {reason}",
        "run again later; when it stays so, the API has changed: update Outlay, or leave this"
        " report out of pull.reports",
    )


def content(body: Mapping[str, Any]) -> str:
    """What a page says, the same for the same facts: without cursors, results in one order."""
    kept = {name: value for name, value in body.items() if name not in ("has_more", "next_page")}
    kept["data"] = [_ordered(item) for item in body["data"]]
    return json.dumps(kept, sort_keys=True)


def _ordered(item: Any) -> Any:
    """A bucket with its results in one order: the vendors promise none."""
    if not isinstance(item, dict) or not isinstance(item.get("results"), list):
        return item
    ordered = sorted(item["results"], key=lambda result: json.dumps(result, sort_keys=True))
    return {**item, "results": ordered}


def organizations(api: Api, answer: Answer) -> list[tuple[str, str]]:
    """The organisations that a page names, each as `id` or `name`.

    Ids stand on the page, in buckets and in results; what stands in the header depends on the API.
    """
    found = {answer.body.get("organization_id")}
    if api.header_is_id:
        found.add(answer.organization)
    for bucket in answer.body["data"]:
        if isinstance(bucket, dict):
            found.add(bucket.get("organization_id"))
            results = bucket.get("results")
            for result in results if isinstance(results, list) else ():
                if isinstance(result, dict):
                    found.add(result.get("organization_id"))
    ids = sorted(name for name in found if isinstance(name, str) and name)
    names = [answer.organization] if answer.organization and not api.header_is_id else []
    return [*(("id", name) for name in ids), *(("name", name) for name in names)]


def is_organization_id(text: str) -> bool:
    """Whether a text is an organisation's id, and not a name that someone chose."""
    return _ID.fullmatch(text) is not None
