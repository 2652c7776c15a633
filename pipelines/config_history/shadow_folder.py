"""Where a shadow lies, and what it keeps of itself: a workspace beside the real one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import OutlayError
from pipelines.workspace.paths import Workspace

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_RECORD = "shadow.json"


@dataclass(frozen=True)
class Shadow(Workspace):
    """A workspace beside the real one: its lake and sources, another configuration and warehouse.

    Attributes:
        name: as the user calls it.
    """

    name: str

    @property
    def folder(self) -> Path:
        """Everything of the shadow."""
        return self.shadows / self.name

    @property
    def config(self) -> Path:
        """The workspace's facts, with the candidate's in their place."""
        return self.folder / "config"

    @property
    def sources_dir(self) -> Path:
        """Those of the workspace: what was read stays as it was read."""
        return self.root / "config" / "sources"

    @property
    def settings_file(self) -> Path:
        """The candidate's settings, else a copy of the workspace's."""
        return self.folder / "outlay.toml"

    @property
    def warehouse(self) -> Path:
        """The shadow's own database."""
        return self.folder / "warehouse.duckdb"

    @property
    def dbt(self) -> Path:
        """Apart, so that neither build makes the other parse everything again."""
        return self.folder / "dbt"


@dataclass(frozen=True)
class ShadowRecord:
    """What a finished shadow was built of.

    Attributes:
        files: names of the candidate's files.
        compared_with: versions of the workspace's configuration then, by file or package.
    """

    files: tuple[str, ...]
    compared_with: Mapping[str, str]


def shadow_of(workspace: Workspace, name: str) -> Shadow:
    """The shadow of that name, built or not.

    Raises:
        OutlayError: the name cannot be one.
    """
    if not _NAME.fullmatch(name):
        raise OutlayError(
            f"{name!r} is no name of a shadow: use lower-case letters, digits, dots, dashes,"
            " underscores"
        )
    return Shadow(workspace.root, name)


def place(workspace: Workspace, name: str) -> Path:
    """Where a file of a candidate belongs."""
    return workspace.settings_file if name == "outlay.toml" else workspace.config / name


def finish(shadow: Shadow, files: Iterable[str], compared_with: Mapping[str, str]) -> None:
    """Mark a shadow as complete: only then can it be promoted."""
    record = {"files": sorted(files), "compared_with": dict(compared_with)}
    (shadow.folder / _RECORD).write_text(json.dumps(record), encoding="utf-8")


def record_of(shadow: Shadow) -> ShadowRecord:
    """What a finished shadow was built of.

    Raises:
        OutlayError: there is no finished shadow of that name.
    """
    try:
        record = json.loads((shadow.folder / _RECORD).read_text(encoding="utf-8"))
        return ShadowRecord(tuple(record["files"]), record["compared_with"])
    except (OSError, ValueError, KeyError) as error:
        raise OutlayError(
            f"there is no finished shadow {shadow.name!r}{_finished(shadow)}: `outlay shadow"
            f" {shadow.name} --config DIR` makes one"
        ) from error


def _finished(shadow: Shadow) -> str:
    """The shadows that can be promoted instead, in words."""
    names = sorted(path.parent.name for path in shadow.shadows.glob(f"*/{_RECORD}"))
    return f", only {', '.join(map(repr, names))}" if names else ""
