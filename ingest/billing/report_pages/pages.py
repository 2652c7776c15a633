"""Provider API pages on disk: opened, decoded and unwrapped, whatever the provider.

A file holds one page (`.json`) or one page per line (`.jsonl`), either one gzipped. A page is the
bare API answer or the wrapper that a fetcher writes around it, which keeps the request: only the
request tells "not grouped by this" from "has no value": both are null.

A page that cannot be read fails its whole file: a bucket that is half there would replace a
complete one (see `restatement`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count, repeat
from typing import Any
from urllib.parse import urlsplit

from ingest.billing.report_pages.fields import FieldFault, Record, iso_time
from ingest.errors import SourceFileError
from ingest.records.csv_records import bounded_line
from ingest.records.file_bytes import open_bytes, text_shape
from ingest.records.format import InputFile, SourceConfig
from ingest.records.limits import LONGEST_RECORD

SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz")

_log = logging.getLogger(__name__)

_TOO_LARGE = f"the page is larger than {LONGEST_RECORD >> 20} MB; fetch fewer days at once"

# Parameters that choose which page of an answer comes back; every other one narrows the answer.
_PAGING = {"start_time", "end_time", "starting_at", "ending_at", "bucket_width", "limit", "page"}
_GROUPING = {"group_by", "group_by[]"}
_WIDTHS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}


@dataclass(frozen=True)
class Page:
    """One API page with what is known about its request.

    Attributes:
        file: path below the inbox, for errors.
        line: line of the page in a JSON lines file; None when the file is the page.
        path: endpoint such as `v1/organization/costs`; None without a wrapper.
        params: request parameters; empty without a wrapper.
        fetched_at: when the provider answered, naive UTC; None without a wrapper.
        body: the API's answer.
        whole_days: it is an export of whole UTC days, in whatever buckets: it restates days.
    """

    file: str
    line: int | None
    path: str | None
    params: Mapping[str, Any]
    fetched_at: datetime | None
    body: Record
    whole_days: bool = False

    @property
    def delivery(self) -> str | None:
        """What was delivered at once: a line of a JSON lines file, else (None) the file.

        A page that stands twice in one file counts once, as one in two files does.
        """
        return f"{self.file}#{self.line:09}" if self.line else None

    @property
    def buckets(self) -> list[Record]:
        """What of the answer looks like buckets."""
        data = self.body.get("data")
        return (
            [item for item in data if isinstance(item, Mapping)] if isinstance(data, list) else []
        )

    @cached_property
    def width(self) -> timedelta | None:
        """How long a bucket of the page is; None when nothing tells.

        As the request asked (without a word, by the day, which is every API's default), else by the
        longest bucket: the first one may be cut.
        """
        if self.whole_days:
            return _WIDTHS["1d"]
        asked = self.params.get("bucket_width")
        if asked in _WIDTHS:
            return _WIDTHS[asked]
        lengths = [length for b in self.buckets if (length := _length(b))]
        longest = max(lengths, default=None)
        if self.path and len(self.buckets) == 1:
            return _WIDTHS["1d"]
        return min((w for w in _WIDTHS.values() if longest and w >= longest), default=None)

    def error(self, reason: str, field: str | None = None) -> SourceFileError:
        """Return the error that refuses this page's file."""
        return SourceFileError(self.file, reason, line=self.line, field=field)

    def groups(self) -> frozenset[str] | None:
        """Dimensions the request asked for; None when the request is unknown."""
        if self.path is None:
            return None
        names: list[str] = []
        for key in _GROUPING & self.params.keys():
            value = self.params[key]
            names += value.split(",") if isinstance(value, str) else _texts(value)
        return frozenset(names)


def _length(bucket: Record) -> timedelta | None:
    """A bucket's length, of Unix seconds or ISO times; None when it does not say."""
    start, end = bucket.get("start_time"), bucket.get("end_time")
    if isinstance(start, int) and isinstance(end, int):
        return timedelta(seconds=end - start)
    try:
        return iso_time(bucket, "ending_at") - iso_time(bucket, "starting_at")
    except FieldFault:
        return None


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def read_pages(file: InputFile) -> Iterator[Page]:
    """Yield the pages of one file.

    Raises:
        SourceFileError: the file is empty, cut short, or not JSON.
    """
    lines = file.kind == "jsonl"
    is_empty = True
    for number, document in enumerate(_documents(file, lines=lines), start=1):
        if document.strip():
            is_empty = False
            line = number if lines else None
            yield _page(file.relative, line, _decoded(file.relative, line, document))
    if is_empty:
        raise SourceFileError(file.relative, "the file is empty; fetch the page again")


def _documents(file: InputFile, *, lines: bool) -> Iterator[str]:
    text_shape(file.path, file.relative, file.shape)
    with open_bytes(file.path) as stream:
        for number in count(1):
            document = bounded_line(stream) if lines else stream.read(LONGEST_RECORD + 1)
            if document is None or len(document) > LONGEST_RECORD:
                raise SourceFileError(file.relative, _TOO_LARGE, line=number if lines else None)
            try:
                yield document.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                reason = "is not UTF-8 text; fetch the page again"
                raise SourceFileError(file.relative, reason) from None
            if not (document and lines):
                return


def _decoded(file: str, line: int | None, document: str) -> object:
    try:
        return json.loads(document, parse_float=Decimal, parse_constant=Decimal)
    except json.JSONDecodeError as error:
        reason = "is not complete JSON; it may have been cut short, fetch the page again"
        if error.msg == "Extra data" and line is None:
            reason = "holds more than one JSON document; name a file of one page per line .jsonl"
        raise SourceFileError(file, reason, line=line or error.lineno) from None
    except (RecursionError, ValueError):  # nested, or an integer, beyond what an API would send
        raise SourceFileError(file, "is not JSON of an API page", line=line) from None


def _page(file: str, line: int | None, document: object) -> Page:
    if not isinstance(document, Mapping):
        raise SourceFileError(file, "is not an API page (a JSON object was expected)", line=line)
    if "response" not in document:
        return Page(file, line, None, {}, None, document)
    body, request = document["response"], document.get("request") or {}
    params = request.get("params") or {} if isinstance(request, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(params, Mapping):
        reason = 'must be {"request": {"path", "params"}, "fetched_at", "response": {page}}'
        raise SourceFileError(file, reason, line=line)
    path = urlsplit(str(request.get("path") or "")).path.strip("/") or None
    return Page(file, line, path, params, _fetched_at(file, line, document), body)


def _fetched_at(file: str, line: int | None, document: Record) -> datetime | None:
    if document.get("fetched_at") is None:
        return None
    try:
        return iso_time(document, "fetched_at")
    except FieldFault as fault:
        raise SourceFileError(file, fault.reason, line=line, field=fault.field) from None


def results(
    page: Page, *, window: str, listed: str = "results"
) -> Iterator[tuple[int, Record, object]]:
    """Yield `(source_line, bucket, result)` for each result of a page.

    `source_line` is the page's line in a JSON lines file; in a file that is one page, results are
    numbered 1..n in the order they stand, across buckets.

    Args:
        page: the page.
        window: request parameter that states the start of the asked period; an answer without
            buckets is believed only when the request states it. Buckets state theirs under the
            same name.
        listed: field of a bucket that lists its results.

    Raises:
        SourceFileError: the API answered with an error, without data, or in another shape.
    """
    numbers = repeat(page.line) if page.line else count(1)
    starts: set[str] = set()
    for bucket in _buckets(page, window):
        if not isinstance(bucket, Mapping) or not isinstance(bucket.get(listed), list):
            raise page.error(f"every bucket must have a list of {listed}", "data")
        start = str(bucket.get(window))
        if start in starts and window in bucket:
            raise page.error(
                "the page states one bucket twice, so its sum would be twice the bill; were two"
                " answers joined by hand? Deliver each as the API gave it",
                window,
            )
        starts.add(start)
        for result in bucket[listed]:
            yield next(numbers), bucket, result


def _buckets(page: Page, window: str) -> list[Any]:
    if "error" in page.body:
        raise page.error("the API answered with an error instead of data; fetch the page again")
    buckets = page.body.get("data")
    if not isinstance(buckets, list):
        raise page.error("is not an API page (a list of buckets was expected)", "data")
    if not buckets:
        if page.params.get(window) is None or page.body.get("has_more"):
            raise page.error("no data returned: the page has no buckets, not even empty ones")
        _log.warning("%s: the API returned no buckets for the asked period", page.file)
    return buckets


def empty_buckets(page: Page, *, window: str, listed: str = "results") -> Iterator[Record]:
    """Yield the buckets of a page that hold no result: they replace what was stated before."""
    for bucket in page.buckets:
        if bucket.get(listed) == [] and bucket.get(window) is not None:
            yield bucket


def restatement(
    provider: str, endpoint: str, start: datetime, page: Page, config: SourceConfig
) -> dict[str, Any]:
    """Return the columns that say what a newer fetch replaces: one bucket of one endpoint, whole.

    The key is `provider|endpoint|bucket start`, then `|account` when the settings name one, then
    the request's filters, if any: a fetch of one project never replaces a fetch of all of them, and
    counts as long as there is none. The same holds of a bucket that the API cut at the second that
    was asked for: its key is that of the whole bucket and `|cut`.
    """
    whole = (
        start
        if page.width is None
        else datetime.min + (start - datetime.min) // page.width * page.width
    )
    parts = [provider, endpoint, f"{whole.isoformat()}Z"]
    if account := config.options.get("account"):
        parts.append(str(account))
    filters = [
        f"{name}={json.dumps(page.params[name], default=str)}"
        for name in sorted(page.params.keys() - _PAGING - _GROUPING)
        if page.params[name] not in (None, [], "")
    ]
    if whole != start and not page.whole_days:
        filters.append("cut")
    return {
        "x_restatement_key": "|".join([*parts, *filters]),
        "x_whole_key": "|".join(parts) if filters else None,
        "x_as_of": page.fetched_at,
        "x_delivery": page.delivery,
    }
