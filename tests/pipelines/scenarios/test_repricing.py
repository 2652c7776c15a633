"""`outlay reprice`: old and new estimate of past days, both kept, by hand."""

from __future__ import annotations

import csv
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.prices.overrides import PRICES
from ingest.reference.row import Row
from pipelines.run import session
from pipelines.scenarios import repricing
from pipelines.scenarios.price_files import in_words
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.configured import write
from tests.support.workspaces.two_teams import CANDIDATE, HEADER, LIST, candidate, make_two_teams

pytestmark = pytest.mark.slow

JANUARY, FEBRUARY = datetime(2026, 1, 10, 5, 15), datetime(2026, 2, 10, 5, 15)

BY_TEAM = """
select month, team, sum(old_estimate_usd), sum(new_estimate_usd), sum(difference_usd),
    sum(old_unpriced_calls), sum(new_unpriced_calls)
from ops.repriced_daily group by all order by all
"""
WORKED = [
    (date(2025, 9, 1), "blue", Decimal(3), Decimal(8), Decimal(5), 1, 0),
    (date(2025, 9, 1), "red", Decimal(2), Decimal(2), Decimal(0), 0, 0),
    (date(2025, 10, 1), "blue", Decimal(4), Decimal(6), Decimal(2), 0, 0),
    (date(2025, 10, 1), "red", Decimal(4), Decimal(5), Decimal(1), 0, 0),
]


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace after a run in January at list prices; only for looking at."""
    workspace = make_two_teams(tmp_path_factory.mktemp("listed") / "acme")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "now", lambda: JANUARY)
        result = outlay("run", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output
    return workspace


@pytest.fixture(scope="module")
def repriced(listed: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A copy of it, repriced by the candidate's prices, and what the command said."""
    root = tmp_path_factory.mktemp("repriced") / "acme"
    shutil.copytree(listed.root, root)
    prices = candidate(root.parent / "drafts") / "prices.csv"
    result = outlay("reprice", "-w", root, "--from", "2025-09-01", "--to", "2025-10-31",
                    "--prices", prices)  # fmt: skip
    assert result.exit_code == 0, result.output
    return Workspace(root), result.output


def query(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_both_estimates_are_published_by_month_and_team(
    repriced: tuple[Workspace, str],
) -> None:
    workspace, said = repriced
    assert query(workspace, BY_TEAM) == WORKED
    assert "difference: 8.00 USD" in said
    lines = [line.split() for line in said.splitlines()]
    assert ["2025-09", "blue", "3.0000", "8.0000", "5.0000", "1", "0"] in lines
    ((first, last, prices, config),) = query(
        workspace, "select first_day, last_day, prices, config_version from ops.repricings"
    )
    assert (first, last) == (date(2025, 9, 1), date(2025, 10, 31))
    assert prices.startswith("prices.csv (sha256 ")
    assert query(workspace, "select distinct config_version from ops.runs") == [(config,)]


def test_the_estimate_that_stands_is_not_touched(
    listed: Workspace, repriced: tuple[Workspace, str]
) -> None:
    estimates = "select call_id, estimate_usd, price_source from marts.fct_calls order by 1"
    assert query(repriced[0], estimates) == query(listed, estimates)
    assert not (repriced[0].state / "shadow" / ".repricing").exists()


def test_the_csv_tells_the_difference_by_every_dimension(
    repriced: tuple[Workspace, str],
) -> None:
    (path,) = repriced[0].exports.glob("repricing-*.csv")
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {
        (r["month"], r["team"], r["feature"], r["tenant_id"], r["provider"], r["model_id"],
         r["old_usd"], r["new_usd"], r["difference_usd"])
        for r in rows
    } == {
        ("2025-09-01", "red", "chat", "acme", "house", "house-1",
         "2.000000000000", "2.000000000000", "0.000000000000"),
        ("2025-09-01", "blue", "draft", "acme", "house", "house-1",
         "3.000000000000", "3.000000000000", "0.000000000000"),
        # unknown is not free: no old sum, one unpriced call, and the difference that it makes
        ("2025-09-01", "blue", "draft", "acme", "house", "house-2",
         "", "5.000000000000", "5.000000000000"),
        ("2025-10-01", "red", "chat", "bolt", "house", "house-1",
         "4.000000000000", "5.000000000000", "1.000000000000"),
        ("2025-10-01", "blue", "draft", "bolt", "house", "house-1",
         "4.000000000000", "6.000000000000", "2.000000000000"),
    }  # fmt: skip


def test_a_repricing_outlives_runs_a_full_refresh_and_a_deleted_warehouse(
    repriced: tuple[Workspace, str], tmp_path: Path
) -> None:
    root = tmp_path / "acme"
    shutil.copytree(repriced[0].root, root)
    workspace = Workspace(root)
    workspace.warehouse.unlink()
    workspace.showback.unlink()
    assert outlay("run", "-w", root, "--full-refresh").exit_code == 0
    assert query(workspace, BY_TEAM) == WORKED
    assert outlay("run", "-w", root).exit_code == 0
    assert query(workspace, BY_TEAM) == WORKED
    assert query(workspace, "select count(*) from ops.repricings") == [(1,)]


def test_one_that_is_killed_once_it_counts_is_exported_by_the_next_run(
    listed: Workspace, tmp_path: Path
) -> None:
    own = Workspace(Path(shutil.copytree(listed.root, tmp_path / "acme")))
    prices = candidate(tmp_path / "drafts") / "prices.csv"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repricing, "show_repricings", killed)
        outlay(
            "reprice", "--from", "2025-09-01", "--to", "2025-10-31", "--prices", prices,
            "--workspace", own.root,
        )  # fmt: skip
    assert list(own.exports.glob("repricing-*")) == []
    outlay("run", "--workspace", own.root)
    (export,) = own.exports.glob("repricing-*.csv")
    assert export.read_text().count("house-2") == 1
    assert query(own, "select 'repricing-' || repricing_id || '.csv' from ops.repricings") == [
        (export.name,)
    ]
    export.unlink()
    outlay("run", "--workspace", own.root)
    assert list(own.exports.glob("repricing-*")) == []  # who deletes it does not get it again


def test_past_days_at_the_prices_that_were_known_then(
    listed: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "acme"
    shutil.copytree(listed.root, root)
    workspace = Workspace(root)
    write(workspace, "prices", *CANDIDATE)
    monkeypatch.setattr(session, "now", lambda: FEBRUARY)
    assert outlay("run", "-w", root).exit_code == 0
    days = ("--from", "2025-09-20", "--to", "2025-10-05")
    for known_on in ("2026-02-09", "2026-02-10"):
        result = outlay("reprice", "-w", root, *days, "--as-known-on", known_on)
        assert result.exit_code == 0, result.output
    by_prices = BY_TEAM.replace("select month", "select prices, month").replace(
        "ops.repriced_daily", "ops.repriced_daily join ops.repricings using (repricing_id)"
    )
    # from the other side: what stands is the candidate, what was known in January is the list
    assert query(workspace, by_prices) == [
        ("as known on 2026-02-09", date(2025, 9, 1), "blue", 8, 3, -5, 0, 1),
        ("as known on 2026-02-09", date(2025, 10, 1), "red", 5, 4, -1, 0, 0),
        ("as known on 2026-02-10", date(2025, 9, 1), "blue", 8, 8, 0, 0, 0),
        ("as known on 2026-02-10", date(2025, 10, 1), "red", 5, 5, 0, 0, 0),
    ]
    result = outlay("reprice", "-w", root, *days, "--as-known-on", "2026-01-09")
    assert result.exit_code == 2
    assert "its first is of 2026-01-10 05:15:00 UTC" in result.output.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say which prices: --as-known-on DATE, or --prices FILE"),
        (("--as-known-on", "2026-01-01", "--prices", "p.csv"), "say which prices"),
        (("--prices", "absent.csv"), "absent.csv: file: there is no such file of prices"),
        (("--as-known-on", "2026-01-01", "--add"), "--add adds the prices of a file: name it"),
    ],
)
def test_what_cannot_be_repriced_is_refused_with_the_cure(
    listed: Workspace, arguments: tuple[str, ...], words: str
) -> None:
    result = outlay("reprice", "-w", listed.root, "--from", "2025-09-01", "--to", "2025-09-02",
                    *arguments)  # fmt: skip
    assert result.exit_code == 2
    assert words in result.output.replace("\n", " ")


def test_a_wrong_row_is_named_in_the_file_that_the_user_gave(
    listed: Workspace, tmp_path: Path
) -> None:
    root = tmp_path / "acme"
    shutil.copytree(listed.root, root)
    prices = candidate(tmp_path / "drafts") / "prices.csv"
    prices.write_text(prices.read_text() + "house,house-1,standard,output,cheap,,,,\n")
    result = outlay("reprice", "-w", root, "--from", "2025-09-01", "--to", "2025-09-02",
                    "--prices", prices)  # fmt: skip
    assert result.exit_code == 2
    assert f"{prices}: row 6, column usd_per_mtok" in result.output.replace("\n", "")


LEFT_OUT = "contract.csv leaves out 1 price of config/prices.csv: house house-1 input_uncached 1"


@pytest.fixture
def contract(listed: Workspace, tmp_path: Path) -> tuple[Workspace, Path]:
    """A copy, and a file that prices output since October, and house-2, and nothing else."""
    shutil.copytree(listed.root, tmp_path / "acme")
    rows = [HEADER, "house,house-1,standard,output,3,2025-10-01,,,", CANDIDATE[3]]
    file = tmp_path / "contract.csv"
    file.write_text("\n".join(rows) + "\n")
    return Workspace(tmp_path / "acme"), file


def test_a_price_file_says_which_prices_of_the_workspace_it_leaves_out(
    contract: tuple[Workspace, Path],
) -> None:
    workspace, file = contract
    october = ("--from", "2025-10-01", "--to", "2025-10-31")
    result = outlay("reprice", "-w", workspace.root, *october, "--prices", file)
    assert result.exit_code == 0, result.output
    # the output of October is priced by the file, so the list's output is nowhere left out
    assert f"{LEFT_OUT}. --add keeps them" in result.output.replace("\n", " ")
    # c has input tokens, which the file does not price: unknown, and never free
    assert query(workspace, BY_TEAM) == [
        (date(2025, 10, 1), "blue", 4, 6, 2, 0, 0),
        (date(2025, 10, 1), "red", 4, None, -4, 0, 1),
    ]


def test_a_price_that_the_file_states_from_october_on_is_left_out_of_the_days_before(
    contract: tuple[Workspace, Path],
) -> None:
    workspace, file = contract
    whole = ("--from", "2025-09-01", "--to", "2025-10-31")
    result = outlay("reprice", "-w", workspace.root, *whole, "--prices", file, "--json")
    assert result.exit_code == 0, result.output
    assert "leaves out 2 prices of config/prices.csv" in result.stderr
    assert "house house-1 output 2 to 2025-10-01" in result.stderr


def test_added_prices_go_before_those_of_the_workspace_and_take_no_other_away(
    contract: tuple[Workspace, Path],
) -> None:
    workspace, file = contract
    before = workspace.prices_csv.read_bytes()
    days = ("--from", "2025-09-01", "--to", "2025-10-31")
    result = outlay("reprice", "-w", workspace.root, *days, "--prices", file, "--add")
    assert result.exit_code == 0, result.output
    assert "leaves out" not in result.output
    assert query(workspace, BY_TEAM) == WORKED
    ((prices,),) = query(workspace, "select prices from ops.repricings")
    assert prices.startswith("contract.csv (sha256 ")
    assert prices.endswith(") before config/prices.csv")
    assert workspace.prices_csv.read_bytes() == before


def test_a_repricing_is_told_by_the_team_of_the_org_tree(tmp_path: Path) -> None:
    workspace = make_two_teams(tmp_path / "acme")
    # draft's calls are tagged blue; the tree gives it to green in October
    write(workspace, "org", "feature,draft,blue,,,2025-10-01,", "team,blue,ops,,,,",
          "feature,draft,green,,2025-10-01,,", "team,green,ops,,,,",
          "cost_centre,ops,,,,,")  # fmt: skip
    assert outlay("run", "-w", workspace.root).exit_code == 0
    prices = candidate(tmp_path / "drafts") / "prices.csv"
    days = ("--from", "2025-09-01", "--to", "2025-10-31")
    assert outlay("reprice", "-w", workspace.root, *days, "--prices", prices).exit_code == 0
    assert query(workspace, BY_TEAM) == [
        (month, "green" if (month.month, team) == (10, "blue") else team, *rest)
        for month, team, *rest in WORKED
    ]


def test_a_refusal_says_its_true_reason(listed: Workspace, tmp_path: Path) -> None:
    shutil.copytree(listed.root, tmp_path / "acme")
    workspace = Workspace(tmp_path / "acme")
    ask = ("reprice", "-w", workspace.root, "--from", "2025-09-01", "--to", "2025-09-02",
           "--prices", workspace.prices_csv)  # fmt: skip

    def refused() -> str:
        result = outlay(*ask)
        assert result.exit_code == 2
        return result.output.replace("\n", " ")

    write(workspace, "budgets", "team,red,2025-10-01,2025-11-01,5,")
    assert "the warehouse was built before config/budgets.csv changed: `outlay run`" in refused()
    write(workspace, "budgets")
    with workspace.prices_csv.open("a") as stream:
        stream.write("house,house-9,standard,output,1,,,,\n")
    assert "the warehouse was built before config/prices.csv changed: `outlay run`" in refused()
    write(workspace, "prices", *LIST)
    with duckdb.connect(str(workspace.lake.catalog)) as con:
        con.execute("update files set commit_id = commit_id + 1")
    assert "the lake has files that the warehouse does not know: `outlay run`" in refused()
    workspace.warehouse.unlink()
    assert "does not exist yet: `outlay run` first" in refused()


def test_a_price_is_named_with_all_that_tells_it_from_others() -> None:
    rows = [
        "openai,gpt-x,batch,output,1.5,2025-10-01,2025-11-01T06:00:00Z,200000,eu,",
        ",gpt-x,,input_uncached,2,,,,,",
    ]
    header = HEADER.replace(",note", ",region,note")
    said = []
    for row in rows:
        cells = tuple(zip(header.split(","), row.split(","), strict=True))
        said.append(in_words(PRICES.parsed(Row("prices.csv", 2, cells))))
    assert said == [
        "openai gpt-x output (batch) in eu from 200,000 tokens 1.5 from 2025-10-01"
        " to 2025-11-01 06:00:00 UTC",
        "any provider gpt-x input_uncached 2",
    ]
