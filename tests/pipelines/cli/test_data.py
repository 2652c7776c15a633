"""`--json` and `--csv`: what a program reads is what the published file holds."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from pipelines.cli.app import TABLES
from pipelines.cli.presentation import presented
from pipelines.cli.views.prices import differences, show_differences
from pipelines.scenarios.comparison import Difference
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

QUERY = """
select * from (values
    (1, 0.10::decimal(12, 3), date '2026-10-01', timestamp '2026-10-01 02:03:04', true, 'a,b'),
    (2, null, null, null, false, null)
) as t (n, usd, day, moment, is_new, name) order by n
"""


def objects(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, list)
    return found


def cells(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_json_keeps_decimals_exact_dates_readable_and_null_null(built: Workspace) -> None:
    assert objects(outlay("sql", QUERY, "--json", "-w", built.root)) == [
        {"n": 1, "usd": "0.100", "day": "2026-10-01", "moment": "2026-10-01T02:03:04",
         "is_new": True, "name": "a,b"},
        {"n": 2, "usd": None, "day": None, "moment": None, "is_new": False, "name": None},
    ]  # fmt: skip


def test_csv_keeps_decimals_exact_and_null_empty(built: Workspace) -> None:
    assert outlay("sql", QUERY, "--csv", "-w", built.root).stdout.splitlines() == [
        "n,usd,day,moment,is_new,name",
        '1,0.100,2026-10-01,2026-10-01 02:03:04,true,"a,b"',
        "2,,,,false,",
    ]


def test_json_holds_lists_doubles_that_are_no_number_and_columns_of_one_name(
    built: Workspace,
) -> None:
    query = (
        "select 1 as a, 2 as a, [1.5::decimal(2,1), null] as l, {'k': 1} as s, 'nan'::double as d"
    )
    assert objects(outlay("sql", query, "--json", "-w", built.root)) == [
        {"a": 1, "a_1": 2, "l": ["1.5", None], "s": {"k": 1}, "d": "nan"}
    ]


def test_no_rows_are_an_empty_array_and_a_lone_head(built: Workspace) -> None:
    query = "select 1 as a where false"
    assert outlay("sql", query, "--json", "-w", built.root).stdout == "[\n]\n"
    assert outlay("sql", query, "--csv", "-w", built.root).stdout == "a\n"
    assert outlay("unmapped", "--json", "-w", built.root).stdout == "[\n]\n"
    assert outlay("unattributed", "--json", "-w", built.root).stdout == "[\n]\n"


def test_a_text_that_a_spreadsheet_would_run_is_marked_in_csv_alone(built: Workspace) -> None:
    query = "select '=cmd()' as name, -1 as n"
    assert outlay("sql", query, "--csv", "-w", built.root).stdout == "name,n\n'=cmd(),-1\n"
    assert objects(outlay("sql", query, "--json", "-w", built.root)) == [
        {"name": "=cmd()", "n": -1}
    ]


def test_the_status_as_data_tells_its_tables_apart(built: Workspace) -> None:
    found = objects(outlay("status", "--json", "-w", built.root))
    assert [row for row in found if row["table"] == "source" and row["source"] == "bot"] == [
        {"table": "source", "source": "bot", "format": "mapped", "files": 1, "failed": 0, "rows": 4,
         "rows_quarantined": 0, "last_day": "2025-10-07", "days_behind": 0, "days_allowed": 4}
    ]  # fmt: skip
    (run,) = [row for row in found if row["table"] == "last_run"]
    assert (run["status"], run["as_of_day"], run["stopped_by"]) == ("good", "2025-10-07", None)
    listed = cells(outlay("status", "--csv", "-w", built.root))
    (bot,) = [row for row in listed if row["source"] == "bot"]
    assert (bot["table"], bot["files"], bot["last_day"]) == ("source", "1", "2025-10-07")
    assert [row["table"] for row in listed] == [row["table"] for row in found]


def test_the_contract_as_data_names_its_table() -> None:
    found = objects(outlay("contract", "--json"))
    assert {row["table"] for row in found} >= {"gateway_calls", "task_outcomes"}
    (judge,) = [r for r in found if (r["table"], r["column"]) == ("task_outcomes", "judged_at")]
    assert (judge["type"], judge["required"]) == ("TIMESTAMP", True)
    listed = cells(outlay("contract", "--csv"))
    assert [row["column"] for row in listed] == [row["column"] for row in found]


def test_changes_as_data_are_whole_newest_first(built: Workspace) -> None:
    found = objects(outlay("changes", "--json", "-w", built.root))
    assert {row["kind"] for row in found} == {"first recorded"}
    assert {"outlay.toml", "genai-prices"} <= {row["file"] for row in found}
    assert [row["file"] for row in cells(outlay("changes", "--csv", "-w", built.root))] == [
        row["file"] for row in found
    ]


@pytest.mark.slow
def test_a_runs_checks_are_data_and_everything_else_goes_to_stderr(own: Workspace) -> None:
    result = outlay("run", "--json", "-w", own.root)
    found = objects(result)
    assert {"check": "failed_files", "state": "good"}.items() <= next(
        row for row in found if row["check"] == "failed_files"
    ).items()
    assert {row["state"] for row in found} == {"good"}
    assert "checks passed: good" in result.stderr
    files = objects(outlay("export", "focus", "--json", "-w", own.root))
    assert [Path(row["file"]).name for row in files] == ["focus-1.2.csv", "focus-1.2.parquet"]
    assert [row["rows"] for row in files] == [0, 0]


def test_every_command_that_prints_a_table_prints_it_as_data_too() -> None:
    named = {command.__name__ for command in TABLES}
    assert named == {
        "run", "pull", "status", "statements", "close", "export_focus", "export_table",
        "changes", "reprice",
        "shadow", "whatif", "guardrails", "alerts", "why", "gate", "explain", "sql", "unmapped",
        "unattributed", "contract", "anomalies", "forecast", "doctor",
        "retention", "forget", "export_calls",
    }  # fmt: skip
    for name in named - {"export_focus", "export_table", "export_calls", "anomalies"}:
        text = outlay(name, "--help").output
        assert "--json" in text
        assert "--csv" in text
    assert "--json" not in outlay("init", "--help").output


@pytest.mark.parametrize("arguments", [["-q", "status"], ["status", "-q"]])
def test_quiet_says_only_what_is_wrong(built: Workspace, arguments: list[str]) -> None:
    result = outlay(*arguments, "-w", built.root)
    assert (result.exit_code, result.output) == (0, "")


def test_comparisons_as_data_are_told_apart_and_keep_every_digit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    october = date(2026, 10, 1)
    moved = Difference(
        october, ("blue",), Decimal("3.000000000001"), None, Decimal("-3.000000000001"), 0, 2
    )
    same = Difference(october, (None,), Decimal(1), Decimal(1), Decimal(0), None, None)

    def command() -> None:
        estimates, charges = [moved], [same, moved]
        show_differences(
            (differences("estimate", "Estimate", ("team",), estimates), estimates),
            (
                differences("charge", "Charge", ("team",), charges, only_changed=True),
                charges,
            ),
        )

    asked = {"as_csv": False, "quiet": False, "verbose": False}
    presented(command, prints_table=True)(as_json=True, **asked)
    expected = {
        "month": "2026-10-01", "team": "blue", "old_usd": "3.000000000001", "new_usd": None,
        "difference_usd": "-3.000000000001", "old_unpriced": 0, "new_unpriced": 2,
    }  # fmt: skip
    assert json.loads(capsys.readouterr().out) == [
        {"table": "estimate", **expected},
        {"table": "charge", **expected},
    ]
    command()
    text = capsys.readouterr().out
    assert "difference: -3.00 USD; 1 lines stay the same" in text
    assert ["2026-10", "blue", "3.0000", "NULL", "-3.0000", "0", "2"] in [
        line.split() for line in text.splitlines()
    ]
