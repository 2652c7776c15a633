"""The proxy recorded now, against the recording that the tests read. Run by `make record`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ingest.contracts.calls import GATEWAY_CALLS
from tests.recording.recorder import ENVIRONMENT, RECORDING, record
from tests.recording.test_recording import landed

NEW_EACH_TIME = frozenset(
    {"call_id", "request_id", "provider_response_id", "trace_id", "session_id", "started_at",
     "ended_at", "first_token_at"}
)  # fmt: skip


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return record(ENVIRONMENT, tmp_path_factory.mktemp("proxy"))


def test_the_same_calls_are_read_out_of_both(tmp_path: Path, fresh: bytes) -> None:
    columns = [name for name in GATEWAY_CALLS.column_names if name not in NEW_EACH_TIME]
    asked = f"select {', '.join(columns)} from rows order by task_id, status"
    now = landed(tmp_path / "now", gzip.compress(fresh)).rows(asked)
    assert now == landed(tmp_path / "before", RECORDING.read_bytes()).rows(asked)


def test_payloads_have_the_same_keys(fresh: bytes) -> None:
    assert keys(fresh) == keys(gzip.decompress(RECORDING.read_bytes()))


def keys(payloads: bytes) -> set[str]:
    return {key for line in payloads.splitlines() for key in json.loads(line)}
