"""Everything a workspace's `config/*.csv` state, read before the warehouse is opened.

A wrong row of any file stops here, while the warehouse still holds what it held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.prices.aliases import Alias, read_aliases
from ingest.prices.book import model_prices
from ingest.prices.overrides import Override, read_overrides
from ingest.prices.tools import read_tool_prices, tool_price_table
from ingest.reference.attribution import read_rules, rules_table
from ingest.reference.budgets import budget_table, read_budgets
from ingest.reference.commitments import commitment_table, read_commitments
from ingest.reference.fx_rates import currency_table, fx_rate_table, read_fx_rates
from ingest.reference.internal_prices import internal_price_table, read_internal_prices
from ingest.warehouse.changed_days import (
    Changed,
    has_changed,
    register_dated,
    register_fx_rates,
    register_prices,
)
from ingest.warehouse.showback_tables import read_showback, register_showback


@dataclass(frozen=True)
class WorkspaceFacts:
    """The facts of one workspace.

    Attributes:
        book: the price book.
        overrides, aliases: the workspace's own prices and names of models.
        of_calls: tables that decide what a call costs or whose it is.
        fx_rates, commitments: tables of their names.
        showback: tables about who pays.
        of_statements: tables that only statements show: no call and no charge is another for them.
    """

    book: pa.Table
    overrides: Sequence[Override]
    aliases: Sequence[Alias]
    of_calls: dict[str, pa.Table]
    fx_rates: pa.Table
    commitments: pa.Table
    showback: dict[str, pa.Table]
    of_statements: dict[str, pa.Table]


@dataclass(frozen=True)
class FactChanges:
    """What registering the facts changed.

    Attributes:
        days: days whose calls, charges and usage must be computed again.
        noted: days that concern what is named beside them, and no call.
        stands_alone: a fact changed that counts on days without any data too.
    """

    days: list[date]
    noted: Changed
    stands_alone: bool


def read_facts(
    config: Path, salt: str, fx_max_age_days: int, prices: pa.Table | None
) -> WorkspaceFacts:
    """Read every file; each may be absent.

    Args:
        config: the workspace's folder of them.
        salt: the workspace's salt, for keys and users that a rule names.
        fx_max_age_days: days after its own on which an exchange rate still holds.
        prices: the price book; None makes it from the public one and `prices.csv`.

    Raises:
        ConfigError: names the file, row and column of what is wrong.
    """
    overrides = read_overrides(config / "prices.csv")
    return WorkspaceFacts(
        book=model_prices(overrides) if prices is None else prices,
        overrides=overrides,
        aliases=read_aliases(config / "models.csv"),
        of_calls={
            "tool_prices": tool_price_table(read_tool_prices(config / "tools.csv")),
            "attribution_rules": rules_table(read_rules(config / "attribution.csv", salt)),
        },
        fx_rates=fx_rate_table(read_fx_rates(config / "fx_rates.csv"), fx_max_age_days),
        commitments=commitment_table(read_commitments(config / "commitments.csv")),
        showback=read_showback(config, salt),
        of_statements={
            "budgets": budget_table(read_budgets(config / "budgets.csv")),
            "internal_prices": internal_price_table(
                read_internal_prices(config / "internal_prices.csv")
            ),
        },
    )


def register_facts(
    con: duckdb.DuckDBPyConnection, facts: WorkspaceFacts, *, compare: bool
) -> FactChanges:
    """Replace the facts in schema `raw`, and say what that changes.

    Args:
        con: the warehouse, the lake's catalog attached as `catalog`.
        compare: look for days that change; a build that computes everything needs none.
    """
    days = register_prices(con, facts.book, facts.overrides, facts.aliases, compare=compare)
    for name, rows in facts.of_calls.items():
        days += register_dated(con, name, rows, compare=compare)
    stands_alone = has_changed(con, "fx_rates", facts.fx_rates) or has_changed(
        con, "commitments", facts.commitments
    )
    committed = register_dated(
        con,
        "commitments",
        facts.commitments,
        compare=compare,
        concerns=["gateway_calls", "billing_charges"],
    )
    # under a name of their own: no call and no charge is another for a commitment
    noted = [("commitments", day) for day in committed]
    noted += register_showback(con, facts.showback, compare=compare)
    noted += register_fx_rates(con, facts.fx_rates, compare=compare)
    _register_currencies(con)
    for name, rows in facts.of_statements.items():
        register_dated(con, name, rows, compare=False)
    return FactChanges(days, noted, stands_alone)


def _register_currencies(con: duckdb.DuckDBPyConnection) -> None:
    """Show which currencies are a country's: of those a charge must have a rate."""
    con.register("codes", currency_table())
    con.execute("create or replace table raw.currencies as from codes")
    con.unregister("codes")
