"""Nothing that looks like a credential is in the lake, whatever field it came in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.contracts.credentials import REMOVED
from tests.support.lake import Lake
from tests.support.texts import files_holding

OPTIONS = {
    "file_type": "jsonl",
    "fields": {"call_id": "id", "started_at": "at", "request_model": "model", "task_id": "task"},
    "attribution": {"feature": "feature"},
    "labels": {"note": "note"},
}

# put together at run time, so that no scanner takes the test for a leak
SECRETS = [
    "sk-" + "proj-AbCdEf0123456789AbCdEf",
    "sk-" + "ant-api03-0123456789abcdefghij",
    "AK" + "IA" + "IOSFODNN7EXAMPLE",
    "AI" + "za" + "SyA0123456789abcdefghijklmnopqrstuv",
    "gh" + "p_" + "0123456789abcdefghijABCDEFGHIJ012345",
    "ey" + "JhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".c2lnbmF0dXJl",
    "Bearer " + "0123456789abcdef0123",
    "-----BEGIN RSA " + "PRIVATE KEY-----MIIEpAIBAAKCAQEA-----END RSA PRIVATE KEY-----",
]
HARMLESS = [
    "support_ticket/2026-10-01/long-name", "task-1234567890-1234567890-12345",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "9b2c4c6e-1f0a-4b6e-8e0e-0d3a5f7e9c11",
    "risk-assessment-of-the-customer", "a bearer of good news, at last",
]  # fmt: skip


def landed(tmp_path: Path, value: str) -> Lake:
    lake = Lake(tmp_path, "bot", "mapped", OPTIONS)
    record = {"id": "c1", "at": "2026-10-01T00:00:00Z", "model": value, "task": f"t {value}",
              "feature": f"before {value} after", "note": f"{value} x"}  # fmt: skip
    lake.drop("a.jsonl", json.dumps(record) + "\n")
    assert lake.land().rows_loaded == 1
    return lake


@pytest.mark.parametrize("secret", SECRETS)
def test_a_credential_in_any_field_of_a_call_is_taken_out(tmp_path: Path, secret: str) -> None:
    lake = landed(tmp_path, secret)
    assert lake.rows("select request_model, task_id, feature, labels ->> 'note' from rows") == [
        (REMOVED, f"t {REMOVED}", f"before {REMOVED} after", f"{REMOVED} x")
    ]
    assert files_holding(lake.paths.lake, secret.removeprefix("Bearer ")) == set()


@pytest.mark.parametrize("value", HARMLESS)
def test_what_only_resembles_one_stays(tmp_path: Path, value: str) -> None:
    assert landed(tmp_path, value).rows("select request_model, feature from rows") == [
        (value, f"before {value} after")
    ]
