"""`outlay rotate-salt`: what it leaves, what it keeps, and how it ends when it is disturbed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import Result

from ingest.records.pseudonyms import pseudonym_of
from pipelines.dbt_models.build import build_models
from pipelines.dbt_models.data_tests import run_data_tests
from pipelines.operations import salt_rotation as rotation
from pipelines.run import salt
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.ingest.lake.people import SOURCES, lay
from tests.pipelines.conftest import built_by, outlay
from tests.support.texts import files_holding

pytestmark = pytest.mark.slow

FIRST, ADDED = "first", "added"
PEOPLE = ("ann", "bob", "eve", "k1", "k2")
PRICES = "house,house-1,standard,input_uncached,1,,,,\nhouse,house-1,standard,output,2,,,,\n"

RULES = """when,set,mode,valid_from,valid_to,note
api_key_id = k1,feature = chat,,,,
user_id = ann,team = Blue,,,,
"""

BY_RULE = "select call_id, feature, team_tag from marts.fct_calls order by call_id"
RULED = [
    ("c1", "chat", "Blue"), ("c2", "chat", None), ("c3", None, "Blue"), ("c4", None, None),
    ("c5", None, "Blue"),
]  # fmt: skip

PSEUDONYMOUS = {
    "user_id", "api_key_id", "x_user_id", "x_api_key_id", "x_restatement_key", "prompt_hash",
    "prompt_prefix_hash",
}  # fmt: skip


def make_people(root: Path) -> Workspace:
    """A workspace with people, after a run; one file has left the inbox since."""
    init_workspace(root, company="Acme", with_sources=False)
    workspace = Workspace(root)
    lay(root)
    workspace.salt_file.write_text(FIRST + "\n")
    workspace.attribution_csv.write_text(RULES)
    with workspace.prices_csv.open("a") as prices:
        prices.write(PRICES)
    with built_by(build_models, run_data_tests):
        result = outlay("run", "--workspace", root)
    assert result.exit_code in (0, 1), result.output
    assert outlay("guardrails", "--workspace", root).exit_code == 0
    # statements name what rules name; tests keep them elsewhere, for all workspaces
    (workspace.dbt / "parsed").mkdir(parents=True, exist_ok=True)
    (workspace.dbt / "parsed" / "kept.refresh").write_text(pseudonym_of("ann", FIRST))
    assert published(workspace, "select count(*) from marts.fct_calls") == [(5,)]
    (workspace.lake.inbox / "gateway" / "calls.csv").unlink()
    return workspace


def published(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(sql).fetchall()


def without_names(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Every published mart and report, less the columns that hold pseudonyms."""
    columns = published(
        workspace,
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        " where table_schema in ('marts', 'reports') order by 1, ordinal_position",
    )
    kept: dict[str, list[str]] = {}
    for table, column in columns:
        if column not in PSEUDONYMOUS:
            kept.setdefault(table, []).append(f'"{column}"')
    for names in kept.values():
        if '"dimension"' in names:  # where it is `key`, members are pseudonyms
            for name in {'"member"', '"member_name"'}.intersection(names):
                names[names.index(name)] = f"case when dimension <> 'key' then {name} end"
    return {
        table: published(workspace, f"select {', '.join(names)} from {table} order by all")
        for table, names in kept.items()
    }


def users(workspace: Workspace) -> dict[str, tuple[str | None, str | None]]:
    rows = published(workspace, "select call_id, user_id, api_key_id from marts.fct_calls")
    return {call: (user, key) for call, user, key in rows}


def holding(workspace: Workspace, words: list[str]) -> set[str]:
    """Files of a workspace that hold one of some words; the user's own rules are left out."""
    own = workspace.attribution_csv.relative_to(workspace.root).as_posix()
    return files_holding(workspace.root, *words) - {own}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace before its rotation; only for looking at."""
    return make_people(tmp_path_factory.mktemp("people") / "acme")


@pytest.fixture(scope="module")
def rotated(
    before: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Workspace, Result]:
    """A copy of it after its rotation, and what the command said."""
    root = tmp_path_factory.mktemp("rotated") / "acme"
    shutil.copytree(before.root, root)
    with pytest.MonkeyPatch.context() as patch, built_by(build_models, run_data_tests):
        patch.setattr(rotation, "new_salt", lambda: ADDED)
        result = outlay("rotate-salt", "--workspace", root)
    return Workspace(root), result


@pytest.fixture
def own(before: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of it before its rotation, for a test that changes things."""
    shutil.copytree(before.root, tmp_path / "acme")
    monkeypatch.setattr(rotation, "new_salt", lambda: ADDED)
    return Workspace(tmp_path / "acme")


def test_no_file_of_the_workspace_holds_a_pseudonym_of_before(
    before: Workspace, rotated: tuple[Workspace, Result]
) -> None:
    workspace, _ = rotated
    old = [pseudonym_of(name, FIRST) for name in PEOPLE]
    found = holding(before, old)
    guarded = ".outlay/guardrails/warehouse.duckdb"
    assert {"warehouse.duckdb", "showback.duckdb", guarded} < found, "else this test sees nothing"
    assert any(name.startswith("lake/billing_charges") for name in found)
    assert any(name.startswith(".outlay/dbt/") for name in found)
    assert holding(workspace, old) == set()
    assert before.guardrails.exists()
    assert not workspace.guardrails.exists()
    assert holding(workspace, [pseudonym_of("ann", f"{FIRST}\n{ADDED}")]) > {"showback.duckdb"}


def test_numbers_and_groups_stay_and_every_name_is_another(
    before: Workspace, rotated: tuple[Workspace, Result]
) -> None:
    workspace, result = rotated
    assert result.exit_code == outlay("run", "--workspace", workspace.root).exit_code
    ours, theirs = without_names(workspace), without_names(before)
    assert ours.keys() == theirs.keys()
    sources = {"reports.rpt_source_health", "marts.dim_sources"}
    assert {name for name in ours if ours[name] != theirs[name]} <= sources
    assert users(workspace) == {
        call: tuple(name and pseudonym_of(name, ADDED) for name in names)
        for call, names in users(before).items()
    }


def test_rules_that_name_users_and_keys_still_fit(rotated: tuple[Workspace, Result]) -> None:
    assert published(rotated[0], BY_RULE) == RULED


def test_a_rule_that_names_an_old_pseudonym_still_fits_and_the_new_one_is_told(
    rotated: tuple[Workspace, Result], own: Workspace
) -> None:
    old = pseudonym_of("ann", FIRST)
    own.attribution_csv.write_text(RULES.replace("user_id = ann", f"user_id = {old}"))
    result = outlay("rotate-salt", "--workspace", own.root)
    new = users(rotated[0])["c1"][0]
    assert f"config/attribution.csv, row 3: {old} is {new} now; the row still" in result.output
    assert published(own, BY_RULE) == RULED


def test_a_limit_that_names_an_old_pseudonym_still_holds_and_the_new_one_is_told(
    rotated: tuple[Workspace, Result], own: Workspace
) -> None:
    old = pseudonym_of("ann", FIRST)
    header = "scope,member,period,limit_usd,kind,warn_at,owner,valid_from,valid_to,note\n"
    (own.config / "limits.csv").write_text(f"{header}user,{old},month,5,hard,,Ada,,,\n")
    result = outlay("rotate-salt", "--workspace", own.root)
    new = users(rotated[0])["c1"][0]
    assert f"config/limits.csv, row 2: {old} is {new} now; the row still" in result.output
    assert published(own, "select member from reports.rpt_budget_state") == [(new,)]


def test_it_says_what_it_rewrote_and_keeps_the_salts_to_itself(
    rotated: tuple[Workspace, Result],
) -> None:
    workspace, result = rotated
    assert "gateway_calls: 4 rows with pseudonyms on 3 days" in result.output
    assert "billing_usage: 2 rows with pseudonyms on 1 days" in result.output
    assert "the salt's file has 2 lines now" in result.output
    assert not {FIRST, ADDED} & set(result.output.split())
    assert workspace.salt_file.read_text() == f"{FIRST}\n{ADDED}\n"
    assert workspace.salt_file.stat().st_mode & 0o077 == 0
    assert not workspace.next_salt_file.exists()


def test_a_dry_run_counts_and_changes_nothing(before: Workspace) -> None:
    def everything() -> dict[str, bytes]:
        return {
            p.as_posix(): p.read_bytes()
            for p in before.root.rglob("*")
            if p.is_file() and ".outlay/lock" not in p.as_posix() and p.name != "catalog.duckdb"
        }

    known = everything()
    result = outlay("rotate-salt", "--dry-run", "--workspace", before.root)
    assert result.exit_code == 0, result.output
    assert "gateway_calls: 4 rows with pseudonyms on 3 days" in result.output
    assert "builds the warehouse anew" in result.output
    assert everything() == known


def test_a_rotation_killed_after_its_commit_is_ended_by_the_next_run(
    own: Workspace, rotated: tuple[Workspace, Result]
) -> None:
    killed_at(own, "finish_rotation", call=2)
    assert own.salt_file.read_text() == f"{FIRST}\n"
    assert own.next_salt_file.exists()
    outlay("run", "--workspace", own.root)
    assert own.salt_file.read_text() == f"{FIRST}\n{ADDED}\n"
    assert not own.next_salt_file.exists()
    assert users(own) == users(rotated[0])
    assert holding(own, [pseudonym_of(name, FIRST) for name in PEOPLE]) == set()


def test_a_rotation_killed_before_its_commit_has_not_happened(own: Workspace) -> None:
    killed_at(own, "rotate", call=1)
    assert own.next_salt_file.exists()
    assert not salt.finish_rotation(own)
    assert own.salt_file.read_text() == f"{FIRST}\n"
    assert not own.next_salt_file.exists()
    assert own.warehouse.exists()


def test_repeating_an_interrupted_rotation_ends_it_and_adds_no_other_salt(
    own: Workspace,
) -> None:
    killed_at(own, "finish_rotation", call=2)
    own.showback.unlink()  # spares the run
    result = outlay("rotate-salt", "--workspace", own.root)
    assert "the rotation that was interrupted is complete now" in result.output
    assert "has 2 lines now" in result.output
    assert own.salt_file.read_text() == f"{FIRST}\n{ADDED}\n"


def killed_at(workspace: Workspace, function: str, call: int) -> None:
    """Rotate in a process of its own, which dies when it calls a function of the module."""
    code = f"""
import itertools, os
from pathlib import Path
from pipelines.dbt_models.build import build_models
from pipelines.dbt_models.data_tests import run_data_tests
from pipelines.operations import salt_rotation as rotation
from pipelines.workspace.paths import Workspace
rotation.new_salt = lambda: {ADDED!r}
whole, calls = rotation.{function}, itertools.count(1)
def dies(*arguments, **named):
    if next(calls) == {call}:
        os._exit(9)
    return whole(*arguments, **named)
rotation.{function} = dies
rotation.rotate_salt(Workspace(Path({str(workspace.root)!r})), lambda *_: None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 9, done.stderr


def test_a_salt_of_the_environment_is_not_rotated(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTLAY_SALT", FIRST)
    result = outlay("rotate-salt", "--workspace", own.root)
    assert result.exit_code == 2
    assert "OUTLAY_SALT goes before" in result.output
    assert own.salt_file.read_text() == f"{FIRST}\n"


def test_a_run_with_the_salt_of_before_is_refused_and_with_all_of_them_is_not(
    rotated: tuple[Workspace, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(rotated[0].root, tmp_path / "acme")
    own = Workspace(tmp_path / "acme")
    known = users(own)
    monkeypatch.setenv("OUTLAY_SALT", FIRST)
    result = outlay("run", "--workspace", own.root)
    assert result.exit_code == 2
    assert "OUTLAY_SALT: salt: is not whole: on 20" in result.output
    monkeypatch.setenv("OUTLAY_SALT", f"{FIRST}\n{ADDED}")
    outlay("run", "--workspace", own.root)
    assert users(own) == known


def test_a_workspace_that_has_published_nothing_only_gets_another_salt(tmp_path: Path) -> None:
    init_workspace(tmp_path / "new")
    new = Workspace(tmp_path / "new")
    for source in SOURCES:
        (new.lake.inbox / source).mkdir(exist_ok=True)
    (first,) = new.salt_file.read_text().splitlines()
    for lines in (2, 3):
        result = outlay("rotate-salt", "--workspace", new.root)
        assert result.exit_code == 0, result.output
        salts = new.salt_file.read_text().splitlines()
        assert len(set(salts)) == lines
        assert salts[0] == first
        assert {len(line) for line in salts} == {64}
