"""`outlay export calls`: one member's calls, nothing of others, summing to its statement.

| call | tenant  | team, feature | million tokens | estimate at 1.00 | charge, 1 % above |
|------|---------|---------------|----------------|------------------|-------------------|
| a    | acme    | rose, chat    | 1              | 1.00             | 1.01              |
| b    | `../x`  | rose, chat    | 2              | 2.00             | 2.02              |
| c    | `=cmd…` | blue, draft   | 3              | 3.00             | 3.03              |
| d    | 300 `n` | blue, draft   | 4              | 4.00             | 4.04              |
| e    | acme    | blue, draft   | 1              | 1.00             | 1.01              |

The bill is 11.11 for them, and 4.00 of support, which a rule gives to the tenants evenly, and
acme's of it half to each team. Rose is of the cost centre `=CC-1`, blue of `../CC 2`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import built_by, outlay, plain_data_tests, plain_models
from tests.support.workspaces.configured import write
from tests.support.workspaces.small import drop

COMMAND, LONG = "=cmd|' /C calc'!A0", "n" * 300
TENANTS = ("acme", "../x", COMMAND, LONG)
CENTRES = ("=CC-1", "../CC 2")
FOREIGN = {
    "acme": ("../x", "cmd|", LONG), "../x": ("acme", "cmd|", LONG),
    COMMAND: ("acme", "../x", LONG), LONG: ("acme", "../x", "cmd|"),
    "=CC-1": ("../CC 2", "blue", "draft", "cmd|", LONG),
    "../CC 2": ("=CC-1", "rose", "chat", "../x"),
}  # fmt: skip
"""By member, what nothing of its files may hold."""

LOG = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "house" }
request_model = { constant = "house-1" }
team = "team"
feature = "feature"
tenant_id = "tenant"
user_id = "user"
[tokens]
input = "in"
"""
CALLS = f"""id,at,team,feature,tenant,user,in
a,2025-10-05T09:00:00Z,rose,chat,acme,ann@acme.example,1000000
b,2025-10-05T10:00:00Z,rose,chat,../x,xi@x.example,2000000
c,2025-10-05T11:00:00Z,blue,draft,{COMMAND},cy@c.example,3000000
d,2025-10-05T12:00:00Z,blue,draft,{LONG},di@d.example,4000000
e,2025-10-05T13:00:00Z,blue,draft,acme,ann@acme.example,1000000
"""
BILL = """BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,SkuPriceDetails,ChargeDescription
11.11,USD,Usage,2025-10-05T00:00:00Z,house,"{""ModelId"": ""house-1""}",tokens
4.00,USD,Usage,2025-10-05T00:00:00Z,house,,support
"""  # noqa: E501


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found = Workspace(tmp_path_factory.mktemp("export") / "acme")
    init_workspace(found.root, company="Acme", with_sources=False)
    found.sources_dir.mkdir(exist_ok=True)
    (found.sources_dir / "bot.toml").write_text(LOG)
    (found.sources_dir / "focus.toml").write_text('format = "focus"\n')
    write(found, "prices", "house,house-1,standard,input_uncached,1,,,,")
    centres = [f"cost_centre,{name},,,,," for name in CENTRES]
    write(found, "org", *centres, f"team,rose,{CENTRES[0]},,,,", f"team,blue,{CENTRES[1]},,,,")
    rule = "support,charge_description = support,even,tenant,,,,"
    write(found, "allocation", rule)
    drop(found, "bot/calls.csv", CALLS)
    drop(found, "focus/bill.csv", BILL)
    with built_by(plain_models, plain_data_tests):
        result = outlay("run", "-w", found.root)
    assert result.exit_code in (0, 1), result.output
    return found


def export(workspace: Workspace, folder: Path, *arguments: str) -> list[Path]:
    result = outlay(
        "export", "calls", "--month", "2025-10", *arguments, "--to", folder, "-w", workspace.root
    )
    assert result.exit_code == 0, result.output
    return sorted(folder.iterdir())


def of_member(kind: str, name: str) -> tuple[str, str]:
    return f"--{kind}", name


MEMBERS = [("tenant", name) for name in TENANTS] + [("cost-centre", name) for name in CENTRES]


def cells(files: list[Path]) -> Iterator[tuple[str, Any]]:
    """Column and value of every cell of every file."""
    for file in files:
        with duckdb.connect() as con:
            if file.suffix == ".csv":
                with file.open(newline="") as stream:
                    yield from (cell for row in csv.DictReader(stream) for cell in row.items())
            else:
                found = con.execute("from read_parquet($file)", {"file": str(file)})
                names = [column[0] for column in found.description or ()]
                for row in found.fetchall():
                    yield from zip(names, row, strict=True)


def rows(file: Path) -> list[dict[str, Any]]:
    with duckdb.connect() as con:
        found = con.execute("from read_parquet($file)", {"file": str(file)})
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize(("kind", "member"), MEMBERS, ids=lambda text: text[:12])
def test_no_cell_names_anybody_else_and_no_name_is_a_path_or_a_formula(
    workspace: Workspace, tmp_path: Path, kind: str, member: str
) -> None:
    folder = tmp_path / "out"
    files = export(workspace, folder, *of_member(kind, member))
    assert [file.suffix for file in files] == [".csv", ".parquet", ".csv", ".parquet"]
    assert list(tmp_path.iterdir()) == [folder]
    assert all(len(file.name) < 100 and file.name.startswith("calls-2025-10-") for file in files)
    found = list(cells(files))
    assert len(found) > 30
    for column, value in found:
        for foreign in FOREIGN[member]:
            assert foreign not in str(value), (column, value)
        assert "example" not in str(value)
        assert column != "user_id"
    for file in files:
        if file.suffix == ".csv":
            with file.open(newline="") as stream:
                for row in csv.DictReader(stream):
                    assert not any(cell.startswith(("=", "@", "+")) for cell in row.values())


CHARGED = {
    "acme": ("2.02", "1.00"), "../x": ("2.02", "1.00"),
    COMMAND: ("3.03", "1.00"), LONG: ("4.04", "1.00"),
    "=CC-1": ("3.03", "1.50"), "../CC 2": ("8.08", "2.50"),
}  # fmt: skip
"""By member, what its calls are charged, and what it is charged that has no call."""


@pytest.mark.parametrize(("kind", "member"), MEMBERS, ids=lambda text: text[:12])
def test_the_calls_and_what_has_no_call_sum_to_the_statement(
    workspace: Workspace, tmp_path: Path, kind: str, member: str
) -> None:
    files = export(workspace, tmp_path / "out", *of_member(kind, member))
    of_lines, of_calls = (file for file in files if file.suffix == ".parquet")
    lines, calls = rows(of_lines), rows(of_calls)
    with_call, without = map(Decimal, CHARGED[member])
    assert sum(row["charge_usd"] for row in calls) == with_call
    assert sum(row["charge_of_calls_usd"] for row in lines) == with_call
    assert sum(row["charge_without_call_usd"] for row in lines) == without
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        charged = con.execute(
            "select charged_usd from reports.rpt_statements where month = '2025-10-01'"
            " and kind = $kind and member = $member",
            {"kind": kind.replace("-", "_"), "member": member},
        ).fetchall()
    assert charged == [(with_call + without,)]
    assert sum(row["amount_usd"] for row in lines) == with_call + without


def test_people_leave_as_pseudonyms_and_only_when_asked_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = export(workspace, tmp_path / "out", "--tenant", "acme", "--people")
    users = {value for column, value in cells(files) if column == "user_id"}
    assert len(users) == 1
    (user,) = users
    assert len(user) == 16
    assert "ann" not in user


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--tenant", "acne"), "nothing of 2025-10 is charged to the tenant 'acne'; did you mean"),
        (("--cost-centre", "CC"), "nothing of 2025-10 is charged to the cost centre 'CC'"),
        ((), "name one of --tenant and --cost-centre"),
        (("--tenant", "a", "--cost-centre", "b"), "name one of --tenant and --cost-centre"),
    ],
)
def test_who_is_not_charged_gets_no_file(
    workspace: Workspace, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = outlay(
        "export", "calls", "--month", "2025-10", *arguments, "--to", tmp_path / "out",
        "-w", workspace.root,
    )  # fmt: skip
    assert result.exit_code == 2
    assert words in result.output
    assert not list((tmp_path / "out").glob("*"))
