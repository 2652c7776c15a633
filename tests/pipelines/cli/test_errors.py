"""What a command says when it cannot work: one line with the cure, and exit code 2."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.queries import status as queries
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

COMMANDS = (
    ["run"], ["pull"], ["pull", "--dry-run"], ["status"], ["unmapped"], ["unattributed"],
    ["explain", "--team", "x"], ["sql", "select 1"], ["statements"], ["drill", "2026-10"],
    ["close", "2026-10"], ["close", "--verify"], ["changes"],
    ["reopen", "2026-10", "--reason", "x"],
    ["reprice", "--from", "2026-07-01", "--to", "2026-07-02", "--as-known-on", "2026-07-02"],
    ["whatif", "--price", "m=1"], ["shadow", "x", "--config", "."], ["promote", "x"],
    ["rotate-salt"], ["withdraw", "x", "--reason", "y"], ["export", "focus"],
    ["export", "table", "x"], ["export", "calls", "--month", "2026-10", "--tenant", "x"],
    ["retention"], ["forget", "x"], ["mcp"], ["ui"],
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_workspace_a_command_names_the_cure_in_one_line(
    command: list[str], tmp_path: Path
) -> None:
    result = outlay(*command, "-w", tmp_path)
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith(f"outlay: {tmp_path}/outlay.toml: ")
    assert line.endswith("name it with --workspace DIR, or make one with `outlay init DIR`")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'company = "Acme"\n', "/.outlay/salt: file: the salt of pseudonyms is missing"),
        (b"\xff\xfe", "/outlay.toml: file: is not UTF-8; save it as UTF-8"),
        (b"company = \n", "/outlay.toml: TOML: "),
    ],
)
def test_half_a_workspace_is_one_line_too(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "outlay.toml").write_bytes(content)
    result = outlay("status", "-w", tmp_path)
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert words in line


def test_a_damaged_published_file_is_one_line_with_its_cure(tmp_path: Path) -> None:
    init_workspace(tmp_path / "acme")
    (tmp_path / "acme" / "showback.duckdb").write_text("junk")
    for command in (["status"], ["sql", "select 1"], ["unmapped"]):
        result = outlay(*command, "-w", tmp_path / "acme")
        assert result.exit_code == 2
        (line,) = result.output.splitlines()
        assert "showback.duckdb cannot be read" in line
        assert "`outlay run --full-refresh` makes it anew" in line


def test_a_wrong_query_says_what_was_meant_and_how_to_see_what_there_is(built: Workspace) -> None:
    table = outlay("sql", "from marts.fct_taks", "-w", built.root)
    assert 'Did you mean "fct_tasks"?' in table.output
    (advice,) = [line for line in table.output.splitlines() if line.startswith("what there is: ")]
    listed = outlay("sql", advice.split('"')[1], "-w", built.root)
    assert "fct_tasks" in listed.output
    column = outlay("sql", "select looop_depth from marts.fct_tasks", "-w", built.root)
    assert '"loop_depth"' in column.output
    for query in ("", " -- nothing"):
        empty = outlay("sql", query, "-w", built.root)
        assert (empty.exit_code, empty.output) == (
            2, "outlay: the query is empty; try: from reports.rpt_overview\n"
        )  # fmt: skip


def test_an_unexpected_error_is_one_line_and_verbose_prints_its_trace(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Workspace) -> None:
        raise ZeroDivisionError("by\nnobody")

    monkeypatch.setattr(queries, "read_status", broken)
    result = outlay("status", "-w", own.root)
    assert result.exit_code == 2
    assert result.output == (
        "outlay: ZeroDivisionError: by nobody; the trace is in"
        f" {own.root}/.outlay/error.log; --verbose prints it\n"
    )
    assert "Traceback" in outlay("status", "--verbose", "-w", own.root).output


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "the disk is full: make room"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "the disk is full: make room"),
        (
            duckdb.IOException('IO Error: Could not write file "w.wal": No space left on device'),
            "the disk is full: make room",
        ),
        (
            OSError(errno.EROFS, os.strerror(errno.EROFS), "lake"),
            "its disk cannot be written: mount it for writing",
        ),
        (
            duckdb.IOException('IO Error: Cannot open file "w": Permission denied'),
            "this user may not write all of it: let it do so",
        ),
    ],
)
def test_a_disk_in_trouble_is_one_line_with_its_cure(
    own: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception, trouble: str
) -> None:
    def broken(_: Workspace) -> None:
        raise error

    monkeypatch.setattr(queries, "read_status", broken)
    result = outlay("status", "-w", own.root)
    assert (result.exit_code, result.output) == (
        2, f"outlay: {own.root}: {trouble}, and run again; nothing half-done counts\n"
    )  # fmt: skip


def test_a_nearly_full_disk_is_told_whatever_an_engine_calls_it(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Workspace) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(queries, "read_status", broken)
    assert "OperationalError: disk I/O error" in outlay("status", "-w", own.root).output
    usage = shutil.disk_usage(own.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    assert "the disk is full: make room" in outlay("status", "-w", own.root).output


def test_a_reader_that_has_enough_is_no_error(built: Workspace) -> None:
    run = [sys.executable, "-m", "pipelines.cli.app", "sql", "from range(300000)", "-w"]
    command = subprocess.Popen(
        [*run, str(built.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert command.stdout
    assert command.stderr
    command.stdout.readline()
    command.stdout.close()
    assert command.stderr.read() == ""
    command.wait()
