"""What is newer than the warehouse is named, and nothing is locked or compared meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingest.errors import ConfigError
from ingest.warehouse.closed_months import read_closes
from pipelines.month_close.close import close_month
from pipelines.run.up_to_date import NotUpToDateError, require_up_to_date
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace as Books
from tests.support.warehouse import Workspace
from tests.support.workspaces.configured import notice, write
from tests.support.workspaces.two_months import (
    HEADER,
    LATE,
    NOVEMBER,
    OCTOBER,
    STARTED,
    bill,
    built_books,
)

Newer = Callable[[Workspace, Books], object]


@pytest.fixture
def month(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Books]:
    workspace = built_books(tmp_path / "acme", tmp_path_factory)
    return workspace, Books(workspace.root)


def _configure(name: str, *rows: str) -> Newer:
    return lambda _, books: write(books, name, *rows)


def _set(old: str, new: str) -> Newer:
    def change(_: Workspace, books: Books) -> None:
        text = books.settings_file.read_text()
        assert old in text
        books.settings_file.write_text(text.replace(old, new))

    return change


def _land(workspace: Workspace, _: Books) -> None:
    workspace.drop("gateway", "late.csv", HEADER + LATE)
    workspace.land()


def _sql(statement: str) -> Newer:
    def execute(workspace: Workspace, _: Books) -> None:
        with duckdb.connect(str(workspace.warehouse)) as con:
            con.execute(statement)

    return execute


def _notice_budgets(_: Workspace, books: Books) -> None:
    """A run noticed the change, and was killed before it built anything."""
    write(books, "budgets", "feature,chat,5,2026-10-01,,")
    notice(books, STARTED + timedelta(hours=1))


NEWER: dict[str, tuple[Newer, str]] = {
    "price": (
        _configure("prices", "openai,scribe,standard,input_uncached,2,,,,"),
        "the warehouse was built before config/prices.csv changed",
    ),
    "org and budgets": (
        lambda w, b: (
            _configure("org", "feature,chat,Support,,,,")(w, b),
            _configure("budgets", "feature,chat,5,2026-10-01,,")(w, b),
        ),
        "the warehouse was built before config/budgets.csv and config/org.csv changed",
    ),
    "a setting that no model reads": (
        _set('"LLM-CLEARING"', '"2000"'),
        "the warehouse was built before outlay.toml changed",
    ),
    "settings of a source": (
        lambda w, _: w.configure("openai", 'format = "openai"\nprecedence = 3'),
        "the warehouse was built before config/sources/openai.toml changed",
    ),
    "a change that a run noticed and did not build": (
        _notice_budgets,
        "the warehouse was built before config/budgets.csv changed",
    ),
    "the lake": (_land, "the lake has files that the warehouse does not know"),
    "the inbox": (
        lambda w, _: w.drop("gateway", "late.csv", HEADER + LATE),
        "inbox/gateway/late.csv waits to be read",
    ),
    "a file that was replaced": (
        lambda w, _: w.drop("openai", "1.json", bill({OCTOBER: "1.00"}, "2026-11-13T06:00:00Z")),
        "inbox/openai/1.json waits to be read",
    ),
    "a build that was killed": (
        _sql("update raw.build_state set is_finished = false"),
        "the last build of the warehouse did not finish",
    ),
    "checks that were not made": (
        _sql("drop table ops.checks"),
        "the last build of the warehouse did not finish",
    ),
    "no warehouse": (
        lambda _, b: b.warehouse.unlink(),
        "/warehouse.duckdb does not exist yet",
    ),
}


@pytest.mark.parametrize("name", NEWER)
def test_a_month_is_not_closed_while_something_is_newer_than_the_warehouse(
    month: tuple[Workspace, Books], name: str
) -> None:
    workspace, books = month
    make_newer, message = NEWER[name]
    make_newer(workspace, books)
    expected = re.escape(f"{message}: `outlay run` first, then again")
    with pytest.raises(NotUpToDateError, match=f"{expected}$"):
        close_month(books, OCTOBER, {})
    assert read_closes(books.closes) == []


def test_a_month_is_not_closed_before_a_run_knows_that_the_last_one_is(
    month: tuple[Workspace, Books],
) -> None:
    _, books = month
    assert close_month(books, OCTOBER, {}).folder
    with pytest.raises(NotUpToDateError, match="a month was closed or reopened since the last run"):
        close_month(books, NOVEMBER, {})


def test_what_compares_with_the_warehouse_waits_for_no_inbox(
    month: tuple[Workspace, Books],
) -> None:
    workspace, books = month
    settings, sources = load_workspace(books)
    version = require_up_to_date(books, settings, inbox_of=sources)
    workspace.drop("gateway", "late.csv", HEADER + LATE)
    assert require_up_to_date(books, settings) == version
    with pytest.raises(NotUpToDateError):
        require_up_to_date(books, settings, inbox_of=sources)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("budget.csv", "config/budget.csv: file name: nobody reads it; did you mean 'budgets.csv'"),
        ("prices.csv.txt", "did you mean 'prices.csv'"),
        ("notes.xlsx", "nobody reads it; there are allocation.csv, attribution.csv"),
        ("sources/openai.tml", "the settings of a source stand in openai.toml"),
    ],
)
def test_a_file_of_config_that_nobody_reads_is_named_with_the_name_that_was_meant(
    month: tuple[Workspace, Books], name: str, message: str
) -> None:
    _, books = month
    for allowed in ("README.md", "prices.csv.bak", ".~lock.prices.csv#", "sources/a.toml.example"):
        (books.config / allowed).touch()
    settings, _ = load_workspace(books)
    require_up_to_date(books, settings)
    (books.config / name).touch()
    with pytest.raises(ConfigError, match=re.escape(message)):
        require_up_to_date(books, settings)
