"""Rows of LiteLLM's own table, from a real PostgreSQL: each is copied once, and no prompt is."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from ingest.lake.catalog import LakePaths, open_catalog
from ingest.lake.file_entries import SourceReport
from ingest.lake.landing import land_source
from ingest.pull.inbound import pull_source, pullers
from ingest.pull.plan import PullReport, Span
from ingest.pull.tables.postgres import Rows
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from tests.ingest.pull.conftest import Clock
from tests.ingest.pull.database import PASSWORD, Database, server_account, server_binaries
from tests.support.lake import Lake

TODAY = date(2026, 10, 20)
SECRET = "TOPSECRET"  # noqa: S105 - what must not leave the database


@pytest.fixture(scope="module")
def server() -> Iterator[Database]:
    """One server for the module; it is Debian's `postgresql`."""
    binaries, account = server_binaries(), server_account()
    if binaries is None or account is None:
        pytest.skip("no PostgreSQL server (initdb) on this machine")
    with Database(binaries, account) as started:
        yield started


@pytest.fixture
def database(server: Database) -> Database:
    server.empty()
    return server


@dataclass
class Source:
    """One source that is pulled from the table."""

    root: Path
    address: str | None
    settings: dict[str, Any]
    clock: Clock

    @property
    def config(self) -> SourceConfig:
        options = {"pull": {"start": TODAY - timedelta(days=2)} | self.settings}
        path = Path("config/sources/proxy.toml")
        return SourceConfig("proxy", "litellm_spendlogs", path, options, "salt", "v1")

    def pull(self, span: Span | None = None) -> PullReport:
        return pull_source(
            self.config, self.root / "inbox", self.root / "pulled",
            {"LITELLM_DATABASE_URL": self.address}.get, waiting=self.clock.waiting(), span=span,
        )  # fmt: skip

    @property
    def inbox(self) -> Path:
        return self.root / "inbox" / "proxy"

    def files(self) -> dict[str, list[str]]:
        """Request ids by file, below the folder of the table."""
        found = {}
        for path in sorted(self.inbox.rglob("*.csv.gz")):
            text = gzip.decompress(path.read_bytes()).decode()
            assert SECRET not in text
            rows = csv.DictReader(io.StringIO(text))
            found[path.name.removesuffix(".csv.gz")] = [row["request_id"] for row in rows]
        return found

    def land(self) -> SourceReport:
        paths = LakePaths(self.root / "inbox", self.root / "lake")
        with open_catalog(paths) as con:
            return land_source(con, paths, self.config, FORMATS[self.config.format],
                               self.clock.time.replace(tzinfo=None))  # fmt: skip

    def calls(self, what: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as con:
            return con.execute(
                f"select {what} from read_parquet('{self.root}/lake/gateway_calls/*/*/*.parquet')"
            ).fetchall()


@pytest.fixture
def source(tmp_path: Path, database: Database, clock: Clock) -> Source:
    return Source(tmp_path, database.address, {}, clock)


def row(request_id: str, began: str, written: str | None = None, **changes: Any) -> dict[str, Any]:
    """A call of ten tokens in and five out, with texts in every place that may hold them."""
    written = written or began
    return {
        "request_id": request_id, "litellm_call_id": f"call-{request_id}", "status": "success",
        "call_type": "acompletion", "spend": 0.1, "prompt_tokens": 10, "completion_tokens": 5,
        "startTime": began, "endTime": began, "completionStartTime": began, "model": "openai/m",
        "custom_llm_provider": "openai", "created_at": written, "updated_at": written,
        "messages": [{"content": SECRET}], "response": {"text": SECRET},
        "proxy_server_request": {"body": SECRET}, "requester_ip_address": SECRET,
        "metadata": {
            "proxy_server_request": {"messages": SECRET}, "requester_ip_address": SECRET,
            "error_information": {"error_message": SECRET, "traceback": SECRET, "error_code": ""},
            "spend_logs_metadata": {"tenant_id": "acme"},
        },
    } | changes  # fmt: skip


def test_a_first_pull_copies_whole_days_and_the_next_only_what_was_written_since(
    database: Database, source: Source
) -> None:
    database.insert(
        row("old", "2026-10-17 12:00:00"),
        row("a", "2026-10-18 12:00:00"),
        row("b", "2026-10-20 04:00:00"),
    )
    assert source.pull().files_new == 2
    assert source.files() == {"2026-10-18": ["a"], "2026-10-20": ["b"]}
    database.insert(
        row("late", "2026-10-19 23:59:59", "2026-10-20 05:20:00"),
        row("c", "2026-10-20 06:00:00"),
    )
    source.clock.set(TODAY, 7)
    report = source.pull()
    assert (report.files_new, report.problems) == (2, [])
    # the newest row was of 04:00; ten minutes before it are asked for again
    assert source.files() == {
        "2026-10-18": ["a"],
        "2026-10-19_after_20261020T035000000000": ["late"],
        "2026-10-20": ["b"],
        "2026-10-20_after_20261020T035000000000": ["b", "c"],
    }
    assert (source.pull().files_new, len(source.files())) == (1, 5)
    assert (source.pull().files_new, source.pull().unchanged) == (0, 1)


def test_a_row_becomes_a_call_and_no_text_of_it_leaves_the_database(
    database: Database, source: Source
) -> None:
    database.insert(row("a", "2026-10-20 04:00:00.123", "2026-10-20 04:00:09.5"))
    source.pull()
    assert source.files() == {"2026-10-20": ["a"]}
    report = source.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (1, 0, [])
    assert source.calls(
        "call_id, started_at, recorded_at, reported_cost_usd, input_uncached_tokens, tenant_id"
    ) == [
        ("call-a/1792468800123000", datetime(2026, 10, 20, 4, 0, 0, 123000),
         datetime(2026, 10, 20, 4, 0, 9, 500000), Decimal("0.100000000"), 10, "acme")
    ]  # fmt: skip


def test_an_interrupted_pull_shows_whole_days_only_and_the_next_one_completes_it(
    database: Database, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.insert(*(row(f"r{n}", f"2026-10-{n} 12:00:00") for n in (18, 19, 20)))
    copy = Rows.copy

    def breaks_off(self: Rows, day: date, *rest: Any) -> int:
        if day.day == 19:
            rest[1](b"half a line")
            raise psycopg.OperationalError(SECRET)
        return copy(self, day, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Rows, "copy", breaks_off)
        (problem,) = source.pull().problems
    assert SECRET not in str(problem)
    assert source.files() == {"2026-10-18": ["r18"]}
    report = source.pull()
    assert (report.files_new, report.unchanged, report.problems) == (2, 1, [])
    assert list(source.files().values()) == [["r18"], ["r19"], ["r20"]]


def test_losing_the_memory_copies_again_and_changes_no_total(
    database: Database, source: Source
) -> None:
    database.insert(row("a", "2026-10-19 12:00:00"))
    source.pull()
    source.land()
    database.insert(row("b", "2026-10-19 13:00:00"))
    source.pull()
    source.land()
    for state in (source.root / "pulled").rglob("*.json"):
        state.unlink()
    source.pull()
    assert source.files()["2026-10-19"] == ["a", "b"]
    source.land()
    assert source.calls("count(distinct call_id), sum(reported_cost_usd) / count(*)") == [(2, 0.1)]


def test_a_clock_that_is_ahead_hides_no_row_of_the_others(
    database: Database, source: Source
) -> None:
    database.insert(row("ahead", "2026-10-20 04:00:00", "2999-01-01 00:00:00"))
    source.pull()
    (state,) = (source.root / "pulled" / "tables").glob("*.json")
    newest = datetime.fromisoformat(json.loads(state.read_text())["newest"])
    assert newest <= datetime.now(UTC).replace(tzinfo=None)


def test_an_older_table_without_write_times_is_copied_in_whole_days(
    database: Database, source: Source
) -> None:
    database.execute('alter table "LiteLLM_SpendLogs" drop updated_at, drop litellm_call_id')
    columns = ("updated_at", "litellm_call_id")

    def insert(request_id: str, began: str) -> None:
        full = row(request_id, began)
        database.insert({name: v for name, v in full.items() if name not in columns})

    insert("a", "2026-10-20 04:00:00")
    source.pull()
    source.land()
    insert("b", "2026-10-20 05:00:00")
    assert source.pull().files_new == 1
    assert source.files() == {"2026-10-20": ["a", "b"]}
    source.land()
    # the day's file replaced its rows; the request stands for the call
    assert source.calls("request_id, recorded_at") == [("a", None), ("b", None)]


def test_rows_that_the_table_forgot_stay(database: Database, source: Source) -> None:
    database.insert(row("a", "2026-10-19 12:00:00"), row("b", "2026-10-19 13:00:00"))
    source.pull()
    database.execute("delete from \"LiteLLM_SpendLogs\" where request_id = 'a'")
    report = source.pull(Span(TODAY - timedelta(days=1), TODAY))
    assert source.files() == {"2026-10-19": ["a", "b"]}
    assert report.notes == ["2026-10-19: the table has fewer rows than before; all are kept"]


def test_days_asked_for_again_do_not_move_what_is_due(database: Database, source: Source) -> None:
    database.insert(row("old", "2026-10-01 12:00:00"), row("a", "2026-10-20 04:00:00"))
    source.pull(Span(date(2026, 10, 1), date(2026, 10, 2)))
    assert source.files() == {"2026-10-01": ["old"]}
    source.pull()
    assert source.files() == {"2026-10-01": ["old"], "2026-10-20": ["a"]}


def test_what_is_asked_does_not_grow_with_the_table(database: Database, source: Source) -> None:
    database.insert(row("a", "2026-10-20 04:00:00"))
    source.settings["start"] = date(2026, 1, 1)
    source.pull()
    source.clock.set(date(2026, 10, 21))
    (puller,) = pullers(source.config, source.root / "inbox", source.root / "pulled")
    (asked,) = puller.pull_plans(date(2026, 10, 21))
    assert (asked.what, asked.days, asked.calls) == (
        "LiteLLM_SpendLogs", "2026-10-17..2026-10-21", 5
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "settings", "address", "reason"),
    [
        ("", {}, None, "the environment variable LITELLM_DATABASE_URL is not set"),
        ("", {"dsn_env": "OTHER"}, None, "the environment variable OTHER is not set"),
        ("", {}, "{good}x", "the server refused the connection"),
        ("", {}, "{wrong_password}", "the server refused the connection"),
        ("", {}, "postgresql://u:TOPSECRET@127.0.0.1:1/x", "cannot be reached"),
        ("", {}, "TOPSECRET", "cannot be reached"),
        ("", {}, "postgresql://u:TOPSECRET@127.0.0.1:x/y", "cannot be reached"),
        ("", {"table": "other.LiteLLM_SpendLogs"}, "{good}", "this table is not there"),
        ('alter table "LiteLLM_SpendLogs" drop spend', {}, "{good}", "has no column spend"),
        ("", {}, "{reader}", "reading it was refused (42501)"),
    ],
)
def test_what_goes_wrong_is_said_without_the_address(
    database: Database, source: Source, statement: str, settings: dict[str, Any],
    address: str | None, reason: str,
) -> None:  # fmt: skip
    if statement:
        database.execute(statement)
    database.execute("drop role if exists reader; create role reader login password 'TOPSECRET'")
    base = f"postgresql://litellm:{{}}@127.0.0.1:{database.port}/postgres"
    places = {
        "good": database.address.partition("?")[0],
        "wrong_password": base.format(SECRET),
        "reader": base.format(SECRET).replace("litellm:", "reader:"),
    }
    source.address = address.format(**places) if address else None
    source.settings = settings
    (problem,) = source.pull().problems
    assert reason in problem.reason
    assert problem.cure
    for word in (SECRET, PASSWORD, "127.0.0.1"):
        assert word not in str(problem)
    assert source.files() == {}


def test_a_table_in_another_schema_is_named_by_the_address_or_the_settings(
    database: Database, source: Source
) -> None:
    database.insert(row("a", "2026-10-20 04:00:00"))
    database.execute('drop schema if exists "Proxy" cascade; create schema "Proxy";'
                     'alter table "LiteLLM_SpendLogs" set schema "Proxy"')  # fmt: skip
    source.settings["table"] = "Proxy.LiteLLM_SpendLogs"
    assert source.pull().problems == []
    by_settings = source.files()
    source.settings.pop("table")
    source.address = database.address.replace("schema=public", "schema=Proxy")
    assert source.pull(Span(TODAY, TODAY)).problems == []
    database.execute('drop schema "Proxy" cascade')
    assert by_settings == source.files() == {"2026-10-20": ["a"]}


def test_rows_from_the_database_are_the_calls_of_the_rows_in_a_file(
    database: Database, source: Source, shared: Path
) -> None:
    dump = (shared / "samples/gateway/litellm_spendlogs_cases.jsonl.gz").read_bytes()
    rows = [json.loads(line) for line in gzip.decompress(dump).splitlines()]
    database.insert(
        *(r | {name: json.loads(r[name]) for name in ("metadata", "request_tags")} for r in rows)
    )
    source.clock.set(date(2026, 11, 24))
    source.settings["start"] = date(2026, 11, 22)
    assert source.pull().problems == []
    assert source.land().rows_loaded == 44
    lake = Lake(source.root / "file", format="litellm_spendlogs")
    lake.drop("dump.jsonl.gz", dump)
    lake.land()
    # the table keeps milliseconds, and says when it wrote a row
    what = (
        "* exclude (source_name, source_file, source_line, file_id, utc_day, call_id, started_at,"
        " ended_at, first_token_at, recorded_at) from rows order by request_id, output_tokens"
    )
    with duckdb.connect() as con:
        con.execute(f"create view rows as from read_parquet('{source.root}/lake/*/*/*/*.parquet')")
        from_table = con.execute(f"select {what}").fetchall()
    assert from_table == lake.rows(f"select {what}")
