"""The European Central Bank's reference rates, `eurofxref-hist.csv`, as US dollars a unit.

The file states units of each currency for one euro by working day, the newest first: a column a
currency, `N/A` where none was published, a comma at the end of each line. It is published as
`eurofxref-hist.zip` at https://www.ecb.europa.eu/stats/eurofxref/ (read on 2026-11-30).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from ingest.errors import OutlayError, nearest

EURO = "EUR"
SOURCE = "ECB"

_DOLLAR, _DAY = "USD", "Date"
_NOTHING = {"", "N/A"}
_PLACES = Decimal("0.000000000001")


@dataclass(frozen=True)
class EcbRate:
    """What one unit of a currency is worth on a day."""

    currency: str
    day: date
    usd: Decimal


def read_ecb_rates(path: Path, currencies: Collection[str], first: date) -> Iterator[EcbRate]:
    """Rates of some currencies from a day on, the newest first.

    Args:
        path: the CSV, or the zip that holds it.
        currencies: ISO 4217 codes; the euro is one of them.
        first: days before it are left out.

    Raises:
        OutlayError: it is not this file, or has no column of a currency.
    """
    rows = csv.DictReader(StringIO(_text(path), newline=""))
    names = [name.strip() for name in rows.fieldnames or ()]
    if names[:1] != [_DAY] or _DOLLAR not in names:
        raise OutlayError(
            f"{path} is not the ECB's eurofxref-hist.csv: its first line begins with Date,USD"
        )
    rows.fieldnames = names
    for currency in currencies:
        if currency != EURO and (currency not in names or currency == _DOLLAR):
            raise OutlayError(f"the ECB has no rate of {currency!r}{nearest(currency, names[1:])}")
    for row in rows:
        try:
            day = date.fromisoformat(row[_DAY])
            cells = {name: row[name] for name in (_DOLLAR, *currencies) if name != EURO}
            rates = {n: Decimal(cell) for n, cell in cells.items() if cell not in _NOTHING}
        except (ValueError, TypeError, InvalidOperation) as error:
            raise OutlayError(
                f"{path}, line {rows.line_num}: is no day with its rates; download it again"
            ) from error
        if day < first or _DOLLAR not in rates:
            continue
        for currency in currencies:
            units = Decimal(1) if currency == EURO else rates.get(currency)
            if units:
                usd = (rates[_DOLLAR] / units).quantize(_PLACES)
                yield EcbRate(currency, day, usd)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content[:2] == b"PK":
            with ZipFile(BytesIO(content)) as packed:
                content = packed.read(packed.namelist()[0])
        return content.decode("utf-8-sig")
    except (OSError, BadZipFile, IndexError, UnicodeDecodeError) as error:
        raise OutlayError(f"{path} cannot be read: give the ECB's CSV, or its zip") from error
