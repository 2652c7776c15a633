"""The checks on a warehouse, each on a few rows made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.checks.calls import reported_cost_gap
from pipelines.checks.warehouse import (
    failed_files,
    freshness,
    other_currencies,
    quarantine_share,
    source_check,
    tie_out_gap,
    unpriced_share,
)
from pipelines.workspace.settings import Settings

SETTINGS = Settings(
    company="x",
    freshness_days={"default": 2, "bills": 5},
    thresholds={"quarantine_share": "0.01", "unpriced_share": "0.05", "tie_out_gap": "0.10"},
)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        con.execute("create schema raw; create schema marts")
        con.execute(
            "create table raw.files (source_name varchar, source_file varchar, status varchar,"
            " reason varchar, rows_loaded bigint, rows_quarantined bigint, last_day date,"
            " landed_at timestamp)"
        )
        con.execute(
            "create table marts.fct_usage_daily"
            " (utc_day date, model_id varchar, calls bigint, unpriced_calls bigint)"
        )
        con.execute(
            "create table marts.fct_tie_out (provider varchar, day date,"
            " estimate_usd decimal(28, 9), charge_usd decimal(28, 12), is_settled boolean,"
            " status varchar)"
        )
        con.execute(
            "create table marts.fct_reported_cost_daily (utc_day date, source_name varchar,"
            " estimate_usd decimal(28, 9), reported_usd decimal(28, 9), gap_usd decimal(28, 9),"
            " is_outside_band boolean)"
        )
        con.execute(
            "create table marts.fct_charges_daily (billing_currency varchar, charge_lines bigint,"
            " charge_usd decimal(28, 12))"
        )
        yield con


def add_file(
    con: duckdb.DuckDBPyConnection,
    source: str,
    last_day: date | None,
    *,
    loaded: int = 100,
    aside: int = 0,
    status: str = "loaded",
    reason: str | None = None,
) -> None:
    con.execute(
        "insert into raw.files values (?, ?, ?, ?, ?, ?, ?, timestamp '2026-11-01 03:00')",
        [source, f"{last_day}.jsonl", status, reason, loaded, aside, last_day],
    )


def test_lines_in_a_virtual_currency_are_counted_and_turn_nothing_red(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute("insert into marts.fct_charges_daily values ('USD', 7, 1), ('EUR', 9, 1)")
    assert other_currencies(con).passed
    con.execute(
        "insert into marts.fct_charges_daily values"
        " ('Credits', 1200, null), ('Credits', 34, null), ('Token', 5, null)"
    )
    check = other_currencies(con)
    assert (check.passed, check.turns_red) == (False, False)
    assert check.detail == (
        "bill lines in a currency without an exchange rate: 1,234 in Credits, 5 in Token"
    )


def test_a_source_is_fresh_within_its_own_limit_of_the_newest_data(
    con: duckdb.DuckDBPyConnection,
) -> None:
    add_file(con, "calls", date(2026, 10, 20))
    add_file(con, "bills", date(2026, 10, 15))
    add_file(con, "outcomes", date(2026, 10, 17))
    assert freshness(con, SETTINGS, "calls").passed
    assert freshness(con, SETTINGS, "bills").passed
    late = freshness(con, SETTINGS, "outcomes")
    assert not late.passed
    assert late.detail == "outcomes ends at 2026-10-17, 3 days behind the newest data; allowed 2"
    assert freshness(con, SETTINGS, "nobody").detail == (
        "nobody has delivered nothing that comes every day"
    )


def test_a_check_of_a_source_has_a_name_that_dagster_takes() -> None:
    assert source_check("freshness", "cloud-focus.v2") == "freshness__cloud_focus_v2"


def test_rows_kept_aside_count_per_source_and_only_in_the_newest_days(
    con: duckdb.DuckDBPyConnection,
) -> None:
    add_file(con, "old", date(2026, 10, 1), loaded=0, aside=100)
    add_file(con, "calls", date(2026, 10, 20), loaded=990, aside=10)
    check = quarantine_share(con, SETTINGS)
    assert check.passed  # 10 of 1,000 is the limit itself
    add_file(con, "calls", date(2026, 10, 19), loaded=0, aside=1)
    check = quarantine_share(con, SETTINGS)
    assert not check.passed
    assert "calls 1.10% (11 rows)" in check.detail
    assert "old" not in check.detail


def test_a_file_of_which_no_row_was_good_counts_although_it_has_no_day(
    con: duckdb.DuckDBPyConnection,
) -> None:
    add_file(con, "calls", date(2026, 10, 20))
    add_file(con, "bot", None, loaded=0, aside=7)
    assert not quarantine_share(con, SETTINGS).passed


def test_failed_files_are_named_with_their_reason(con: duckdb.DuckDBPyConnection) -> None:
    assert failed_files(con).passed
    add_file(con, "bot", None, loaded=0, status="failed", reason="the file is empty")
    check = failed_files(con)
    assert not check.passed
    assert check.detail == "1 file could not be read: inbox/bot/None.jsonl: the file is empty"


def test_the_unpriced_share_looks_at_the_newest_week_and_names_the_models(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute(
        "insert into marts.fct_usage_daily values"
        " ('2026-10-20', 'gpt', 900, 0), ('2026-10-20', 'house', 50, 50),"
        " ('2026-10-13', 'ancient', 900, 900)"
    )
    check = unpriced_share(con, SETTINGS)
    assert not check.passed  # 50 of 950 = 5.26 %
    assert check.detail.startswith("5.26% of the calls of the newest 7 days have no price (house)")
    con.execute("insert into marts.fct_usage_daily values ('2026-10-14', 'gpt', 50, 0)")
    assert unpriced_share(con, SETTINGS).passed  # 50 of 1,000 is the limit itself


def test_a_workspace_without_calls_has_no_unpriced_share(con: duckdb.DuckDBPyConnection) -> None:
    assert unpriced_share(con, SETTINGS).passed


def test_the_tie_out_gap_is_that_of_each_providers_newest_settled_month(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute(
        "insert into marts.fct_tie_out values"
        " ('openai', '2026-09-05', 10, 100, true, 'over_billed'),"
        " ('openai', '2026-10-05', 90, 99, true, 'over_billed'),"
        " ('openai', '2026-10-06', 10, 11, true, 'over_billed'),"
        " ('openai', '2026-10-30', 70, null, false, 'not_billed_yet'),"
        " ('openai', '2026-10-07', null, 70, true, 'unpriced')"
    )
    check = tie_out_gap(con, SETTINGS)
    assert check.passed  # 110 against 100: 9.1 % of the bill
    assert check.detail.startswith("openai 2026-10 billed $110.00, estimated $100.00")
    con.execute(
        "insert into marts.fct_tie_out values ('anthropic', '2026-10-05', 0, 1, true, 'bill_only')"
    )
    check = tie_out_gap(con, SETTINGS)
    assert not check.passed
    assert "days of anthropic differ" in check.cure


def test_calls_that_no_bill_covers_yet_are_no_gap(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "insert into marts.fct_tie_out values ('openai', '2026-10-05', 9, null, true, 'calls_only')"
    )
    assert tie_out_gap(con, SETTINGS).passed


def test_costs_that_a_source_states_may_differ_by_a_share_of_its_newest_days(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """Within the band nothing counts; of the larger side 10 of 100 is the limit itself."""
    con.execute(
        "insert into marts.fct_reported_cost_daily values"
        " ('2026-10-20', 'proxy', 90, 80, -10, true),"
        " ('2026-10-19', 'proxy', 10, 9.9, -0.1, false),"
        " ('2026-10-13', 'proxy', 1, 500, 499, true), ('2026-10-20', 'other', 5, 5, 0, false)"
    )
    check = reported_cost_gap(con, SETTINGS)
    assert check.passed
    assert "differ from the estimate: proxy $10.00 of $100.00; allowed 10%" in check.detail
    con.execute(
        "insert into marts.fct_reported_cost_daily values ('2026-10-20', 'other', 5, 10, 5, true)"
    )
    check = reported_cost_gap(con, SETTINGS)
    assert not check.passed
    assert "likely reason of other" in check.cure


def test_thresholds_are_decimals_to_the_end() -> None:
    assert SETTINGS.thresholds.tie_out_gap == Decimal("0.10")
