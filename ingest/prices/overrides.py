"""Read a workspace's own prices, `config/prices.csv`: one row replaces one price of one class."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn

from ingest.errors import ConfigError
from ingest.prices.vocabulary import SERVICE_TIERS, TOKEN_CLASSES, canonical_provider

HEADER = (
    "provider", "model", "service_tier", "token_class", "usd_per_mtok",
    "valid_from", "valid_to", "min_input_tokens", "note",
)  # fmt: skip
ALWAYS = datetime(1970, 1, 1)
"""`valid_from` of a price without a start: before any call, so the as-of join needs no NULL."""

OPEN = datetime(9999, 12, 31)
"""`valid_to` of a price without an end."""

_PRICE_LIMIT = Decimal(1_000_000)  # DECIMAL(12,6) holds six digits before the point
_TOKENS_LIMIT = 10**12


@dataclass(frozen=True)
class Override:
    """One row of the price file.

    Attributes:
        provider: canonical provider; None for calls that name no provider.
        model: lower-case model name, or id of a model in the price book.
        usd_per_mtok: USD for a million tokens.
        valid_from: UTC, inclusive, naive.
        valid_to: UTC, exclusive, naive.
        min_input_tokens: the price applies from this total input upwards, until a row of the
            same class with a higher minimum takes over.
        file: path as shown to users.
        line: line of the file, header included.
    """

    provider: str | None
    model: str
    service_tier: str
    token_class: str
    usd_per_mtok: Decimal
    valid_from: datetime
    valid_to: datetime
    min_input_tokens: int
    file: str
    line: int

    @property
    def source(self) -> str:
        """What the `source` column says of this price."""
        return f"{self.file}:{self.line}"

    @property
    def cell(self) -> tuple[str | None, str, str, str, int]:
        """What the row prices; two rows of one cell must not overlap in time."""
        return (
            self.provider, self.model, self.service_tier, self.token_class, self.min_input_tokens,
        )  # fmt: skip

    def applies(self, at: datetime, input_tokens: int) -> bool:
        """Tell whether the row prices a call at `at` (UTC) with that total input."""
        return self.valid_from <= at < self.valid_to and self.min_input_tokens <= input_tokens


def read_overrides(path: Path, shown_as: str = "config/prices.csv") -> tuple[Override, ...]:
    """Read the price file; a workspace without one has no overrides.

    Args:
        path: the file on disk.
        shown_as: its name in errors and in the `source` column.

    Raises:
        ConfigError: a wrong header or cell, or two rows that price the same cell at one time.
    """
    if not path.exists():
        return ()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(shown_as, "encoding", "save the file as UTF-8") from error
    overrides = tuple(_parse(text, shown_as))
    _refuse_overlaps(overrides)
    return overrides


def _parse(text: str, file: str) -> Iterator[Override]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = tuple(cell.strip() for cell in next(reader, []))
    if header != HEADER:
        raise ConfigError(file, "row 1, column header", f"write exactly {','.join(HEADER)}")
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(HEADER):
            _fail(file, reader.line_num, "note", f"{len(cells)} cells instead of {len(HEADER)}: "
                  "put a text that holds a comma in double quotes")
        row = dict(zip(HEADER, (cell.strip() for cell in cells), strict=True))
        yield _override(row, file, reader.line_num)


def _override(row: Mapping[str, str], file: str, line: int) -> Override:
    if not row["model"]:
        _fail(file, line, "model", "name the model as the calls or the price book do")
    valid_from = _moment(row, "valid_from", ALWAYS, file, line)
    valid_to = _moment(row, "valid_to", OPEN, file, line)
    if valid_to <= valid_from:
        _fail(file, line, "valid_to", "must lie after valid_from (it is the first moment at which "
              "the price no longer holds)")
    return Override(
        provider=canonical_provider(row["provider"]),
        model=row["model"].lower(),
        service_tier=_one_of(row, "service_tier", SERVICE_TIERS, file, line, "standard"),
        token_class=_one_of(row, "token_class", TOKEN_CLASSES, file, line),
        usd_per_mtok=_price(row["usd_per_mtok"], file, line),
        valid_from=valid_from,
        valid_to=valid_to,
        min_input_tokens=_count(row["min_input_tokens"], file, line),
        file=file,
        line=line,
    )


def _one_of(
    row: Mapping[str, str],
    column: str,
    allowed: tuple[str, ...],
    file: str,
    line: int,
    default: str = "",
) -> str:
    value = row[column].lower() or default
    if value not in allowed:
        _fail(file, line, column, f"{value!r} is not one of {', '.join(allowed)}")
    return value


def _price(text: str, file: str, line: int) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        _fail(file, line, "usd_per_mtok", f"{text!r} is not a number: write USD for a million "
              "tokens, with a point")
    if not price.is_finite() or price < 0:
        _fail(file, line, "usd_per_mtok", "a price cannot be negative or infinite")
    if price >= _PRICE_LIMIT or price != round(price, 6):
        _fail(file, line, "usd_per_mtok", "write USD for a million tokens, below 1000000 and with "
              "at most 6 decimals")
    return round(price, 6)


def _count(text: str, file: str, line: int) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) < _TOKENS_LIMIT):
        _fail(file, line, "min_input_tokens", f"{text!r} is not a count of tokens: write the "
              "smallest total input that pays this price, or nothing")
    return int(text)


def _moment(
    row: Mapping[str, str], column: str, default: datetime, file: str, line: int
) -> datetime:
    if not row[column]:
        return default
    try:
        moment = datetime.fromisoformat(row[column])
        moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        _fail(file, line, column, f"{row[column]!r} is not a date: write YYYY-MM-DD or "
              "YYYY-MM-DDTHH:MM:SSZ (UTC)")
    return min(max(moment, ALWAYS), OPEN)


def _refuse_overlaps(overrides: Iterable[Override]) -> None:
    by_cell: dict[tuple[object, ...], list[Override]] = {}
    for row in overrides:
        for other in by_cell.setdefault(row.cell, []):
            if row.valid_from < other.valid_to and other.valid_from < row.valid_to:
                _fail(row.file, row.line, "valid_from", f"overlaps line {other.line}, which prices "
                      "the same cell: end one of them with valid_to")
        by_cell[row.cell].append(row)


def _fail(file: str, line: int, column: str, reason: str) -> NoReturn:
    raise ConfigError(file, f"row {line}, column {column}", reason)
