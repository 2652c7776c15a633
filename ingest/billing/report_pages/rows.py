"""From a provider's reports to rows of the contract: the shape that page readers share.

A report is an API page or a CSV export of the provider's web page. A CSV row is turned into the
result that the API would have given, so that one function types both (`csv_reports`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from ingest.billing.report_pages.fields import FieldFault, Record, as_record
from ingest.billing.report_pages.pages import Page, read_pages
from ingest.errors import SourceFileError
from ingest.records.format import InputFile, Refusal, Reject, Row, SourceConfig, Staged, stage_rows

Found = Iterable[tuple[int, Record, object]]
"""Source line, bucket and result; a FieldFault in place of a result is a record that is none."""

Build = Callable[[Record, Record, Page, SourceConfig], dict[str, Any]]
"""Types one result: (result, bucket, page, settings) -> values of the contract's columns."""

PageRows = Callable[[Page, SourceConfig], Iterator[Row | Reject]]
FileRows = Callable[[InputFile, SourceConfig], Iterator[Row | Reject]]

NO_CHARGE = {"charge_category": "Usage", "billed_cost": Decimal(0), "billing_currency": "USD"}
"""What the contract asks of a row that states a bucket without a result."""

_ONE_OF = {
    "billing_currency": "currencies; an organization is billed in one: fetch the report again",
    "billing_account_id": "organizations; give each an inbox folder of its own",
}
"""Column of a charge -> what a file cannot have several of, and the cure."""


def read_reports(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    config: SourceConfig,
    page_rows: PageRows,
    csv_rows: FileRows,
) -> Iterator[Staged | Refusal]:
    """Stage the rows of pages and CSV exports.

    Raises:
        SourceFileError: a long file is refused in the middle; others are yielded as refusals.
    """

    def found(file: InputFile) -> Iterator[Row | Reject]:
        if file.kind == "csv":
            return csv_rows(file, config)
        return (row for page in read_pages(file) for row in page_rows(page, config))

    yield from stage_rows(con, ((file, _of_one_bill(file, found(file))) for file in files))


def bill_rows(
    table: str,
    build: Build,
    found: Found,
    page: Page,
    config: SourceConfig,
    names: Mapping[str, str] | None = None,
) -> Iterator[Row | Reject]:
    """Yield a row per result, or what is wrong with it.

    Args:
        names: the builder's name of a field -> the file's, where they differ.

    Raises:
        SourceFileError: a result belongs to another organization than the settings name.
    """
    for line, bucket, result in found:
        try:
            if isinstance(result, FieldFault):
                raise result
            record = as_record(result, "results")
            _require_own(page, line, (record, bucket, page.body), config)
            yield Row(table, line, build(record, bucket, page, config))
        except FieldFault as fault:
            yield Reject(table, line, (names or {}).get(fault.field, fault.field), fault.reason)


def _require_own(page: Page, line: int, records: Sequence[Record], config: SourceConfig) -> None:
    """Refuse what another organization was billed: its buckets would replace our own."""
    account = config.options.get("account")
    for record in records:
        stated = record.get("organization_id")
        if account and stated and str(account) != stated:
            raise SourceFileError(
                page.file,
                "is the report of another organization than `account` in the source's settings;"
                " move it to that organization's inbox folder, or correct `account`",
                line=line,
                field="organization_id",
            )


def _of_one_bill(file: InputFile, found: Iterable[Row | Reject]) -> Iterator[Row | Reject]:
    """Pass rows on while they are of one currency and organization: others cannot be added."""
    seen: dict[str, Any] = {}
    for row in found:
        is_charge = isinstance(row, Row) and row.table == "billing_charges"
        if isinstance(row, Row) and is_charge and not row.values.get("x_is_empty"):
            for column, reason in _ONE_OF.items():
                value = row.values.get(column)
                if value is not None and seen.setdefault(column, value) != value:
                    raise SourceFileError(
                        file.relative, f"states several {reason}", line=row.line, field=column
                    )
        yield row
