"""A workspace for every command that changes one, and how to see what a command came to.

Of the two months by hand (`two_months`), with users, so that a salt can be rotated, and with a
source whose files are pulled from a folder. November's late call waits in that folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import duckdb

from ingest.warehouse.closed_months import current_closes, read_closes
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.support.warehouse import SALT
from tests.support.warehouse import Workspace as Raw
from tests.support.workspaces.two_months import LOG, OCTOBER, bill

_LOG = LOG + '[attribution]\nuser_id = "who"\n'
_HEADER = "id,at,feature,tenant,who,tokens\n"
_CALLS = """a1,2026-10-05T09:00:00Z,chat,acme,ann,1000000
a2,2026-10-05T10:00:00Z,search,bolt,bob,3000000
n1,2026-11-10T09:00:00Z,chat,acme,ann,2000000
"""
_LATE = "n2,2026-11-11T09:00:00Z,chat,acme,bob,1000000\n"
_PRICE = "openai,scribe,standard,input_uncached,{usd},,,,"
_PRICES = (
    "provider,model,service_tier,token_class,usd_per_mtok,valid_from,valid_to,min_input_tokens,note"
)

CLOSE = (
    "close", "2026-10",
    *(word for check in ("bills_complete", "bills_settled", "checks_green", "tie_out")
      for word in ("--accept", f"{check}=by hand")),
)  # fmt: skip


@dataclass(frozen=True)
class Command:
    """A command that is stopped.

    Attributes:
        words: what is typed, without the workspace.
        before: typed before it, undisturbed.
        publishes: whether it ends with a run of its own.
        is_done: whether nothing is left of it to do, once a run has come after it.
        deliver: what arrives before it.
    """

    words: tuple[str, ...]
    is_done: Callable[[Workspace], bool]
    before: tuple[str, ...] = ()
    publishes: bool = True
    deliver: Callable[[Workspace], object] = lambda _: None


def commands(beside: Path) -> dict[str, Command]:
    """Every command that changes a workspace, by its name.

    Args:
        beside: the folder that `make_operated` put the other prices into.
    """
    prices = str(beside / "draft" / "prices.csv")
    return {
        "run": Command(("run", "--no-pull"), lambda _: True, deliver=_deliver),
        "close": Command(CLOSE, _is_closed),
        "reopen": Command(
            ("reopen", "2026-10", "--reason", "by hand"), lambda w: not _is_closed(w), CLOSE
        ),
        "reprice": Command(
            ("reprice", "--from", "2026-10-01", "--to", "2026-11-30", "--prices", prices),
            lambda w: any((w.state / "repricings").glob("[!.]*/repricing.json")),
        ),
        "promote": Command(
            ("promote", "draft", "--note", "by hand"),
            lambda w: ",2,,,," in w.prices_csv.read_text(),
            ("shadow", "draft", "--config", str(beside / "draft")),
            publishes=False,
        ),
        "rotate-salt": Command(("rotate-salt",), lambda w: "\n" in w.salt_file.read_text().strip()),
        "pull": Command(
            ("pull",),
            lambda w: any((w.lake.inbox / "mounted").rglob("*.csv")),
            publishes=False,
        ),
    }


def make_operated(root: Path) -> Workspace:
    """The workspace, with its files delivered and nothing run yet; beside it what is to come."""
    init_workspace(root, company="Acme & Co", with_sources=False)
    workspace, raw = Workspace(root), Raw(root)
    workspace.salt_file.write_text(SALT)
    mounted, draft = root.parent / "mounted", root.parent / "draft"
    for folder in (mounted, draft):
        folder.mkdir()
    raw.configure("gateway", _LOG)
    raw.configure("mounted", _LOG + f'[remote]\nurl = "file://{mounted}"\n')
    raw.configure("openai", 'format = "openai"')
    raw.prices(_PRICE.format(usd=1))
    (draft / "prices.csv").write_text(f"{_PRICES}\n{_PRICE.format(usd=2)}\n")
    (mounted / "late.csv").write_text(_HEADER + _LATE)
    raw.drop("gateway", "calls.csv", _HEADER + _CALLS)
    days = {OCTOBER.replace(day=5): "4.00", OCTOBER.replace(month=11, day=10): "2.00"}
    raw.drop("openai", "1.json", bill(days, "2026-11-12T06:00:00Z"))
    return workspace


def _deliver(workspace: Workspace) -> None:
    """A late call, and the first file again with another number: its days are rewritten."""
    folder = workspace.lake.inbox / "gateway"
    (folder / "late.csv").write_text(_HEADER + _LATE.replace("n2", "n3"))
    (folder / "calls.csv").write_text(_HEADER + _CALLS.replace("3000000", "5000000"))


def _is_closed(workspace: Workspace) -> bool:
    return any(close.month == OCTOBER for close in current_closes(read_closes(workspace.closes)))


_RECORDS = {
    "config_changes": "file, scope, kind, fact, note, author",
    "repriced_daily": "* exclude (repricing_id)",
    "quarantine": "* exclude (file_id)",
    "checks": "name, passed, severity, detail",
}
"""Columns of schema `ops` that are not of the moment."""


def figures(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """What is published, row by row, without the moments of runs.

    The number of the lake's commit is left out: an attempt that did not come to its end uses one.
    """
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        names = con.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('marts', 'reports') order by all"
        ).fetchall()
        found = {
            name: [
                row
                for row in con.execute(f"from {schema}.{name} order by all").fetchall()
                if "lake commit" not in row
            ]
            for schema, name in names
        }
        for name, columns in _RECORDS.items():
            found[name] = con.execute(f"select {columns} from ops.{name} order by all").fetchall()
    return found


def pages(workspace: Workspace) -> dict[str, str]:
    """The pages, less when the last run ended."""
    ended = re.compile(r"finished [^,]+, \d\d:\d\d UTC")
    return {file.name: ended.sub("", file.read_text()) for file in workspace.site.glob("*.html")}


def files(workspace: Workspace) -> dict[str, bytes]:
    """Deliveries, configuration, statements and exports, and the salt; no name says when."""
    folders = (workspace.lake.inbox, workspace.config, workspace.exports, workspace.statements)
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    moment = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")
    return {
        moment.sub("ID", str(path.relative_to(workspace.root))): path.read_bytes()
        for path in [*found, workspace.salt_file]
    }


def seen(workspace: Workspace) -> dict[str, Any]:
    """Figures, pages and files of a workspace."""
    return {**figures(workspace), **pages(workspace), **files(workspace)}


Types = Callable[..., object]
"""Types a command: the workspace, then its words."""

RUN = ("run", "--no-pull")


def finish(workspace: Workspace, command: Command, types: Types) -> None:
    """Publish what a command did."""
    if not command.publishes:
        types(workspace, *RUN)


def cure(workspace: Workspace, command: Command, types: Types) -> None:
    """What an operator does after a kill: the next run, and the command again if need be."""
    types(workspace, *RUN)
    if not command.is_done(workspace):
        types(workspace, *command.words)
        finish(workspace, command, types)


class StandingClock(datetime):
    """A clock that stands still: pages say when a file landed, marts when a month was closed."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        """Always the same midnight."""
        return datetime(2026, 12, 1, tzinfo=tz or UTC)
