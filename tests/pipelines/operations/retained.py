"""A workspace of two months whose October is closed, for tests of what retention lets go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import built_by, outlay, plain_data_tests, plain_models


def run(workspace: Workspace, *arguments: str) -> str:
    with built_by(plain_models, plain_data_tests):
        result = outlay("run", "--workspace", workspace.root, *arguments)
    assert result.exit_code in (0, 1), result.output
    return result.output


def rule(workspace: Workspace, text: str) -> None:
    file = workspace.root / "outlay.toml"
    file.write_text(file.read_text().split("\n[retention]")[0] + text)


def close_october(workspace: Workspace) -> None:
    accepted = [f"{check}=by hand" for check in ("bills_complete", "checks_green", "tie_out")]
    options = [word for one in accepted for word in ("--accept", one)]
    with built_by(plain_models, plain_data_tests):
        closed = outlay("close", "2026-10", *options, "--workspace", workspace.root)
    assert closed.exit_code == 0, closed.output


def ask(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(sql).fetchall()
