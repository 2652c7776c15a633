"""`outlay import keys`: what gateways call their keys, on the pages instead of hashes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ingest.reference.keys import KEY_ALIASES
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

HASHED = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"
"""A key's hash as LiteLLM's own documents show it: that of its logs, too."""

LITELLM = {
    "keys": [
        {"token": HASHED, "key_name": "sk-...Wxyz", "key_alias": "support, chat"},
        {"token": "b" * 64, "key_alias": None},
    ],
    "total_count": 2,
}
OPENROUTER = {
    "data": [{"hash": "f01d52606dc8f0a8", "name": " =cmd|'x'!A0 ", "label": "sk-or-v1-0e6"}]
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init_workspace(tmp_path / "acme", company="Acme", reporting_timezone="UTC")
    return Workspace(tmp_path / "acme")


def imported(workspace: Workspace, content: object, code: int = 0) -> str:
    file = workspace.root.parent / "keys.json"
    file.write_text(json.dumps(content))
    result = outlay("import", "keys", file, "-w", workspace.root)
    assert result.exit_code == code, result.output
    return result.output


def pseudonym(workspace: Workspace, key: str) -> str:
    """By the definition: the first sixteen digits of SHA-256 of salt and key."""
    salt = workspace.salt_file.read_text().strip()
    return hashlib.sha256((salt + key).encode()).hexdigest()[:16]


def test_a_key_gets_its_name_under_the_pseudonym_that_calls_have(workspace: Workspace) -> None:
    said = imported(workspace, LITELLM)
    assert workspace.keys_csv.read_text().splitlines() == [
        "key,alias,note", f'{pseudonym(workspace, HASHED)},"support, chat",keys.json',
    ]  # fmt: skip
    assert "1 keys named" in said
    assert "1 have none in keys.json" in said
    assert HASHED not in workspace.keys_csv.read_text()
    (row,) = KEY_ALIASES.read(workspace.keys_csv, salt=workspace.salt_file.read_text().strip())
    assert pseudonym(workspace, HASHED) in row.names


def test_openrouters_list_is_read_too_and_what_is_there_stays(workspace: Workspace) -> None:
    imported(workspace, OPENROUTER)
    own = workspace.keys_csv.read_text()
    assert own.endswith(",=cmd|'x'!A0,keys.json\n")
    renamed = {"data": [OPENROUTER["data"][0] | {"name": "another"}]}
    assert "0 keys named" in imported(workspace, renamed)
    assert workspace.keys_csv.read_text() == own


def test_a_name_that_people_gave_a_hash_stays(workspace: Workspace) -> None:
    workspace.keys_csv.write_text(f"key;alias;note\n{HASHED};our own;")
    assert "0 keys named in" in imported(workspace, LITELLM)
    imported(workspace, OPENROUTER)
    last = workspace.keys_csv.read_text().splitlines()[-1]
    assert last.endswith(";=cmd|'x'!A0;keys.json")


def test_a_file_without_keys_is_refused_with_what_it_needs(workspace: Workspace) -> None:
    said = imported(workspace, {"keys": ["sk-1234"]}, code=2)
    assert "keys[].token with key_alias or data[].hash with name" in " ".join(said.split())


def test_two_names_of_one_key_are_refused(workspace: Workspace) -> None:
    workspace.keys_csv.write_text("key,alias,note\nabc,one,\nabc,two,\n")
    said = imported(workspace, LITELLM, code=2)
    assert "line 2 names it too: keep one" in " ".join(said.split())
