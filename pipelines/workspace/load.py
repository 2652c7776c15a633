"""Loading a workspace: its settings and those of its sources."""

from __future__ import annotations

from ingest.files import make_folder
from ingest.records.format import SourceConfig
from ingest.sources import load_sources
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings, load_settings


def load_workspace(workspace: Workspace) -> tuple[Settings, list[SourceConfig]]:
    """The settings of a workspace and of its sources.

    Raises:
        ConfigError: names the file and the key that is wrong.
    """
    settings = load_settings(workspace.settings_file, workspace.salt_file)
    salt = settings.salt.get_secret_value()
    make_folder(workspace.lake.inbox)
    return settings, load_sources(workspace.sources_dir, workspace.lake.inbox, salt)
