from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.dashboards.statements.october import OCTOBER, ROWS, TABLES, UNDATED, write


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "showback.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema reports")
        for table, columns in TABLES.items():
            con.execute(f"create table reports.{table} ({columns})")
            for row in ROWS[table]:
                full = row if table in UNDATED else {"month": OCTOBER, **row}
                names, marks = ", ".join(full), ", ".join("?" for _ in full)
                con.execute(
                    f"insert into reports.{table} ({names}) values ({marks})", [*full.values()]
                )
    return path


@pytest.fixture(scope="module")
def folder(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(database, tmp_path_factory.mktemp("statements") / "draft")
