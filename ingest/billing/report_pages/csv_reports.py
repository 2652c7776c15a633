"""CSV exports of a provider's web page: their header and their rows, before anyone types them.

Columns come and go with what was grouped by, so they are found by name, in any case and order;
those that nobody asks for are never looked at.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ingest.billing.report_pages.fields import FieldFault
from ingest.errors import SourceFileError
from ingest.records.csv_records import csv_records
from ingest.records.file_bytes import text_shape
from ingest.records.format import InputFile
from ingest.records.headers import csv_header, described

Values = Mapping[str, str]
"""The cells of a row that hold anything, by column."""


@dataclass(frozen=True)
class CsvReport:
    """One export.

    Attributes:
        columns: its header in lower case.
    """

    file: InputFile
    columns: tuple[str, ...]

    def require(self, names: Sequence[str], what: str) -> None:
        """Refuse the file when a column is missing; `what` says what the file then is not."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            reason = f"is not {what}: no column {', '.join(missing)}; {described(self.columns)}"
            raise SourceFileError(self.file.relative, reason, line=1, field=missing[0])

    def rows(self) -> Iterator[tuple[int, Values | FieldFault]]:
        """Yield (line, values), or (line, what is wrong with it).

        Raises:
            SourceFileError: there is no row.
        """
        line = 0
        for line, values, reason in csv_records(self.file, self.columns):
            yield line, FieldFault("line", reason or "") if values is None else values
        if not line:
            reason = "no data returned: the file has a header and no rows; export it again"
            raise SourceFileError(self.file.relative, reason)


def open_report(file: InputFile) -> CsvReport:
    """Read the header of an export.

    Raises:
        SourceFileError: the file is empty or damaged, or states a column twice.
    """
    text_shape(file.path, file.relative, file.shape)  # a gzip file cut short ends without a word
    columns = tuple(name.lower() for name in csv_header(file))
    for name, times in Counter(columns).items():
        if times > 1:
            raise SourceFileError(
                file.relative, "the header names this column twice", line=1, field=name
            )
    return CsvReport(file, columns)


def number_or_text(cell: str | None) -> Decimal | str | None:
    """Return a cell as JSON would give it: a number, or, for the reader to refuse, the text."""
    with contextlib.suppress(InvalidOperation):
        return None if cell is None else Decimal(cell)
    return cell
