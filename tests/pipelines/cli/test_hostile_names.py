"""Names of the data print literally: no terminal, page or spreadsheet obeys one."""

from __future__ import annotations

import csv
import io
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from rich.console import Console

from dashboards.kit.spreadsheets import as_text_cell
from ingest.errors import OutlayError
from pipelines.checks.check import Check
from pipelines.cli.views import console as terminal
from pipelines.cli.views.runs import show_checks, show_outcome
from pipelines.cli.views.tables import Column, Table, print_tables
from pipelines.orchestration.runner import RunResult
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.configured import write
from tests.support.workspaces.small import drop
from tests.support.workspaces.two_teams import HEADER, make_two_teams

NAME = "[red]:x:\x1b[31m\x1b]0;t\x07\x9b2J\nnext\u202e<b>"
"""Markup, an emoji's code, escape codes of both kinds, a line break, a turn of direction, HTML."""

SHOWN = r"[red]:x:\x1b[31m\x1b]0;t\x07\x9b2J\nnext\u202e<b>"

OBEYED = ("\x1b[31m", "\x1b]", "\x9b", "\x07", "\u202e", "❌")

CALLS = """id,at,team,feature,tenant,model,in,out
a,2025-10-05T12:00:00Z,{name},{name},{name},house-1,1000000,500000
b,2025-10-05T13:00:00Z,{name},,,house-1,1000000,500000
c,2025-10-05T14:00:00Z,{name},{name},{name},"model {bare}",1000000,500000
d,2025-10-05T14:00:00Z,{name},{name},{name},house-1,many,500000
"""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A workspace whose teams, features, tenants and a model are called so, and what a run said."""
    workspace = make_two_teams(tmp_path_factory.mktemp("hostile") / "acme")
    quoted = f'"{NAME}"'
    drop(workspace, "bot/calls.csv", CALLS.format(name=quoted, bare=NAME))
    drop(workspace, "bot/[red]:x:\x1b[31m.csv", "")
    write(workspace, "budgets", f"team,{quoted},5,2025-10-01,2025-11-01,")
    result = outlay("run", "-w", workspace.root)
    assert result.exit_code == 1, result.output
    return workspace, result.output


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Print to a terminal of 80 columns; gives what it got, its own colours left out."""
    screen = io.StringIO()
    monkeypatch.setattr(
        terminal,
        "console",
        lambda *_, **__: Console(
            file=screen, force_terminal=True, color_system=None, width=80, highlight=False,
            emoji=False, markup=False,
        ),
    )  # fmt: skip
    for view in ("runs", "tables", "status"):
        monkeypatch.setattr(f"pipelines.cli.views.{view}.console", terminal.console)
    return screen.getvalue


def harmless(said: str) -> bool:
    return not any(code in said for code in OBEYED)


def commands() -> Iterator[tuple[str, ...]]:
    yield ("status",)
    yield ("unattributed",)
    yield ("unmapped",)
    yield ("changes", "--file", "config/budgets.csv")
    yield ("sql", "select feature, team_tag, model_id from marts.fct_calls")
    yield ("sql", "from ops.files")
    yield ("sql", f"select * from marts.fct_calls where nowhere = '{NAME}'")
    yield ("explain", "--tenant", NAME)
    yield ("statements", "2025-10")
    yield ("drill", "2025-10", "--team", f"{NAME} of nobody")
    yield ("promote", NAME)
    yield ("withdraw", f"bot/{NAME}", "--reason", NAME)


@pytest.mark.parametrize("command", tuple(commands()), ids=lambda command: command[0])
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)], ids=["text", "json", "csv"])
def test_no_command_lets_a_name_reach_the_terminal_as_a_code(
    named: tuple[Workspace, str],
    on_terminal: Callable[[], str],
    command: tuple[str, ...],
    form: tuple[str, ...],
) -> None:
    has_forms = command[0] not in ("drill", "promote", "withdraw")
    outlay(*command, *(form if has_forms else ()), "-w", named[0].root)
    assert harmless(on_terminal()), on_terminal()


def test_a_run_names_a_file_literally(named: tuple[Workspace, str]) -> None:
    assert r"[red]:x:\x1b[31m.csv" in named[1]
    assert harmless(named[1])


def test_tables_show_a_name_literally_and_data_keep_it_whole(named: tuple[Workspace, str]) -> None:
    query = "select distinct feature from marts.fct_calls where feature is not null"
    assert SHOWN in outlay("sql", query, "-w", named[0].root).output
    piped = outlay("sql", query, "--csv", "-w", named[0].root).output
    assert list(csv.reader(io.StringIO(piped))) == [["feature"], [NAME]]


def test_data_are_whole_in_a_file_and_harmless_on_a_terminal(
    named: tuple[Workspace, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("drill", "2025-10", "--team", NAME, "-w", named[0].root)
    assert outlay(*asked, "--output", tmp_path / "calls.csv").exit_code == 0
    text = (tmp_path / "calls.csv").read_bytes().decode()
    assert {row["team"] for row in csv.DictReader(io.StringIO(text, newline=""))} == {NAME}
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", screen)
    terminal.data_stream().write(text)
    assert SHOWN.replace(r"\n", "\n") in screen.getvalue()
    assert harmless(screen.getvalue())


def test_repricing_shows_a_team_literally(
    named: tuple[Workspace, str], on_terminal: Callable[[], str], tmp_path: Path
) -> None:
    shutil.copytree(named[0].root, tmp_path / "acme")
    prices = tmp_path / "prices.csv"
    prices.write_text(f"{HEADER}\nhouse,house-1,standard,output,3,,,,\n")
    result = outlay("reprice", "--from", "2025-10-05", "--to", "2025-10-05", "--prices", prices,
                    "-w", tmp_path / "acme")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "[red]:x:" in on_terminal()
    assert harmless(on_terminal())


def test_checks_outcomes_and_errors_show_a_name_literally(
    on_terminal: Callable[[], str], tmp_path: Path
) -> None:
    check = Check("burn_rate", False, f"{NAME} spends", f"ask {NAME}")
    show_checks([check, replace(check, is_error=False), replace(check, passed=True)])
    show_outcome(RunResult("checks failed", (check,)), Workspace(tmp_path))
    print_tables(Table("t", [Column("who", show=lambda name: name)], [(NAME,)], NAME))
    terminal.error(*OutlayError(f"no {NAME}", f"nor {NAME}").args)
    terminal.say(NAME)
    assert harmless(on_terminal()), on_terminal()
    assert on_terminal().replace("\n", "").count(SHOWN.replace(" ", "")) == 12


def test_pages_and_statements_show_a_name_as_text(named: tuple[Workspace, str]) -> None:
    assert outlay("statements", "2025-10", "-w", named[0].root).exit_code == 0
    folder = named[0].root
    pages = [p.read_text() for p in (*folder.glob("site/*.html"), *folder.rglob("statements.html"))]
    assert not any(character in page for page in pages for character in "\x1b\x9b\u202e")
    assert sum(r"\u202e&lt;b&gt;" in page for page in pages) >= 2
    (paper,) = folder.rglob("statements.pdf")
    text = "".join(page.extract_text() for page in PdfReader(paper).pages)
    assert r"\u202e<b>" in text
    assert "\u202e" not in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_a_csv_is_a_formula(start: str) -> None:
    assert as_text_cell(f"{start}cmd()") == f"'{start}cmd()"
    assert as_text_cell(f"a{start}") == f"a{start}"
