"""What every run looks at after the build: is the newest state fresh, priced, tied and calm?

Each check reads the warehouse and answers with numbers and a cure. "Newest" is the newest day in
the data: a workspace that is looked at a year later gives the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import duckdb

from ingest.pull.plan import PullReport
from pipelines.checks.burn_rate import burn_rate
from pipelines.checks.calls import conflicting_tasks, reported_cost_gap, unconverted_costs
from pipelines.checks.check import RECENT_DAYS, Check, listed
from pipelines.checks.experiments import experiments
from pipelines.checks.invoices import invoice_difference
from pipelines.checks.missing_days import missing_days
from pipelines.dbt_models.data_tests import FailedTest
from pipelines.workspace.settings import Settings

WAREHOUSE_CHECKS = (
    "failed_files",
    "stated_twice",
    "quarantine_share",
    "unpriced_share",
    "tie_out_gap",
    "reported_cost_gap",
    "invoice_difference",
    "unconverted_costs",
    "conflicting_tasks",
    "other_currencies",
    "missing_days",
    "burn_rate",
    "experiments",
)
"""Names of the checks that are not about one source."""


def check_warehouse(
    con: duckdb.DuckDBPyConnection, settings: Settings, sources: Sequence[str]
) -> list[Check]:
    """Run every check on a built warehouse."""
    return [
        failed_files(con),
        stated_twice(con),
        quarantine_share(con, settings),
        unpriced_share(con, settings),
        tie_out_gap(con, settings),
        reported_cost_gap(con, settings),
        invoice_difference(con, settings),
        unconverted_costs(con, settings),
        conflicting_tasks(con),
        other_currencies(con),
        missing_days(con),
        burn_rate(con),
        experiments(con),
        *(freshness(con, settings, source) for source in sources),
    ]


def source_check(subject: str, source: str) -> str:
    """Name of a check about one source, in the letters that Dagster allows."""
    return f"{subject}__" + source.replace("-", "_").replace(".", "_")


def pulled(report: PullReport, *, was_asked: bool = True) -> Check:
    """What a source was pulled from gave everything that was due."""
    name = source_check("pull", report.source_name)
    if not was_asked:
        return Check(name, True, f"{report.source_name} was not asked for anything new")
    found = f"{_count(report.files_new, 'new file')}, {report.unchanged} unchanged"
    if not report.problems:
        notes = "".join(f"; {note}" for note in report.notes)
        return Check(name, True, f"{report.source_name}: {found}{notes}")
    shown = "; ".join(problem.reason for problem in report.problems[:3])
    more = f" and {len(report.problems) - 3} more" if len(report.problems) > 3 else ""
    cures = dict.fromkeys(problem.cure for problem in report.problems[:3])
    return Check(name, False, f"{shown}{more}; {found}", "; ".join(cures))


def failed_files(con: duckdb.DuckDBPyConnection) -> Check:
    """A file that could not be read at all."""
    rows = con.execute(
        "select source_name || '/' || source_file, reason from raw.files"
        " where status = 'failed' order by landed_at desc, 1"
    ).fetchall()
    if not rows:
        return Check("failed_files", True, "every file could be read")
    shown = "; ".join(f"inbox/{file}: {reason}" for file, reason in rows[:3])
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return Check(
        "failed_files",
        False,
        f"{_count(len(rows), 'file')} could not be read: {shown}{more}",
        "deliver them again, or remove them from the inbox; all of them:"
        " outlay sql \"from ops.files where status = 'failed'\"",
    )


def stated_twice(con: duckdb.DuckDBPyConnection) -> Check:
    """Charges that two deliveries state, so that they count twice."""
    rows = con.execute(
        "select one_file, another_file, provider, account, min(utc_day), max(utc_day),"
        " billing_currency, sum(one_cost), sum(another_cost)"
        " from intermediate.int_charges_stated_twice"
        " group by one_file, another_file, provider, account, billing_currency"
        " order by least(sum(one_cost), sum(another_cost)) desc, 1, 2"
    ).fetchall()
    shown = [
        f"inbox/{one} and inbox/{another} both state {provider}"
        f"{f' account {account}' if account else ''} from {first} to {last}:"
        f" {cost:,.2f} and {other:,.2f} {currency}"
        for one, another, provider, account, first, last, currency, cost, other in rows
    ]
    cure = (
        f'withdraw the one that is not to count: outlay withdraw {rows[0][0]} --reason "...";'
        " lone FOCUS files that are parts of one bill: write parts = true into the source's"
        " settings; two sources of one account: withdraw the files of one of them"
        if rows
        else ""
    )
    found = listed(shown, 3) if rows else "no charge is stated by two deliveries"
    return Check("stated_twice", not rows, found, cure)


def quarantine_share(con: duckdb.DuckDBPyConnection, settings: Settings) -> Check:
    """Rows that broke the contract, as a share of a source's recent rows."""
    limit = settings.thresholds.quarantine_share
    rows = con.execute(
        """
        with loaded as (
            select *, max(last_day) over () as newest_day
            from raw.files
            where status = 'loaded'
        )
        select source_name, sum(rows_quarantined), sum(rows_loaded)
        from loaded
        -- a file of which no row was good has no day, and counts
        where last_day is null or last_day > newest_day - $days
        group by source_name
        having sum(rows_quarantined) > 0
        order by source_name
        """,
        {"days": RECENT_DAYS},
    ).fetchall()
    shares = [(name, _share(bad, bad + good), bad) for name, bad, good in rows]
    over = [name for name, share, _ in shares if share > limit]
    detail = ", ".join(f"{name} {share:.2%} ({bad} rows)" for name, share, bad in shares)
    return Check(
        "quarantine_share",
        not over,
        f"rows quarantined in the newest {RECENT_DAYS} days: {detail or 'none'};"
        f" allowed {limit:.2%} of a source",
        f'look at the reasons of {listed(over)}: outlay sql "select source_name, field, reason,'
        ' count(*) from ops.quarantine group by all order by 4 desc"; correct the file or the'
        " source's settings",
    )


def unpriced_share(con: duckdb.DuckDBPyConnection, settings: Settings) -> Check:
    """Calls of the newest days that no price fits; their cost is unknown."""
    limit = settings.thresholds.unpriced_share
    rows = con.execute(
        "select model_id, sum(unpriced_calls), sum(calls) from marts.fct_usage_daily"
        " where utc_day > (select max(utc_day) from marts.fct_usage_daily) - $days"
        " group by model_id order by 2 desc, 1",
        {"days": RECENT_DAYS},
    ).fetchall()
    unpriced, calls = sum(row[1] for row in rows), sum(row[2] for row in rows)
    models = [str(model) for model, count, _ in rows if count]
    share = _share(unpriced, calls)
    named = f" ({listed(models)})" if models else ""
    return Check(
        "unpriced_share",
        share <= limit,
        f"{share:.2%} of the calls of the newest {RECENT_DAYS} days have no price{named};"
        f" allowed {limit:.2%}",
        "add prices for these models to config/prices.csv, or correct provider and model in the"
        " source's settings",
    )


def other_currencies(con: duckdb.DuckDBPyConnection) -> Check:
    """Bill lines in a virtual currency, which has no rate: they are in no dollar figure."""
    rows = con.execute(
        "select billing_currency, sum(charge_lines) from marts.fct_charges_daily"
        " where charge_usd is null group by billing_currency order by 1"
    ).fetchall()
    found = ", ".join(f"{lines:,} in {currency}" for currency, lines in rows)
    return Check(
        "other_currencies",
        not rows,
        f"bill lines in a currency without an exchange rate: {found or 'none'}",
        "they keep their amount in billed_cost and are in no dollar figure, showback included",
        is_error=False,
    )


def tie_out_gap(con: duckdb.DuckDBPyConnection, settings: Settings) -> Check:
    """Settled bills of each provider's newest month with any, against the estimate."""
    limit = settings.thresholds.tie_out_gap
    rows = con.execute(
        """
        with settled as (
            select provider, strftime(day, '%Y-%m') as month,
                coalesce(charge_usd, 0) as charge_usd, coalesce(estimate_usd, 0) as estimate_usd
            from marts.fct_tie_out
            where is_settled and status <> 'unpriced'
        )
        select provider, month, sum(charge_usd), sum(estimate_usd)
        from settled
        where (provider, month) in (select (provider, max(month)) from settled group by provider)
        group by provider, month
        order by provider
        """
    ).fetchall()
    gaps = [(p, month, charge, estimate) for p, month, charge, estimate in rows if charge]
    over = [
        provider
        for provider, _, charge, estimate in gaps
        if abs(charge - estimate) > limit * max(charge, estimate)
    ]
    detail = ", ".join(
        f"{provider} {month} billed ${charge:,.2f}, estimated ${estimate:,.2f}"
        for provider, month, charge, estimate in gaps
    )
    return Check(
        "tie_out_gap",
        not over,
        f"{detail or 'no settled bill to compare with'}; allowed {limit:.0%}",
        f'see which models and days of {listed(over)} differ: outlay sql "from'
        " reports.rpt_tie_out where status in ('over_billed', 'under_billed', 'bill_only',"
        " 'unmapped') order by abs(gap_usd) desc\"; deliver the calls or bills that are missing, or"
        " correct config/prices.csv; a gap that is to stay (credits, calls that no gateway sees)"
        " needs another thresholds.tie_out_gap in outlay.toml",
    )


def freshness(con: duckdb.DuckDBPyConnection, settings: Settings, source: str) -> Check:
    """How far a source lags behind the newest day of any source."""
    limit = settings.freshness_limit(source)
    name = source_check("freshness", source)
    behind, last_day = con.execute(
        "select (select max(last_day) from raw.files where status <> 'superseded')"
        " - max(last_day), max(last_day)"
        " from raw.files where source_name = $source and status = 'loaded'",
        {"source": source},
    ).fetchall()[0]
    if last_day is None:
        return Check(name, True, f"{source} has delivered nothing that comes every day")
    return Check(
        name,
        behind <= limit,
        f"{source} ends at {last_day}, {_count(behind, 'day')} behind the newest data;"
        f" allowed {limit}",
        f"deliver the missing files to inbox/{source}/, or change freshness_days.{source} in"
        " outlay.toml",
    )


_DATA_TEST = "data_test__"
"""Begins the name of the check of one data test."""


def data_test_checks(failed: Iterable[FailedTest]) -> list[Check]:
    """The data tests of dbt as one check, plus one for each test that failed or warned."""
    found = list(failed)
    errors = [test for test in found if test.is_error]
    checks = [
        Check(
            "data_tests",
            not errors,
            f"{_count(len(errors), 'data test')} failed: {listed([t.name for t in errors])}"
            if errors
            else "every data test passed",
            "the numbers that these tests guard are not to be trusted; run again with"
            " --full-refresh, and report it when that does not help",
        )
    ]
    for test in found:
        checks.append(
            Check(f"{_DATA_TEST}{test.name}", False, test.message, is_error=test.is_error)
        )
    return checks


def failed_data_tests(checks: Iterable[Check]) -> dict[str, Check]:
    """Of a run's checks, those of data tests that failed or warned, by the name of the test."""
    return {
        check.name.removeprefix(_DATA_TEST): check
        for check in checks
        if check.name.startswith(_DATA_TEST)
    }


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part) / Decimal(whole) if whole else Decimal(0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
