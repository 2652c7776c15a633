"""Thirteen months of 200 features and 500 tenants: pages stay light, and nothing is dropped."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dashboards.site import PAGES, render_site
from tests.dashboards.page_reader import read_page, read_part
from tests.dashboards.published import publish

MONTHS, FEATURES, TENANTS = 13, 200, 500

HEAVIEST_BYTES = 1_500_000
"""A page, or what it loads for one choice, beside the scripts that all pages share."""

MEMBERS = f"""
create temp table members as
    select 'feature' as dimension, 'feature-' || n as member, n from range(1, {FEATURES + 1}) t(n)
    union all
    select 'tenant', 'tenant-' || n, n from range(1, {TENANTS + 1}) t(n);
create temp table months as
    select date '2025-06-01' + to_months(cast(n as integer)) as month from range({MONTHS}) t(n);
create temp table kinds as
    select unnest(['estimate', 'charge', 'reported']) as cost_basis;
"""

ROWS = """
insert into reports.rpt_overview (month, first_day, last_day, is_complete)
    select month, month, last_day(month), true from months;
insert into reports.rpt_showback_summary
    (month, dimension, row_kind, member, charge_usd, share_ratio, tasks_closed, successes)
    select month, dimension, 'member', member, n, 0.001, 100, 90 from members, months
    union all
    select month, dimension, 'total', 'total', sum(n), 1, null, null from members, months
    group by all;
insert into reports.rpt_showback (month, dimension, member, line, provider, charge_usd)
    select month, dimension, member, 'usage', provider, n / 2 from members, months,
        (select unnest(['openai', 'anthropic']) as provider);
insert into reports.rpt_unit_cost_by_member
    (period_grain, period_start, dimension, member, cost_basis, tasks_closed, successes, cost_usd,
     cost_per_task_usd, cost_per_success_usd, success_ratio)
    select 'month', month, dimension, member, cost_basis, 100, 90, n, n / 100, n / 90, 0.9
    from members, months, kinds
    union all
    select 'day', cast('2026-06-01' as date) + cast(d as integer), dimension, member, 'estimate',
        100, 90, n, n / 100, n / 90, 0.9
    from members, range(30) t(d) where dimension = 'feature';
insert into reports.rpt_statements (month, kind, row_kind, member, charged_usd, budget_usd)
    select month, dimension, 'member', member, n, 100 from members, months;
"""


@pytest.fixture(scope="module")
def large_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    database = publish(folder / "showback.duckdb", {})
    with duckdb.connect(database) as con:
        con.execute(MEMBERS + ROWS)
    render_site(database, folder / "site", company="Large", generated_for="day")
    return folder / "site"


def test_no_page_and_no_choice_is_heavy(large_site: Path) -> None:
    pages = {name: (large_site / name).stat().st_size for name in PAGES}
    choices = {
        file.relative_to(large_site).as_posix(): file.stat().st_size
        for file in large_site.glob("data/*/*.js")
    }
    assert max(pages.values()) < HEAVIEST_BYTES, pages
    assert max(choices.values()) < HEAVIEST_BYTES, choices


def test_every_month_and_member_can_be_chosen(large_site: Path) -> None:
    first = read_part(large_site, "showback", "2025-06-01-tenant", "2025-06-01", "tenant")
    shown = {row[0].text for row in first.tables["By tenant"]}
    assert {f"tenant-{n}" for n in range(1, TENANTS + 1)} < shown
    newest = read_part(
        large_site,
        "unit-cost",
        "month-2026-06-01-tenant",
        *("month", "2026-06-01", "tenant", "charge"),
    )
    # one line a tenant, below the headings
    assert len(newest.tables["Unit cost by tenant, June 2026"]) == 1 + TENANTS
    page = read_page(large_site / "showback.html")
    assert "Only the 12 largest are drawn" in page.text
