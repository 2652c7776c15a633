"""`outlay init`: a workspace that works at once, made from the templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.errors import OutlayError
from ingest.files import make_folder, replace_file
from pipelines.workspace.paths import Workspace
from pipelines.workspace.secret_files import new_salt, write_secret
from pipelines.workspace.setting_docs import comment, default

TEMPLATES = Path(__file__).parent / "templates"
_SOURCES = ("litellm", "openai", "anthropic", "focus", "outcomes")
_FOLDERS = ("config/sources", "commentary", "inbox", "statements", "exports", ".outlay")
_FRESHNESS = {"openai": 7, "anthropic": 7, "focus": 35}


class WorkspaceError(OutlayError):
    """A folder is not a workspace, or cannot become one."""


def init_workspace(
    folder: Path,
    *,
    company: str | None = None,
    reporting_timezone: str = "UTC",
    with_sources: bool = True,
    freshness_days: Mapping[str, int] | None = None,
    settings: Mapping[str, str] | None = None,
) -> list[Path]:
    """Make a workspace that works at once, or restore what one has lost.

    Files of an existing workspace are never overwritten; deleted source settings stay deleted.

    Args:
        folder: where; may exist when it is empty or a workspace.
        company: name for the pages; the folder's name when None.
        reporting_timezone: IANA name of the reporting calendar's zone.
        with_sources: write settings of the usual sources too.
        freshness_days: days that each source may lag.
        settings: by dotted key, as TOML, what is not to be the default.

    Returns:
        The files that were written.

    Raises:
        WorkspaceError: the folder has files but no `outlay.toml`, or is a file.
    """
    workspace = Workspace(folder.resolve())
    is_new = not workspace.settings_file.exists()
    if workspace.root.exists() and not workspace.root.is_dir():
        raise WorkspaceError(f"{folder} is a file; name a folder")
    if is_new and workspace.root.is_dir() and any(workspace.root.iterdir()):
        raise WorkspaceError(
            f"{folder} holds other files and is no workspace; name an empty or a new folder"
        )
    for name in _FOLDERS:
        make_folder(workspace.root / name)
    limits = _FRESHNESS if freshness_days is None else freshness_days
    values = {
        "company": company or workspace.root.name,
        "company_toml": json.dumps(company or workspace.root.name, ensure_ascii=False),
        "reporting_timezone": reporting_timezone,
        "freshness": "\n".join(f"{name} = {days}" for name, days in limits.items()),
    }
    written = _write_templates(workspace, values, settings or {}, with_sources and is_new)
    if not workspace.salt_file.exists():
        write_secret(workspace.salt_file, new_salt())
        written.append(workspace.salt_file)
    return written


def _write_templates(
    workspace: Workspace,
    values: Mapping[str, str],
    settings: Mapping[str, str],
    with_sources: bool,
) -> list[Path]:
    """Render each template whose file is missing."""
    # slow: some of these tables know the price book
    from ingest.warehouse.reference_tables import REFERENCE_TABLES

    targets = {
        "outlay.toml": workspace.settings_file,
        "gitignore.j2": workspace.root / ".gitignore",
        "README.j2": workspace.root / "README.md",
    }
    if with_sources:
        for name in _SOURCES:
            targets[f"sources/{name}.toml"] = workspace.sources_dir / f"{name}.toml"
            make_folder(workspace.lake.inbox / name)
        targets["sources/example-mapped.toml"] = (
            workspace.sources_dir / "example-mapped.toml.example"
        )
    # TOML, CSV and Markdown: nothing here is shown by a browser
    jinja = Environment(  # noqa: S701
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    contents = {
        target: jinja.get_template(template).render(
            values,
            tables=REFERENCE_TABLES,
            comment=comment,
            default=lambda key: settings.get(key) or default(key),
        )
        for template, target in targets.items()
    } | {workspace.root / table.file: table.template for table in REFERENCE_TABLES}
    written = [target for target in contents if not target.exists()]
    for target in written:
        replace_file(target, contents[target].encode())
    return written
