"""Tables as text: columns where they fit, else folded, else one block a row."""

from __future__ import annotations

import re

import pytest

from pipelines.cli.views.layout import fold, lay_out
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay


def lines(
    headings: list[str], rows: list[list[str]], numbers: list[bool], width: int | None
) -> list[str]:
    return [line for line, _ in lay_out(headings, rows, numbers, width)]


def test_columns_that_fit_stand_beside_each_other_numbers_to_the_right() -> None:
    assert lines(["team", "calls"], [["blue", "7"], ["violet", "12"]], [False, True], 40) == [
        "team    calls",
        "──────  ─────",
        "blue        7",
        "violet     12",
    ]


def test_headings_break_before_anything_else_does() -> None:
    table = (["source", "days behind"], [["litellm", "0"]], [False, True])
    assert lines(*table, 20) == [
        "source   days behind",
        "───────  ───────────",
        "litellm            0",
    ]
    assert lines(*table, 15) == [
        "source     days",
        "         behind",
        "───────  ──────",
        "litellm       0",
    ]


def test_a_column_of_words_is_folded_between_them() -> None:
    table = (["id", "meaning"], [["abc", "the day that is billed"]], [False, False])
    assert lines(*table, 19) == [
        "id   meaning",
        "───  ──────────────",
        "abc  the day that",
        "     is billed",
    ]


def test_what_does_not_fit_is_turned_on_its_side_and_long_values_are_folded() -> None:
    rows = [["x" * 20, "y" * 30], ["z", "NULL"]]
    assert lines(["first", "second_one"], rows, [False, False], 30) == [
        "row 1",
        "  first       xxxxxxxxxxxxxxxx",
        "              xxxx",
        "  second_one  yyyyyyyyyyyyyyyy",
        "              yyyyyyyyyyyyyy",
        "row 2",
        "  first       z",
        "  second_one  NULL",
    ]


def test_a_pipe_gets_one_line_a_row_however_long() -> None:
    assert lines(["a", "b"], [["x " * 300 + "x", ""]], [False, False], None)[2:] == [
        "x " * 300 + "x"
    ]


def test_wide_characters_count_as_the_two_cells_that_they_take() -> None:
    assert fold("会議 室", 5) == ["会議", "室"]
    assert lines(["n", "m"], [["会", "1"], ["x", "2"]], [False, True], 40)[2:] == ["会  1", "x   2"]


@pytest.mark.parametrize("columns", [80, 100])
def test_a_wide_result_fits_a_terminal_and_loses_no_column(
    built: Workspace, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    result = outlay("sql", "from marts.fct_tasks order by task_id", "-w", built.root)
    shown = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in result.output.splitlines()]
    assert shown[0] == "row 1"
    assert ["task_id", "t1"] in [line.split() for line in shown]
    assert max(map(len, shown)) <= columns
    assert [line for line in shown if line != line.rstrip()] == []
    names = outlay("sql", "--csv", "from marts.fct_tasks", "-w", built.root).stdout.split("\n")[0]
    blocks = "\n".join(shown).split("row 2\n")
    assert [line.split()[0] for line in blocks[0].splitlines()[1:]] == names.split(",")
    narrow = outlay("sql", "select task_id, calls from marts.fct_tasks order by 1", "-w",
                    built.root)  # fmt: skip
    assert re.sub(r"\x1b\[[0-9;]*m", "", narrow.output).splitlines()[0] == "task_id  calls"


@pytest.mark.parametrize(
    "command", ["status", "changes", "unattributed", "unmapped", "contract",
                "sql 'from marts.fct_tasks'"]
)  # fmt: skip
def test_a_pipe_gets_no_blanks_at_the_ends_of_lines(built: Workspace, command: str) -> None:
    name, _, query = command.partition(" ")
    options = [] if name == "contract" else ["-w", built.root]
    output = outlay(name, *([query.strip("'")] if query else []), *options).output
    assert output
    assert [line for line in output.splitlines() if line != line.rstrip()] == []


def test_what_a_tenant_named_cannot_command_the_terminal(built: Workspace) -> None:
    output = outlay(
        "sql", "select 'a' || chr(27) || '[31m' || chr(10) as n", "-w", built.root
    ).output
    assert output.splitlines()[2] == r"a\x1b[31m\n"
