"""`retention.user_ids_months`: old calls and spans cease to say who made them; no figure moves.

October by hand: a1 is ann's, a2 bob's, a4 nobody's; a call in a trace is ann's, by its root alone.
November's and December's calls are ann's. A rule gives bob's calls to team Blue. October is
closed, and the delivered files of it go in the same call.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.records.pseudonyms import pseudonym_of
from pipelines.operations.retention import retain
from pipelines.run.retention import plan
from pipelines.workspace.paths import Workspace
from tests.ingest.lake.people import SPAN
from tests.pipelines.conftest import outlay
from tests.pipelines.operations.retained import ask, close_october, rule, run
from tests.support.built import built_once
from tests.support.power_cut import Disk
from tests.support.texts import files_holding
from tests.support.warehouse import SALT
from tests.support.workspaces.two_months import LOG, open_books

pytestmark = pytest.mark.slow

ANN, BOB = pseudonym_of("ann", SALT), pseudonym_of("bob", SALT)

HEADER = "id,at,feature,tenant,tokens,who\n"
CALLS = {
    "oct.csv": """a1,2026-10-05T09:00:00Z,chat,acme,1000000,ann
a2,2026-10-05T10:00:00Z,search,acme,3000000,bob
""",
    "plain.csv": "a4,2026-10-07T09:00:00Z,chat,acme,1000000,\n",
    "nov.csv": "n1,2026-11-10T09:00:00Z,chat,acme,2000000,ann\n",
    "dec.csv": "d1,2026-12-11T09:00:00Z,chat,acme,1000000,ann\n",
}
AT = 1_791_277_200_000_000_000  # 2026-10-06T09:00:00Z, in nanoseconds
TIMES = {"startTimeUnixNano": str(AT), "endTimeUnixNano": str(AT + 10**9)}
SPANS = {
    "root.json": SPAN | TIMES,
    "call.json": SPAN | TIMES | {
        "spanId": "00f067aa0ba902b7",
        "parentSpanId": SPAN["spanId"],
        "name": "chat scribe",
        "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            {"key": "gen_ai.provider.name", "value": {"stringValue": "openai"}},
            {"key": "gen_ai.request.model", "value": {"stringValue": "scribe"}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1000000"}},
        ],
    },
}  # fmt: skip

RULE_OF_BOB = "when,set,mode,valid_from,valid_to,note\nuser_id = bob,team = Blue,fill,,,\n"
LIMITS = "scope,member,period,limit_usd,kind,warn_at,owner,valid_from,valid_to,note\n"
OF_BOB = "user,bob,month,2,hard,,team,2026-10-01,,\n"
OF_EVERYONE = "user,*,month,2,soft,,team,2026-09-01,{until},\n"

RULES = "\n[retention]\ndelivered_files_months = 1\nuser_ids_months = 1\n"


def make(root: Path) -> None:
    raw = open_books(root)
    workspace = Workspace(root)
    (workspace.lake.inbox / "gateway" / "calls.csv").unlink()
    own = 'tenant_id = "tenant"\nuser_id = "who"\n'
    raw.configure("gateway", LOG.replace('tenant_id = "tenant"\n', own))
    raw.configure("traces", 'format = "otel"\n')
    for name, rows in CALLS.items():
        raw.drop("gateway", name, HEADER + rows)
    for name, span in SPANS.items():
        traced = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
        raw.drop("traces", name, json.dumps(traced))
    workspace.attribution_csv.write_text(RULE_OF_BOB)
    rule(workspace, "")
    run(workspace)
    close_october(workspace)
    rule(workspace, RULES)
    run(workspace)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_once("old_users", tmp_path_factory, make)


@pytest.fixture
def books(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "acme")
    return Workspace(tmp_path / "acme")


def retained(workspace: Workspace, *arguments: str) -> list[dict[str, Any]]:
    result = outlay("retention", *arguments, "--json", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output
    return [one for one in json.loads(result.stdout) if one["kind"] == "user ids"]


def users(workspace: Workspace) -> dict[str, str | None]:
    rows = ask(workspace.showback, "select source_name, call_id, user_id from marts.fct_calls")
    return {call if source == "gateway" else "traced": user for source, call, user in rows}


def figures(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Marts and reports, row by row, without the users of calls."""
    names = ask(
        workspace.showback,
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('marts', 'reports') order by 1",
    )
    columns = {"marts.fct_calls": "* exclude (user_id)"}
    return {
        name: ask(workspace.showback, f"select {columns.get(name, '*')} from {name} order by all")
        for (name,) in names
    }


OF_OCTOBER = [
    ("gateway", 2, 1, "2026-10-05", "2026-10-07"),  # plain.csv has been looked through too
    ("traces", 2, 1, "2026-10-06", "2026-10-06"),
]


def shown(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("source", "files", "rows", "first_day", "last_day")
    return [tuple(one[name] for name in names) for one in found]


def test_users_of_old_rows_go_and_every_figure_stays_also_when_all_is_computed_anew(
    books: Workspace,
) -> None:
    assert users(books) == {
        "a1": ANN, "a2": BOB, "traced": ANN, "a4": None, "n1": ANN, "d1": ANN,
    }  # fmt: skip
    before = figures(books)
    assert before["marts.fct_closes"]
    assert "Blue" in str(before["marts.fct_calls"])
    assert shown(retained(books)) == OF_OCTOBER
    assert users(books)["a1"] == ANN
    assert shown(retained(books, "--apply")) == OF_OCTOBER
    run(books)
    left = {"a1": None, "a2": BOB, "traced": None, "a4": None, "n1": ANN, "d1": ANN}
    assert users(books) == left
    assert figures(books) == before
    run(books, "--full-refresh")
    assert users(books) == left
    assert figures(books) == before
    old = [path for path in files_holding(books.lake.lake, ANN) if "utc_day=2026-10" in path]
    assert old == []
    assert outlay("doctor", "--workspace", books.root).exit_code == 0
    assert outlay("close", "--verify", "--workspace", books.root).exit_code == 0


def test_it_is_on_record_and_no_file_is_looked_through_twice(
    books: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(books, RULES + "at_run = true\n")
    run(books)
    assert users(books)["a1"] is None  # the run itself publishes it
    assert ask(
        books.showback,
        "select kind, source_name, files, dropped_rows, size_bytes, rule, finished_at is not null"
        " from ops.retention_audit where kind = 'user ids' order by all",
    ) == [
        ("user ids", "gateway", 2, 1, 0, "retention.user_ids_months = 1", True),
        ("user ids", "traces", 2, 1, 0, "retention.user_ids_months = 1", True),
    ]
    asked: list[set[int]] = []

    def look(*given: Any, done: set[int], **more: Any) -> Any:
        asked.append(done)
        return old_users(*given, done=done, **more)

    old_users = plan.old_users
    monkeypatch.setattr(plan, "old_users", look)
    assert retained(books) == []
    old = ask(
        books.lake.catalog,
        "select file_id from files where source_name = 'gateway' and last_day < '2026-11-01'",
    )
    assert {row[0] for row in old} <= asked[0]
    assert len(asked[0]) == 4


def test_a_file_that_the_inbox_still_has_keeps_its_users_and_is_counted(books: Workspace) -> None:
    rule(books, RULES.replace("delivered_files_months = 1\n", ""))
    said = outlay("retention", "--apply", "--workspace", books.root).output
    assert "4 files of that age stay: they are in the inbox still, which names their users" in said
    shutil.copy(books.lake.inbox / "gateway/oct.csv", books.lake.inbox / "gateway/twin.csv")
    run(books)
    (books.lake.inbox / "gateway/oct.csv").unlink()
    (books.lake.inbox / "gateway/plain.csv").unlink()
    assert retained(books) == []  # the copy would bring them back
    (books.lake.inbox / "gateway/twin.csv").unlink()
    assert shown(retained(books, "--apply")) == OF_OCTOBER[:1]


def test_where_each_user_has_a_limit_the_months_until_its_end_keep_them(books: Workspace) -> None:
    limits = books.config / "limits.csv"
    limits.write_text(LIMITS + OF_EVERYONE.format(until=""))
    assert retained(books) == []
    limits.write_text(LIMITS + OF_EVERYONE.format(until="2026-10-01"))
    assert [one["rows"] for one in retained(books)] == [1, 1]


def test_whom_no_rule_and_no_limit_names_any_more_goes(books: Workspace) -> None:
    books.attribution_csv.write_text(RULE_OF_BOB.splitlines()[0] + "\n")
    assert [one["rows"] for one in retained(books)] == [2, 1]
    (books.config / "limits.csv").write_text(LIMITS + OF_BOB)
    assert [one["rows"] for one in retained(books)] == [1, 1]


def test_cut_or_killed_at_any_flush_the_next_call_ends_it_on_record_once(
    made: Path, tmp_path: Path
) -> None:
    whole = Workspace(tmp_path / "whole" / "acme")
    shutil.copytree(made, whole.root)
    disk, left = Disk(whole.root, tmp_path / "pins"), []
    flush = os.fsync

    def stop(descriptor: int) -> None:
        left.append(disk.after_a_cut(tmp_path / f"cut-{len(left)}"))
        left.append(Path(shutil.copytree(whole.root, tmp_path / f"kill-{len(left)}")))
        flush(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with disk.watched():
            retained(whole, "--apply")
    assert len(left) >= 10
    held = "select count(user_id) from read_parquet('{}/*/*/utc_day=2026-10*/*.parquet')"
    for folder in left:
        found = Workspace(folder)
        for file in found.lake.inbox.rglob("*.*"):  # the cut's model keeps no times of files
            if file.is_file():
                shutil.copystat(made / "inbox" / file.relative_to(found.lake.inbox), file)
        retain(found, apply=True)
        for table, rows in (("gateway_calls", 1), ("trace_spans", 0)):  # bob's
            of = f"{found.lake.lake}/{table}"
            assert duckdb.sql(held.format(of).replace("/*/*/", "/*/")).fetchall() == [(rows,)]
        assert retain(found, apply=True).dropped == []
        records = [
            json.loads(line) for line in (found.ledger / "retention.jsonl").read_text().splitlines()
        ]
        of_users = [one for one in records if one.get("kind") == "user ids"]
        assert [one["source_name"] for one in of_users] == ["gateway", "traces"]
