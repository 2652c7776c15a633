"""Following the cure of a red check makes it green, each on a small workspace.

Cures of the checks of a close are followed in `month_close/test_close_checks.py`, those of pulls in
`operations/test_pull.py`.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.checks.check import Check
from pipelines.checks.warehouse import WAREHOUSE_CHECKS
from pipelines.run import steps
from pipelines.run.ops_tables import forget_checks
from pipelines.run.session import open_run
from pipelines.workspace.paths import Workspace
from tests.pipelines.checks.steps_of_cures import (
    BILLS,
    CENTS,
    DOLLARS,
    FOCUS,
    HEADER,
    PROXY,
    Step,
    both,
    call,
    charge,
    delivered,
    invoices,
    price,
    setting,
    source,
    withdrawn,
)


def tampered(workspace: Workspace) -> None:
    """A number is changed behind the models' back, and the data tests are yet to look at it."""
    assert checked(workspace) == {}
    forget_checks(workspace.warehouse)
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute("update marts.fct_statement_lines set amount_usd = amount_usd + 1")


@dataclass(frozen=True)
class Case:
    """What turns one check red, and every way of its cure.

    Attributes:
        make: what is so before the run.
        detail: what the check says of it.
        cures: words of the cure, and what is then done.
        full_refresh: whether the run after it is one.
    """

    check: str
    make: Step
    detail: str
    cures: dict[str, Step]
    full_refresh: bool = False


CASES = [
    Case(
        "failed_files",
        delivered("bot/new.csv", ""),
        "1 file could not be read: inbox/bot/new.csv: the file is empty",
        {
            "deliver them again": delivered("bot/new.csv", HEADER),
            "remove them from the inbox": lambda w: (w.lake.inbox / "bot/new.csv").unlink(),
        },
    ),
    Case(
        "stated_twice",
        both(
            source("focus", 'format = "focus"\n'),
            setting("tie_out_gap = 1"),
            delivered("focus/a.csv", FOCUS + charge("4")),
            delivered("focus/b.csv", FOCUS + charge("5")),
        ),
        "inbox/focus/a.csv and inbox/focus/b.csv both state house account A",
        {
            'outlay withdraw focus/a.csv --reason "..."': withdrawn("focus/a.csv"),
            "write parts = true into the source's settings": source(
                "focus", 'format = "focus"\nparts = true\n'
            ),
        },
    ),
    Case(
        "quarantine_share",
        delivered("bot/new.csv", HEADER + call("n1", "yesterday", 9)),
        "bot 20.00% (1 rows)",
        {
            "correct the file": delivered(
                "bot/new.csv", HEADER + call("n1", "2025-10-07T09:00:00Z", 9)
            )
        },
    ),
    Case(
        "unpriced_share",
        delivered("bot/new.csv", HEADER + call("n1", "2025-10-07T09:00:00Z", 9, "house-2")),
        "have no price (house-2)",
        {
            "add prices for these models to config/prices.csv": price("1", "house-2"),
            "correct provider and model in the source's settings": lambda w: source(
                "bot",
                (w.sources_dir / "bot.toml").read_text().replace(
                    'request_model = "model"', 'request_model = { constant = "house-1" }'
                ),
            )(w),
        },
    ),
    Case(
        "tie_out_gap",
        both(
            BILLS,
            delivered("bot/new.csv", HEADER + call("n1", "2025-10-03T09:00:00Z", 2_000_000)),
            delivered("focus/a.csv", FOCUS + charge("4")),
        ),
        "house 2025-10 billed $4.00, estimated $2.00; allowed 10%",
        {
            "deliver the calls": delivered(
                "bot/missing.csv", HEADER + call("n2", "2025-10-03T10:00:00Z", 2_000_000)
            ),
            "or bills that are missing": delivered(
                "focus/a.csv", FOCUS + charge("4") + charge("-2")
            ),
            "correct config/prices.csv": price("2"),
            "thresholds.tie_out_gap in outlay.toml": setting("tie_out_gap = 0.60"),
        },
    ),
    Case(
        "reported_cost_gap",
        both(
            source("proxy", PROXY % DOLLARS),
            delivered("proxy/1.csv", "id,at,in,cost\np1,2025-10-07T09:00:00Z,2000000,4\n"),
        ),
        "proxy $2.00 of $4.00; allowed 10% of a source",
        {
            "correct config/prices.csv": price("2"),
            "the source's settings": source(
                "proxy", PROXY % '{ path = "cost", multiply = "0.5" }'
            ),
            "or the gateway's own prices": delivered(
                "proxy/1.csv", "id,at,in,cost\np1,2025-10-07T09:00:00Z,2000000,2\n"
            ),
        },
    ),
    Case(
        "invoice_difference",
        both(
            BILLS,
            setting("tie_out_gap = 1"),
            delivered("focus/a.csv", FOCUS + charge("4")),
            invoices("I-7,house,2025-11-02,USD,9,issued,\n"),
        ),
        "I-7 of house states 9.00 USD, its 1 lines sum to 4.00: +5.00 USD; allowed 1 USD",
        {
            "deliver the lines that are missing": delivered(
                "focus/a.csv", FOCUS + charge("4") + charge("5")
            ),
            "correct config/invoices.csv": invoices("I-7,house,2025-11-02,USD,4,issued,\n"),
            "`disputed` says": invoices("I-7,house,2025-11-02,USD,9,disputed,\n"),
        },
    ),
    Case(
        "freshness__proxy",
        both(
            source("proxy", PROXY % DOLLARS),
            delivered("proxy/1.csv", "id,at,in,cost\np1,2025-10-02T09:00:00Z,2000000,2\n"),
        ),
        "proxy ends at 2025-10-02, 5 days behind the newest data; allowed 4",
        {
            "deliver the missing files to inbox/proxy/": delivered(
                "proxy/2.csv", "id,at,in,cost\np2,2025-10-06T09:00:00Z,2000000,2\n"
            ),
            "change freshness_days.proxy in outlay.toml": setting("proxy = 9"),
        },
    ),
    Case(
        "arrivals__proxy",
        both(
            setting("reported_cost_gap = 1"),
            source("proxy", PROXY % DOLLARS),
            delivered("proxy/1.csv", "id,at,in,cost\np1,2025-10-07T09:00:00Z,2000000,3001\n"),
        ),
        "cents or micro-dollars are read as dollars",
        {
            "correct config/sources/proxy.toml": source("proxy", PROXY % CENTS),
            "or the delivery": delivered(
                "proxy/1.csv", "id,at,in,cost\np1,2025-10-07T09:00:00Z,2000000,30.01\n"
            ),
        },
    ),
    Case(
        "data_tests",
        both(
            BILLS,
            setting("tie_out_gap = 1"),
            delivered("focus/a.csv", FOCUS + charge("4")),
            tampered,
        ),
        "1 data test failed: every_statement_sums_to_the_bill_in_cents",
        {"run again with --full-refresh": both()},
        full_refresh=True,
    ),
]  # fmt: skip

ELSEWHERE = {
    "other_currencies": "warns, and has nothing to cure",
    "unconverted_costs": "followed in tests/dbt_project/calls/test_stated_currencies.py",
    "missing_days": "warns; followed in tests/pipelines/checks/test_missing_days.py",
    "burn_rate": "warns; followed in tests/dbt_project/guardrails/test_incidents.py",
    "experiments": "warns; followed in tests/dbt_project/experiments/test_looks.py",
    "conflicting_tasks": "warns; followed in tests/dbt_project/calls/test_conflicting_tasks.py",
}


def test_every_check_of_a_run_has_a_case() -> None:
    found = {case.check for case in CASES}
    of_sources = {"arrivals__proxy", "freshness__proxy"}
    assert found | set(ELSEWHERE) == {*WAREHOUSE_CHECKS, *of_sources, "data_tests"}


def checked(workspace: Workspace, *, full_refresh: bool = False) -> dict[str, Check]:
    """The checks of a run up to its publication that turn it red, by name."""
    with open_run(workspace, full_refresh=full_refresh) as run:
        steps.land(run, run.sources)
        steps.validate_arrivals(run, run.sources)
        steps.build(run, [])
        steps.check(run)
    return {
        check.name: check
        for check in run.checks
        if check.turns_red and not check.name.startswith("data_test__")
    }


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check)
def test_each_way_of_a_cure_makes_the_check_green(
    own: Workspace, case: Case, tmp_path: Path
) -> None:
    case.make(own)
    red = checked(own)
    assert set(red) == {case.check}
    check = red[case.check]
    assert case.detail in check.detail
    with duckdb.connect(str(own.warehouse), read_only=True) as con:
        for query in re.findall(r'outlay sql "([^"]*)"', check.cure):
            assert con.execute(query).fetchall(), "shows what the check is about"
    for number, (words, cure) in enumerate(case.cures.items()):
        assert words in check.cure
        workspace = Workspace(tmp_path / f"{number}")
        shutil.copytree(own.root, workspace.root)
        cure(workspace)
        assert checked(workspace, full_refresh=case.full_refresh) == {}, words
