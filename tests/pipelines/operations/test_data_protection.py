"""The page on data protection: what it names is there, and what holds people is on it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import duckdb
from typer.testing import CliRunner

from ingest.contracts.tables import TABLES
from ingest.lake.people.salt_rotation import people_of
from ingest.records.pseudonyms import pseudonym_of
from ingest.sources import FORMATS
from pipelines.cli.app import app
from pipelines.workspace.paths import Workspace
from pipelines.workspace.setting_docs import field_at

PAGE = (Path(__file__).parents[3] / "pipelines" / "operations" / "data_protection.md").read_text()
QUOTED = re.findall(r"`([^`]+)`", PAGE)
PEOPLE = {
    table: {name for place in places for name in place.rekeyed("")} - {"x_restatement_key"}
    for table, places in people_of(FORMATS.values()).items()
}
"""Columns that hold people, by table; a restatement key only repeats one."""


def test_every_command_and_option_is_one_of_ours() -> None:
    named = [text for text in QUOTED if text.startswith("outlay ")]
    assert len(named) > 6
    for text in named:
        words = shlex.split(text)[1:]
        names = [word for word in words if re.fullmatch("[a-z-]{3,}", word)][:2]
        options = [word for word in words if word.startswith("--")]
        command = names if names[0] == "export" else names[:1]
        shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0, text
        assert all(option in shown.output for option in options), text
    assert "--people" in CliRunner().invoke(app, ["export", "calls", "--help"]).output


def test_every_setting_is_one_of_ours() -> None:
    for key in ("delivered_files_months", "quarantine_months", "at_run"):
        assert key in PAGE
        assert field_at(f"retention.{key}")
    assert field_at("agents.people").default is False


def test_every_table_of_the_lake_and_column_that_holds_people_is_named_and_there() -> None:
    for name in re.findall(r"lake/([a-z_]+)`", PAGE):
        assert name in TABLES, name
    for table, columns in PEOPLE.items():
        assert f"`lake/{table}`" in PAGE
        own = {column.name for column in TABLES[table].columns}
        for column in columns:
            assert column in own
            assert f"`{column}`" in PAGE
    people = {
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if re.search("pseudonym|id of the user|e-mail", column.doc, re.IGNORECASE)
    }
    told = {(table, column) for table, columns in PEOPLE.items() for column in columns}
    assert people - told <= set(), people - told


def test_every_published_table_is_there_and_a_pseudonym_is_made_as_it_says(
    built: Workspace,
) -> None:
    with duckdb.connect(str(built.showback), read_only=True) as con:
        there = {
            f"{schema}.{name}"
            for schema, name in con.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall()
        }
        con.execute("select user_id, api_key_id from marts.fct_calls limit 0")
    for name in re.findall(r"`((?:ops|marts)\.[a-z_]+)`", PAGE):
        assert name in there, name
    assert re.fullmatch("[0-9a-f]{16}", pseudonym_of("ann", "salt"))
    for file in ("salt", "closes", "ledger", "runs.jsonl"):
        assert f"`.outlay/{file}`" in PAGE
