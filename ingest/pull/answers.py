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
    asked = params
    while True:
        answer = client.ask(report, asked)
        _require_page(api, report, answer.body)
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


def organizations(answer: Answer) -> set[str]:
    """The organisations that a page names: in its header, on the page, in buckets and results."""
    found = {answer.organization, answer.body.get("organization_id")}
    for bucket in answer.body["data"]:
        if isinstance(bucket, dict):
            found.add(bucket.get("organization_id"))
            results = bucket.get("results")
            for result in results if isinstance(results, list) else ():
                if isinstance(result, dict):
                    found.add(result.get("organization_id"))
    return {name for name in found if isinstance(name, str) and name}


def is_organization_id(text: str) -> bool:
    """Whether a text is an organisation's id, and not a name that someone chose."""
    return _ID.fullmatch(text) is not None
