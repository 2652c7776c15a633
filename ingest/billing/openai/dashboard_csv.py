"""OpenAI's dashboard exports as the pages that its API would have given.

No official description exists; what is known was seen in public files, 2026-09. A header holds four
times and whatever the view was grouped by. Counts may be written `3.0`. An empty period has the
four times and nothing else; within a longer period, an empty bucket has empty cells. Buckets may be
minutes, where the API is asked for days: an export is of whole UTC days, and restates those.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ingest.billing.report_pages.csv_reports import CsvReport, Values, number_or_text, open_report
from ingest.billing.report_pages.fields import FieldFault, Record
from ingest.errors import SourceFileError
from ingest.records.format import InputFile

_log = logging.getLogger(__name__)

_TIMES = frozenset({"start_time", "end_time", "start_time_iso", "end_time_iso"})

# Column -> the kind of result that alone has it; the others have none that is always there.
_TELLING = {
    "amount_value": "costs",
    "output_tokens": "usage.completions",
    "images": "usage.images",
    "characters": "usage.audio_speeches",
    "seconds": "usage.audio_transcriptions",
    "usage_bytes": "usage.vector_stores",
    "num_sessions": "usage.code_interpreter_sessions",
    "vector_store_id": "usage.file_searches",
    "context_level": "usage.web_searches",
}
_NAMED = {
    "embedding": "usage.embeddings",
    "moderation": "usage.moderations",
    "file_search": "usage.file_searches",
    "web_search": "usage.web_searches",
}
"""Start of a file's name -> the kind whose columns may not tell it."""

_NEEDED = {
    "costs": ("amount_value", "amount_currency"),
    "usage.completions": ("input_tokens", "output_tokens"),
    "usage.embeddings": ("input_tokens",),
    "usage.moderations": ("input_tokens",),
    "usage.file_searches": ("num_requests",),
    "usage.web_searches": ("num_requests",),
}
"""Columns without which a kind counts nothing, beside the one that tells it."""

_COUNT = re.compile(".*_tokens|num_.*|images|characters|seconds|usage_bytes")

_FLAGS = {"true": True, "false": False}

_LEGACY = (
    "is a usage export of before 2024, whose counts name no time bucket; export the period again"
    " from the usage page, or fetch usage/completions"
)


@dataclass(frozen=True)
class DashboardExport:
    """One export: its rows, and the kind of result that each is (`costs`, `usage.images` ...)."""

    kind: str
    report: CsvReport

    def found(self) -> Iterator[tuple[int, Record, Record | FieldFault]]:
        """Yield (line, bucket, result) of every row that is not an empty bucket."""
        for line, values in self.report.rows():
            if isinstance(values, FieldFault):
                yield line, {}, values
            elif values.keys() - _TIMES:
                yield line, _numbers(values, "start_time", "end_time"), self._result(values)

    def _result(self, values: Values) -> Record:
        result: dict[str, Any] = {**values, "object": f"organization.{self.kind}.result"}
        result |= _numbers(values, *filter(_COUNT.fullmatch, values), "quantity")
        if "batch" in values:
            result["batch"] = _FLAGS.get(values["batch"].lower(), values["batch"])
        if self.kind == "costs":
            amount = {"amount_value": "value", "amount_currency": "currency"}
            result["amount"] = {to: values.get(column) for column, to in amount.items()}
        return result


def open_export(file: InputFile) -> DashboardExport | None:
    """Tell what a dashboard export holds; None is an empty period, about which the log warns.

    Raises:
        SourceFileError: the file is damaged, or nothing in it tells what it counts.
    """
    report = open_report(file)
    if any(name.endswith("context_tokens_total") for name in report.columns):
        raise SourceFileError(file.relative, _LEGACY, line=1, field="context_tokens_total")
    report.require(("start_time", "end_time"), "an OpenAI dashboard export")
    if not set(report.columns) - _TIMES:
        for _ in report.rows():
            pass  # a header without any row is no answer at all
        _log.warning("%s: the export holds no usage or cost: an empty period", file.relative)
        return None
    kind = _kind(file, report)
    report.require(_NEEDED.get(kind, ()), f"an OpenAI export of {kind}")
    return DashboardExport(kind, report)


def _kind(file: InputFile, report: CsvReport) -> str:
    for column, kind in _TELLING.items():
        if column in report.columns:
            return kind
    name = PurePosixPath(file.relative).name
    for start, kind in _NAMED.items():
        if name.startswith(start):
            return kind
    reason = (
        "does not say what it counts: its columns are of several reports; keep the name that the"
        " dashboard gave the file, such as embeddings_usage_2026-09-01_2026-09-30.csv"
    )
    raise SourceFileError(file.relative, reason, line=1)


def _numbers(values: Values, *columns: str) -> dict[str, Any]:
    return {name: number_or_text(values[name]) for name in columns if name in values}
