"""Prompts, answers and credentials of a log reach nothing that a workspace writes."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from ingest.contracts.credentials import REMOVED
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.ingest.gateways.litellm.test_payloads import record
from tests.pipelines.conftest import outlay
from tests.support.texts import files_holding
from tests.support.workspaces.small import drop

TEXT, KEY, PERSON = "TOPSECRET", "sk-never-to-be-seen-1234567890abcdef", "ann@example.org"


@pytest.mark.slow
def test_texts_keys_and_people_of_a_log_stay_in_the_inbox(tmp_path: Path) -> None:
    init_workspace(tmp_path / "acme")
    workspace = Workspace(tmp_path / "acme")
    with (workspace.sources_dir / "litellm.toml").open("a") as settings:
        settings.write('\n[attribution]\nuser_id = "end_user"\nfeature = "metadata.feature"\n')
    told = {
        "messages": [{"role": "user", "content": f"{TEXT} prompt"}],
        "response": {"choices": [{"message": {"content": f"{TEXT} answer"}}]},
        "error_str": f"{TEXT}: {KEY}",
        "end_user": PERSON,
    }
    lines = [
        record(**told),
        record(**told, litellm_call_id="c2", metadata={"feature": f"chat {KEY}"}),
        record(**told, litellm_call_id="c3", startTime=TEXT),
    ]
    drop(
        workspace,
        "litellm/a.jsonl",
        "".join(json.dumps(line) + "\n" for line in lines) + f'{{"{TEXT}',
    )
    assert outlay("run", "-w", workspace.root).exit_code == 1  # a third of the lines is quarantined
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        found = con.execute("select call_id, feature, user_id from marts.fct_calls order by 1")
        (_, nowhere, person), (_, feature, same) = found.fetchall()
    assert (nowhere, feature) == (None, f"chat {REMOVED}")
    assert person == same
    assert list(workspace.site.glob("*.html"))
    assert files_holding(workspace.root, TEXT, KEY, PERSON) == {"inbox/litellm/a.jsonl"}
