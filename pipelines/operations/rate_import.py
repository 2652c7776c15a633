"""`outlay import rates`: reference rates of a central bank into `config/fx_rates.csv`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.reference.charging.ecb_rates import EURO, SOURCE, read_ecb_rates
from ingest.reference.charging.fx_rates import FX_RATES
from pipelines.operations.appended_rows import append_rows
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class ImportedRates:
    """What was added.

    Attributes:
        rows: days and currencies that had no rate; those that had one keep it.
        kept: days and currencies of the file that had one.
    """

    currencies: tuple[str, ...]
    rows: int
    kept: int


def import_rates(
    workspace: Workspace, file: Path, currencies: Collection[str], first: date
) -> ImportedRates:
    """Append what the workspace has no rate of; a rate that it has is never changed.

    Args:
        file: the ECB's `eurofxref-hist.csv` or its zip.
        currencies: ISO 4217 codes; without any those of the workspace's rates, and the euro.
        first: days before it are left out.

    Raises:
        ConfigError: the workspace's own file is wrong.
        OutlayError: the other file is not what it should be.
    """
    target = workspace.fx_rates_csv
    present = FX_RATES.read(target)
    wanted = tuple(sorted(set(currencies) or {EURO, *(rate.currency for rate in present)}))
    known = {(rate.currency, rate.rate_day) for rate in present}
    found = sorted(read_ecb_rates(file, wanted, first), key=lambda rate: (rate.day, rate.currency))
    new = [rate for rate in found if (rate.currency, rate.day) not in known]
    rows = [(rate.currency, rate.day.isoformat(), f"{rate.usd:f}", SOURCE) for rate in new]
    if rows:
        append_rows(target, FX_RATES.template, rows)
        FX_RATES.read(target)
    return ImportedRates(wanted, len(new), len(found) - len(new))
