"""Two months of one provider, two features and two tenants: small enough to close by hand.

| call | day    | feature | tenant   | tokens    | estimate at 1.00 the million |
|------|--------|---------|----------|-----------|------------------------------|
| a1   | 5 Oct  | chat    | acme     | 1,000,000 | 1.00 |
| a2   | 5 Oct  | search  | `=cmd()` | 3,000,000 | 3.00 |
| n1   | 10 Nov | chat    | acme     | 2,000,000 | 2.00 |

The bill: 4.00 on 5 October, 2.00 on 10 November.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.config_history.freezes import record_changes
from pipelines.config_history.ledger import recorded
from pipelines.config_history.snapshot import config_snapshot, config_version
from pipelines.run.publish import publish
from pipelines.workspace.init import init_workspace
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace as Books
from tests.support.built import built_once
from tests.support.warehouse import SALT, Engine, Workspace

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)

STARTED = datetime(2026, 11, 12, 7)
"""When the first run began."""

LOG = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "openai" }
request_model = { constant = "scribe" }
feature = "feature"
tenant_id = "tenant"
[tokens]
input = "tokens"
"""

HEADER = "id,at,feature,tenant,tokens\n"
CALLS = (
    "a1,2026-10-05T09:00:00Z,chat,acme,1000000\n",
    "a2,2026-10-05T10:00:00Z,search,=cmd(),3000000\n",
    "n1,2026-11-10T09:00:00Z,chat,acme,2000000\n",
)
LATE = "a3,2026-10-05T11:00:00Z,chat,acme,4000000\n"


def bill(days: dict[date, str], fetched_at: str) -> str:
    """A page of the OpenAI costs API: dollars by day."""
    buckets = []
    for day, usd in days.items():
        start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        buckets.append({
            "object": "bucket", "start_time": start, "end_time": start + 86400,
            "results": [{
                "object": "organization.costs.result", "line_item": "scribe, input",
                "amount": {"value": float(usd), "currency": "usd"}, "project_id": None,
            }],
        })  # fmt: skip
    return json.dumps({
        "request": {"path": "/v1/organization/costs", "params": {"group_by": ["line_item"]}},
        "fetched_at": fetched_at,
        "response": {"object": "page", "data": buckets, "has_more": False},
    })  # fmt: skip


def open_books(root: Path, calls: Sequence[str] = CALLS) -> Workspace:
    """The workspace with its files delivered; nothing is built yet."""
    init_workspace(root, company="Acme & Co", with_sources=False)
    Books(root).salt_file.write_text(SALT)  # a close looks for files that nobody has read with it
    workspace = Workspace(root)
    workspace.configure("gateway", LOG)
    workspace.configure("openai", 'format = "openai"')
    workspace.prices("openai,scribe,standard,input_uncached,1,,,,")
    workspace.drop("gateway", "calls.csv", HEADER + "".join(calls))
    days = {date(2026, 10, 5): "4.00", date(2026, 11, 10): "2.00"}
    workspace.drop("openai", "1.json", bill(days, "2026-11-12T06:00:00Z"))
    return workspace


def built_books(root: Path, factory: pytest.TempPathFactory) -> Workspace:
    """The same after its first build: a copy of one that all tests share."""
    shared = built_once("two_months", factory, lambda folder: build(open_books(folder)))
    shutil.copytree(shared, root)
    return Workspace(root)


def build(workspace: Workspace, engine: Engine | None = None) -> Books:
    """Bring the warehouse up to date, as a run without red checks would.

    Args:
        workspace: whose files were delivered.
        engine: as of `Workspace.build`; with one named, data tests are left out.
    """
    workspace.build(engine=engine, tests=engine is None)
    books = Books(workspace.root)
    settings, _ = load_workspace(books)
    files = config_snapshot(books, settings)
    started = STARTED + timedelta(minutes=len(recorded(books)))
    record_changes(books, files, started, f"run at {started:%H:%M}", override_freeze=None)
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute("create schema if not exists ops")
        con.execute(
            "create or replace table ops.checks (name varchar, passed boolean, severity varchar)"
        )
        con.execute(
            "create or replace table ops.runs as select $run_id as run_id, as_of_day,"
            " $started::timestamp as started_at, $version as config_version from raw.run_context",
            {
                "run_id": f"run at {started:%H:%M}",
                "started": started,
                "version": config_version(files),
            },
        )
    publish(books.warehouse, books.showback)
    return books
