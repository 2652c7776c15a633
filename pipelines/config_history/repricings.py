"""Repricings that were made: each keeps the old and the new estimate, and none is ever changed.

They lie with the pipeline's memory, so that a later run, a full refresh and a deleted warehouse
keep them, and are shown in schema `ops`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from ingest.files import make_folder, put_in_place, replace_file
from ingest.sql import comments, exact_path, literal
from pipelines.workspace.paths import Workspace


@dataclass(frozen=True)
class Repricing:
    """What one repricing was about.

    Attributes:
        repricing_id: its name, by time.
        made_at: UTC.
        first_day: first day of the reporting calendar.
        last_day: last day, inclusive.
        prices: which prices, in words.
        config_version: the configuration that gave the old estimate.
    """

    repricing_id: str
    made_at: datetime
    first_day: date
    last_day: date
    prices: str
    config_version: str


_HEADERS = """
create table if not exists ops.repricings (
    repricing_id varchar, made_at timestamp, first_day date, last_day date, prices varchar,
    config_version varchar
)
"""
_DAILY = """
create table if not exists ops.repriced_daily (
    repricing_id varchar, call_date date, month date, team varchar, feature varchar,
    tenant_id varchar, provider varchar, model_id varchar, old_calls bigint, new_calls bigint,
    old_estimate_usd decimal(28, 9), new_estimate_usd decimal(28, 9),
    difference_usd decimal(28, 9), old_unpriced_calls bigint, new_unpriced_calls bigint
)
"""

_COMMENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "repricings": (
        "One repricing of past days; grain: repricing_id.",
        {
            "repricing_id": "Its time and a random suffix.",
            "made_at": "UTC.",
            "first_day": "First day, reporting calendar.",
            "last_day": "Last day, inclusive.",
            "prices": "Which prices the new estimate is made of.",
            "config_version": "Configuration of the old estimate; see ops.runs.",
        },
    ),
    "repriced_daily": (
        "Old and new estimate of a repricing; grain: repricing_id, call_date, team, feature,"
        " tenant_id, provider, model_id.",
        {
            "repricing_id": "The repricing.",
            "call_date": "Day of the calls, reporting calendar.",
            "month": "First day of its month.",
            "team": "Team of the calls, in the org tree of their day.",
            "feature": "Feature of the calls.",
            "tenant_id": "Tenant of the calls.",
            "provider": "gen_ai.provider.name.",
            "model_id": "Model; a price that names it anew has a row of its own.",
            "old_calls": "Calls of the warehouse; NULL when it has none under these members.",
            "new_calls": "Calls as repriced.",
            "old_estimate_usd": "Estimate of the warehouse when the repricing was made, USD.",
            "new_estimate_usd": "Estimate at the other prices, USD.",
            "difference_usd": "New less old, USD; an unknown sum adds nothing and is counted.",
            "old_unpriced_calls": "Calls without a price before.",
            "new_unpriced_calls": "Calls without a price now.",
        },
    ),
}


def keep(
    workspace: Workspace,
    repricing: Repricing,
    con: duckdb.DuckDBPyConnection,
    prices: Path,
    write_csv: Callable[[Path], object],
) -> Path:
    """Keep a repricing whose `differences` stand in a connection, whole or not at all.

    Args:
        prices: the prices file that it was made with; kept beside it where there is one.
        write_csv: writes what is exported to a file.

    Returns:
        The export, which `show_repricings` brings to its place.
    """
    folder = _folder(workspace) / f".{repricing.repricing_id}"
    make_folder(folder)
    con.execute(
        f"copy (select {literal(repricing.repricing_id)} as repricing_id, day as call_date, month,"
        " team, feature, tenant_id, provider, model_id, old_calls, new_calls,"
        " old_usd as old_estimate_usd, new_usd as new_estimate_usd, difference_usd,"
        " old_unpriced as old_unpriced_calls, new_unpriced as new_unpriced_calls"
        " from differences order by all)"
        f" to {literal(str(folder / 'daily.parquet'))} (format parquet, compression zstd)"
    )
    text = json.dumps(asdict(repricing), default=lambda value: value.isoformat())
    (folder / "repricing.json").write_text(text, encoding="utf-8")
    if prices.exists():
        shutil.copyfile(prices, folder / prices.name)
    export = f"repricing-{repricing.repricing_id}.csv"
    write_csv(folder / export)
    put_in_place(folder, folder.with_name(repricing.repricing_id))
    return workspace.exports / export


def show_repricings(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Bring `ops.repricings` and `ops.repriced_daily` up to date; what is there is not read.

    An export that is not yet in its place, as after a kill, comes there.
    """
    for export in _folder(workspace).glob("[!.]*/repricing-*.csv"):
        replace_file(workspace.exports / export.name, export.read_bytes())
        export.unlink()
    con.execute("create schema if not exists ops")
    con.execute(_HEADERS)
    con.execute(_DAILY)
    shown = {row[0] for row in con.execute("select repricing_id from ops.repricings").fetchall()}
    for file in sorted(_folder(workspace).glob("[!.]*/repricing.json")):
        if file.parent.name in shown:
            continue
        con.execute(
            "insert into ops.repricings by name select * from read_json($file, columns = {"
            "repricing_id: 'varchar', made_at: 'timestamp', first_day: 'date', last_day: 'date',"
            " prices: 'varchar', config_version: 'varchar'})",
            {"file": exact_path(file)},
        )
        con.execute(
            "insert into ops.repriced_daily by name from read_parquet($file)",
            {"file": exact_path(file.with_name("daily.parquet"))},
        )
    for table, (words, columns) in _COMMENTS.items():
        con.execute(comments(f"ops.{table}", words, columns))


def _folder(workspace: Workspace) -> Path:
    return workspace.state / "repricings"
