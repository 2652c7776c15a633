"""A PostgreSQL server on this machine with LiteLLM's table of calls, as its schema makes it."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

PASSWORD = "s3cret/p@ss"  # noqa: S105 - of a server that lives for one test run
ESCAPED = "s3cret%2Fp%40ss"

# Prisma makes DateTime a timestamp of milliseconds without a zone, and Json a jsonb
COLUMNS = """
    request_id text primary key, call_type text not null, api_key text not null default '',
    spend double precision not null default 0, total_tokens integer not null default 0,
    prompt_tokens integer not null default 0, completion_tokens integer not null default 0,
    "startTime" timestamp(3) not null, "endTime" timestamp(3) not null,
    request_duration_ms integer, "completionStartTime" timestamp(3), model text not null default '',
    model_id text default '', model_group text default '', custom_llm_provider text default '',
    api_base text default '', "user" text default '', metadata jsonb default '{}',
    cache_hit text default '', cache_key text default '', request_tags jsonb default '[]',
    team_id text, organization_id text, end_user text, requester_ip_address text,
    messages jsonb default '{}', response jsonb default '{}',
    proxy_server_request jsonb default '{}', session_id text, status text,
    mcp_namespaced_tool_name text, agent_id text, litellm_call_id text,
    created_at timestamp(3) not null default current_timestamp,
    updated_at timestamp(3) not null default current_timestamp
"""
TABLE = f'create table "LiteLLM_SpendLogs" ({COLUMNS});' + (
    'create index on "LiteLLM_SpendLogs" ("startTime");'
    'create index on "LiteLLM_SpendLogs" ("startTime", request_id);'
)
JSON = ("metadata", "request_tags", "messages", "response", "proxy_server_request")


def server_binaries() -> Path | None:
    """The folder of PostgreSQL's programs; None when it is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def server_account() -> str | None:
    """Whom the server runs as: it refuses root; None when there is nobody else."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name
    return next((user.pw_name for user in pwd.getpwall() if user.pw_name == "postgres"), None)


class Database:
    """A server that is up within its `with`, on 127.0.0.1 with a password."""

    def __init__(self, binaries: Path, account: str) -> None:
        self._binaries = binaries
        self._account = account

    def __enter__(self) -> Self:
        self._folder = Path(mkdtemp(prefix="outlay-pg-"))
        (self._folder / "password").write_text(PASSWORD)
        for path in (self._folder, self._folder / "password"):
            shutil.chown(path, self._account)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", "litellm", "-A", "scram-sha-256", "--no-sync",
                  f"--pwfile={self._folder / 'password'}")  # fmt: skip
        options = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off"
        self._run("pg_ctl", "-D", data, "-w", "-l", self._folder / "log", "-o", options, "start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._run("pg_ctl", "-D", self._folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder)

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [self._binaries / program, *map(str, arguments)], check=True, user=self._account,
            cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def address(self) -> str:
        """As LiteLLM's DATABASE_URL has it, with what only its own library knows."""
        return (
            f"postgresql://litellm:{ESCAPED}@127.0.0.1:{self.port}/postgres"
            "?schema=public&connection_limit=10&pool_timeout=20&sslmode=disable"
        )

    def execute(self, query: str) -> list[tuple[Any, ...]]:
        """Run statements as the owner of everything."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="litellm", password=PASSWORD, dbname="postgres"
        ) as con:
            cursor = con.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def insert(self, *rows: Mapping[str, Any]) -> None:
        """Write rows of the table; columns that a row lacks have their default."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="litellm", password=PASSWORD, dbname="postgres"
        ) as con:
            for row in rows:
                statement = sql.SQL('insert into "LiteLLM_SpendLogs" ({}) values ({})').format(
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                )
                con.execute(statement, [Jsonb(v) if k in JSON else v for k, v in row.items()])

    def empty(self) -> None:
        """Make the table anew."""
        self.execute('drop table if exists "LiteLLM_SpendLogs";' + TABLE)
