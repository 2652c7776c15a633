"""Anthropic's console exports as the results that its API would have given.

The cells are display text: `≤ 200k` for the API's `0-200k`, `token` for `tokens`, `Default` for the
workspace that the API calls null, and, in the cost export, `Claude Haiku 4.5` for a model's id,
which stays as it is. Amounts are DOLLARS. Columns as two public parsers and several public exports
have them, 2026-09; newer ones may be absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ingest.billing.report_pages.csv_reports import CsvReport, Values, number_or_text, open_report
from ingest.billing.report_pages.fields import FieldFault, Record
from ingest.records.format import InputFile


@dataclass(frozen=True)
class Layout:
    """The columns of one export.

    Attributes:
        what: its name, for people.
        names: field of the API -> column of the export.
        needed: columns without which nothing is billed or counted.
    """

    what: str
    names: Mapping[str, str]
    needed: tuple[str, ...]


_SHARED = {
    "starting_at": "usage_date_utc",
    "context_window": "context_window",
    "service_tier": "usage_type",
    "inference_geo": "inference_geo",
    "speed": "speed",
    "workspace_name": "workspace",
    "api_key_name": "api_key",
    "api_key_id": "api_key_id",
}

COSTS = Layout(
    "the cost export of Anthropic's console",
    {
        **_SHARED,
        "model": "model",
        "amount": "cost_usd",
        "list_amount": "list_price_usd",
        "token_type": "token_type",
        "cost_type": "cost_type",
    },
    ("usage_date_utc", "cost_usd", "token_type"),
)

USAGE = Layout(
    "the usage export of Anthropic's console",
    {
        **_SHARED,
        "model": "model_version",
        "uncached_input_tokens": "usage_input_tokens_no_cache",
        "cache_read_input_tokens": "usage_input_tokens_cache_read",
        "ephemeral_5m_input_tokens": "usage_input_tokens_cache_write_5m",
        "ephemeral_1h_input_tokens": "usage_input_tokens_cache_write_1h",
        "output_tokens": "usage_output_tokens",
        "web_search_requests": "web_search_count",
    },
    ("usage_date_utc", "usage_input_tokens_no_cache", "usage_output_tokens"),
)

_COUNTS = (
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "ephemeral_5m_input_tokens",
    "ephemeral_1h_input_tokens",
    "output_tokens",
    "web_search_requests",
)

# What the console shows -> what the API says; any other word stands for itself.
_WORDS = {
    "context_window": {"≤ 200k": "0-200k", "> 200k": "200k-1M"},
    "cost_type": {"token": "tokens"},
    "token_type": {
        "input_no_cache": "uncached_input_tokens",
        "input_cache_read": "cache_read_input_tokens",
        "input_cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
        "input_cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
        "output": "output_tokens",
    },
}


@dataclass(frozen=True)
class ConsoleExport:
    """One export and its layout."""

    layout: Layout
    report: CsvReport

    def found(self) -> Iterator[tuple[int, Record, Record | FieldFault]]:
        """Yield (line, bucket, result) of every row."""
        for line, values in self.report.rows():
            if isinstance(values, FieldFault):
                yield line, {}, values
            else:
                yield line, _day(values.get("usage_date_utc")), _result(self.layout, values)


def open_export(file: InputFile) -> ConsoleExport:
    """Tell which export a file is.

    Raises:
        SourceFileError: the file is damaged, or is neither of the two.
    """
    report = open_report(file)
    layout = COSTS if "cost_usd" in report.columns else USAGE
    report.require(layout.needed, layout.what)
    return ConsoleExport(layout, report)


def _day(stated: str | None) -> Record:
    """Return the day as the API's bucket; what is no day stays for the reader to refuse."""
    try:
        day = date.fromisoformat(stated or "")
        return {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{day + timedelta(1)}T00:00:00Z"}
    except (ValueError, OverflowError):
        return {"starting_at": stated}


def _result(layout: Layout, values: Values) -> Record:
    result: dict[str, Any] = {
        field: _WORDS.get(field, {}).get(values[column], values[column])
        for field, column in layout.names.items()
        if column in values
    }
    result |= {field: number_or_text(result[field]) for field in _COUNTS if field in result}
    if result.get("workspace_name") == "Default":
        result["workspace_id"] = "default"
    if result.get("service_tier") not in ("standard", "batch"):  # `message` is no tier
        result.pop("service_tier", None)
    return {
        **result,
        "currency": "USD",
        "cache_creation": result,
        "server_tool_use": result,
    }
