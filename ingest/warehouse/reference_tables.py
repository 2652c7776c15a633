"""All reference tables of a workspace: read before the warehouse is opened, then shown in `raw`.

A wrong row of any file stops here, while the warehouse still holds what it held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.prices.aliases import MODEL_NAMES, Alias
from ingest.prices.book import model_prices
from ingest.prices.overrides import PRICES, Override
from ingest.prices.tools import TOOL_PRICES
from ingest.reference.charging.allocation import ALLOCATION_RULES
from ingest.reference.charging.attribution import ATTRIBUTION_RULES
from ingest.reference.charging.budgets import BUDGETS
from ingest.reference.charging.commitments import COMMITMENTS
from ingest.reference.charging.fx_rates import FX_RATES, currency_table, fx_rate_table
from ingest.reference.charging.internal_prices import INTERNAL_PRICES
from ingest.reference.charging.invoices import INVOICES
from ingest.reference.charging.org import ORG_UNITS
from ingest.reference.charging.revenue import TENANT_REVENUE
from ingest.reference.freezes import FREEZES
from ingest.reference.guardrails.experiments import EXPERIMENTS
from ingest.reference.guardrails.incident_marks import INCIDENT_MARKS
from ingest.reference.guardrails.limits import LIMITS
from ingest.reference.guardrails.owners import OWNERS
from ingest.reference.guardrails.planned_events import PLANNED_EVENTS
from ingest.reference.keys import KEY_ALIASES
from ingest.reference.log_storage import LOG_STORAGE
from ingest.reference.table import ReferenceTable
from ingest.reference.task_types import TASK_TYPES
from ingest.warehouse.changed_days import (
    Changed,
    has_changed,
    register_dated,
    register_fx_rates,
    register_prices,
)

_DATED: tuple[ReferenceTable[Any], ...] = (
    TOOL_PRICES,
    ATTRIBUTION_RULES,
    ORG_UNITS,
    ALLOCATION_RULES,
    TENANT_REVENUE,
    BUDGETS,
    INTERNAL_PRICES,
    COMMITMENTS,
    INVOICES,
    OWNERS,
    TASK_TYPES,
    PLANNED_EVENTS,
    INCIDENT_MARKS,
    EXPERIMENTS,
    LIMITS,
    LOG_STORAGE,
    KEY_ALIASES,
)
"""Tables that schema `raw` holds row by row."""

REFERENCE_TABLES: tuple[ReferenceTable[Any], ...] = (
    PRICES,
    MODEL_NAMES,
    FX_RATES,
    *_DATED,
    FREEZES,
)
"""Every file of `config/` but the settings of sources."""


@dataclass(frozen=True)
class ReferenceData:
    """The reference tables of one workspace.

    Attributes:
        book: the price book.
        overrides, aliases: the workspace's own prices and names of models.
        dated: by name, the tables that schema `raw` holds row by row.
        fx_rates: one row a currency and day.
    """

    book: pa.Table
    overrides: Sequence[Override]
    aliases: Sequence[Alias]
    dated: dict[str, pa.Table]
    fx_rates: pa.Table


@dataclass(frozen=True)
class ReferenceChanges:
    """What registering the reference data changed.

    Attributes:
        days: days whose calls, charges and usage must be computed again.
        noted: days that concern what is named beside them, and no call.
        without_data: a table changed that counts on days without any data too.
    """

    days: list[date]
    noted: Changed
    without_data: bool


def read_reference_data(
    config: Path, salt: str, fx_max_age_days: int, prices: pa.Table | None
) -> ReferenceData:
    """Read every file; each may be absent.

    Args:
        config: the workspace's folder of them.
        salt: the workspace's salt, for keys and users that a rule names.
        fx_max_age_days: days after its own on which an exchange rate still holds.
        prices: the price book; None makes it from the public one and `prices.csv`.

    Raises:
        ConfigError: names the file, row and column of what is wrong.
    """

    def read(table: ReferenceTable[Any]) -> tuple[Any, ...]:
        return table.read(config / Path(table.file).name, salt=salt)

    overrides = read(PRICES)
    return ReferenceData(
        book=model_prices(overrides) if prices is None else prices,
        overrides=overrides,
        aliases=read(MODEL_NAMES),
        dated={table.name: table.to_arrow(read(table)) for table in _DATED},
        fx_rates=fx_rate_table(read(FX_RATES), fx_max_age_days),
    )


def register_reference_data(
    con: duckdb.DuckDBPyConnection, data: ReferenceData, *, compare: bool
) -> ReferenceChanges:
    """Replace the reference data in schema `raw`, and say what that changes.

    Args:
        con: the warehouse, the lake's catalog attached as `catalog`.
        data: what the files hold.
        compare: look for days that change; a build that computes everything needs none.
    """
    days = register_prices(con, data.book, data.overrides, data.aliases, compare=compare)
    noted = []
    without_data = has_changed(con, FX_RATES.name, data.fx_rates)
    for table in _DATED:
        rows, concern = data.dated[table.name], table.concern
        without_data |= concern.without_data and has_changed(con, table.name, rows)
        changed = register_dated(con, table.name, rows, compare=compare, concern=concern)
        if concern.noted_as:
            noted += [(concern.noted_as, day) for day in changed]
        else:
            days += changed
    noted += register_fx_rates(con, data.fx_rates, compare=compare)
    _register_currencies(con)
    return ReferenceChanges(days, noted, without_data)


def _register_currencies(con: duckdb.DuckDBPyConnection) -> None:
    """Show which currencies are a country's: of those a charge must have a rate."""
    con.register("codes", currency_table())
    con.execute("create or replace table raw.currencies as from codes")
    con.unregister("codes")
