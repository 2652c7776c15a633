"""Azure API Management's language model log: the columns of Azure Monitor's table reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.ingest.gateways.landed import calls, land
from tests.support.lake import Lake
from tests.support.texts import files_holding

ROW: dict[str, Any] = {
    "TimeGenerated": "2026-10-01T12:00:00.1234567Z", "CorrelationId": "c1", "RequestId": "r1",
    "SequenceNumber": 0, "ModelName": "gpt-4o-mini-2024-07-18", "DeploymentName": "fast",
    "PromptTokens": 100, "CompletionTokens": 20, "TotalTokens": 120, "Region": "West Europe",
    "RequestMessages": None, "ResponseMessages": None,
}  # fmt: skip
MESSAGE = ROW | {
    "SequenceNumber": 1, "PromptTokens": 0, "CompletionTokens": 0,
    "RequestMessages": [{"role": "user", "content": "secret"}],
}  # fmt: skip


def test_entries_that_hold_parts_of_messages_are_no_calls(tmp_path: Path) -> None:
    lake = land(tmp_path, "azure_apim", ROW, MESSAGE, MESSAGE | {"SequenceNumber": 2})
    (found,) = calls(lake)
    assert (found["call_id"], found["request_id"]) == ("r1", "c1")
    assert (found["input_uncached_tokens"], found["output_tokens"]) == (100, 20)
    assert (found["request_model"], found["response_model"]) == ("fast", ROW["ModelName"])
    assert found["provider"] == "azure.ai.openai"
    assert lake.catalog("select count(*) from quarantine") == [(0,)]
    assert files_holding(lake.paths.lake, "secret") == set()


def test_a_csv_export_reads_the_same(tmp_path: Path) -> None:
    names = [name for name in ROW if not name.endswith("Messages")]
    rows = [",".join(str(row[name]) for name in names) for row in (ROW, MESSAGE)]
    lake = Lake(tmp_path, "apim", "azure_apim")
    lake.drop("a.csv", "\n".join([",".join(names), *rows]) + "\n")
    assert lake.land().failed == []
    (found,) = calls(lake)
    assert (found["input_uncached_tokens"], found["output_tokens"]) == (100, 20)


def test_a_csv_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "apim", "azure_apim")
    lake.drop("a.csv", "Date,Cost\n2026-10-01,5\n")
    (failed,) = lake.land().failed
    assert "RequestId" in str(failed)
