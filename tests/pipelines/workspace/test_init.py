"""`outlay init`: the folder it makes works at once, and nothing of the user's is overwritten."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.gateways.mapped import compile_source
from ingest.records.format import SourceConfig
from ingest.sources import load_sources
from pipelines.workspace.init import WorkspaceError, init_workspace
from pipelines.workspace.paths import Workspace, find_workspace
from pipelines.workspace.settings import load_settings


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init_workspace(tmp_path / "acme", company='Acme "Rocket" \\ Söhne')
    return Workspace(tmp_path / "acme")


def test_a_new_workspace_has_settings_sources_inbox_and_salt(workspace: Workspace) -> None:
    settings = load_settings(workspace.settings_file, workspace.salt_file)
    assert settings.company == 'Acme "Rocket" \\ Söhne'
    assert len(settings.salt.get_secret_value()) == 64
    sources = load_sources(workspace.sources_dir, workspace.lake.inbox, "salt")
    assert [s.name for s in sources] == ["anthropic", "focus", "litellm", "openai", "outcomes"]
    assert all((workspace.lake.inbox / s.name).is_dir() for s in sources)
    assert workspace.inbox_is_empty()


def test_the_salt_is_readable_by_its_owner_only_and_never_shown(workspace: Workspace) -> None:
    assert workspace.salt_file.stat().st_mode & 0o077 == 0
    settings = load_settings(workspace.settings_file, workspace.salt_file)
    assert workspace.salt_file.read_text().strip() not in repr(settings)


@pytest.mark.parametrize("name", ["outcomes.toml", "example-mapped.toml.example"])
def test_the_example_mappings_compile(workspace: Workspace, name: str) -> None:
    path = workspace.sources_dir / name
    options = tomllib.loads(path.read_text())
    source = compile_source(SourceConfig("x", options["format"], path, options, "s"))
    assert set(source.expressions) <= set(source.table.column_names)


def test_the_price_file_has_the_header_of_an_override(workspace: Workspace) -> None:
    (header,) = csv.reader(workspace.prices_csv.open())
    assert header[:5] == ["provider", "model", "service_tier", "token_class", "usd_per_mtok"]


def test_init_again_keeps_what_the_user_changed_and_restores_what_is_lost(
    workspace: Workspace,
) -> None:
    workspace.settings_file.write_text('company = "Mine"\n')
    (workspace.sources_dir / "focus.toml").unlink()
    (workspace.root / ".gitignore").unlink()
    salt = workspace.salt_file.read_text()
    assert init_workspace(workspace.root) == [workspace.root / ".gitignore"]
    assert workspace.settings_file.read_text() == 'company = "Mine"\n'
    assert workspace.salt_file.read_text() == salt
    assert not (workspace.sources_dir / "focus.toml").exists()


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(WorkspaceError, match="holds other files and is no workspace"):
        init_workspace(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_workspace_is_found_from_any_folder_inside_it(workspace: Workspace) -> None:
    assert find_workspace(workspace.lake.inbox / "litellm") == workspace


def test_outside_a_workspace_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="outlay init DIR"):
        find_workspace(tmp_path)


def test_hidden_files_do_not_count_as_deliveries(workspace: Workspace) -> None:
    (workspace.lake.inbox / "litellm" / ".gitkeep").touch()
    assert workspace.inbox_is_empty()
    (workspace.lake.inbox / "litellm" / "a.jsonl").touch()
    assert not workspace.inbox_is_empty()
