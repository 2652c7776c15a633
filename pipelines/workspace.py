"""A workspace: the folder that holds one user's data, and `outlay init`, which makes it.

Nothing of a workspace lies in the repository, and nothing of the repository in a workspace.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.catalog import LakePaths
from ingest.errors import ConfigError, OutlayError

TEMPLATES = Path(__file__).parent / "templates"
_SOURCES = ("litellm", "openai", "anthropic", "focus", "outcomes")
_FOLDERS = ("config/sources", "inbox", "statements", "exports", ".outlay")
_FRESHNESS = {"openai": 7, "anthropic": 7, "focus": 35}


class WorkspaceError(OutlayError):
    """A folder is not a workspace, or cannot become one."""


@dataclass(frozen=True)
class Workspace:
    """Where everything of one workspace lies.

    Attributes:
        root: absolute path of the folder that holds `outlay.toml`.
    """

    root: Path

    @property
    def settings_file(self) -> Path:
        """The user's settings."""
        return self.root / "outlay.toml"

    @property
    def config(self) -> Path:
        """The user's own facts: sources, prices, names of models."""
        return self.root / "config"

    @property
    def sources_dir(self) -> Path:
        """One settings file per inbox folder."""
        return self.config / "sources"

    @property
    def prices_csv(self) -> Path:
        """The user's own prices."""
        return self.config / "prices.csv"

    @property
    def attribution_csv(self) -> Path:
        """The user's rules of whose a call is."""
        return self.config / "attribution.csv"

    @property
    def tools_csv(self) -> Path:
        """The user's fixed prices of tools."""
        return self.config / "tools.csv"

    @property
    def fx_rates_csv(self) -> Path:
        """The user's exchange rates."""
        return self.config / "fx_rates.csv"

    @property
    def commitments_csv(self) -> Path:
        """The user's commitments to providers."""
        return self.config / "commitments.csv"

    @property
    def org_csv(self) -> Path:
        """Who belongs to whom."""
        return self.config / "org.csv"

    @property
    def allocation_csv(self) -> Path:
        """The user's rules for cost that no call caused."""
        return self.config / "allocation.csv"

    @property
    def revenue_csv(self) -> Path:
        """What tenants pay."""
        return self.config / "revenue.csv"

    @property
    def models_csv(self) -> Path:
        """What names of models mean to the user."""
        return self.config / "models.csv"

    @property
    def freezes_csv(self) -> Path:
        """When the configuration must not change."""
        return self.config / "freezes.csv"

    @property
    def lake(self) -> LakePaths:
        """Inbox and lake, as ingest knows them."""
        return LakePaths(self.root / "inbox", self.root / "lake")

    @property
    def warehouse(self) -> Path:
        """The pipeline's own database."""
        return self.root / "warehouse.duckdb"

    @property
    def showback(self) -> Path:
        """The published database, replaced as a whole, never locked."""
        return self.root / "showback.duckdb"

    @property
    def site(self) -> Path:
        """The rendered pages."""
        return self.root / "site"

    @property
    def exports(self) -> Path:
        """Files written for others to take away."""
        return self.root / "exports"

    @property
    def state(self) -> Path:
        """The pipeline's memory: salt, lock, run history, Dagster and dbt files."""
        return self.root / ".outlay"

    @property
    def closes(self) -> Path:
        """Closed months; cannot be made again from the inbox."""
        return self.state / "closes"

    @property
    def statements(self) -> Path:
        """Statements by month: drafts, and one folder for each close."""
        return self.root / "statements"

    @property
    def pulled(self) -> Path:
        """What was pulled until when, one file a source."""
        return self.state / "pulled"

    @property
    def shadows(self) -> Path:
        """What was computed with candidate configurations; can be deleted."""
        return self.state / "shadow"

    @property
    def ledger(self) -> Path:
        """Every change of the configuration; survives a deleted warehouse."""
        return self.state / "ledger"

    @property
    def books(self) -> Path:
        """The price books as they were known, one file each."""
        return self.state / "books"

    @property
    def salt_file(self) -> Path:
        """The secret that pseudonyms are made with: one salt a line, the oldest first."""
        return self.state / "salt"

    @property
    def next_salt_file(self) -> Path:
        """What takes the secret's place when a rotation that is under way has ended."""
        return self.state / "salt.next"

    @property
    def dbt(self) -> Path:
        """What dbt compiles, and its logs."""
        return self.state / "dbt"

    @property
    def parsed(self) -> Path:
        """The dbt project as it was parsed; what is missing is parsed again."""
        return self.dbt / "parsed"

    @property
    def error_log(self) -> Path:
        """The trace of the last error that nobody foresaw."""
        return self.state / "error.log"

    @property
    def dagster_home(self) -> Path:
        """Dagster's storage."""
        return self.state / "dagster"

    def inbox_is_empty(self) -> bool:
        """Whether no file waits in any inbox folder; hidden files do not count."""
        files = (path for path in self.lake.inbox.rglob("*") if path.is_file())
        return not any(
            not any(part.startswith(".") for part in path.relative_to(self.lake.inbox).parts)
            for path in files
        )


def find_workspace(start: Path) -> Workspace:
    """The workspace at `start` or at its nearest parent that has an `outlay.toml`.

    Raises:
        ConfigError: there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "outlay.toml").is_file():
            return Workspace(folder)
    raise ConfigError(
        str(start / "outlay.toml"),
        "file",
        "this is no workspace: go to one, name it with --workspace DIR, or make one with"
        " `outlay init DIR`",
    )


def init_workspace(
    folder: Path,
    *,
    company: str | None = None,
    reporting_timezone: str = "UTC",
    with_sources: bool = True,
    freshness_days: Mapping[str, int] | None = None,
) -> list[Path]:
    """Make a workspace that works at once, or restore what one has lost.

    Files of an existing workspace are never overwritten; deleted source settings stay deleted.

    Args:
        folder: where; may exist when it is empty or a workspace.
        company: name for the pages; the folder's name when None.
        reporting_timezone: IANA name of the reporting calendar's zone.
        with_sources: write settings of the usual sources too.
        freshness_days: days that each source may lag.

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
        (workspace.root / name).mkdir(parents=True, exist_ok=True)
    limits = _FRESHNESS if freshness_days is None else freshness_days
    values = {
        "company": company or workspace.root.name,
        "company_toml": json.dumps(company or workspace.root.name, ensure_ascii=False),
        "reporting_timezone": reporting_timezone,
        "freshness": "\n".join(f"{name} = {days}" for name, days in limits.items()),
    }
    written = _write_templates(workspace, values, with_sources and is_new)
    if not workspace.salt_file.exists():
        write_secret(workspace.salt_file, new_salt())
        written.append(workspace.salt_file)
    return written


def new_salt() -> str:
    """A salt that nobody can guess."""
    return secrets.token_hex(32)


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner can read, safe on disk when this returns."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    with file.open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _write_templates(
    workspace: Workspace, values: Mapping[str, str], with_sources: bool
) -> list[Path]:
    """Render each template whose file is missing."""
    targets = {
        "outlay.toml": workspace.settings_file,
        "prices.csv": workspace.prices_csv,
        "tools.csv": workspace.tools_csv,
        "fx_rates.csv": workspace.fx_rates_csv,
        "commitments.csv": workspace.commitments_csv,
        "models.csv": workspace.models_csv,
        "attribution.csv": workspace.attribution_csv,
        "org.csv": workspace.org_csv,
        "allocation.csv": workspace.allocation_csv,
        "revenue.csv": workspace.revenue_csv,
        "budgets.csv": workspace.config / "budgets.csv",
        "internal_prices.csv": workspace.config / "internal_prices.csv",
        "freezes.csv": workspace.freezes_csv,
        "gitignore.j2": workspace.root / ".gitignore",
        "README.j2": workspace.root / "README.md",
    }
    if with_sources:
        for name in _SOURCES:
            targets[f"sources/{name}.toml"] = workspace.sources_dir / f"{name}.toml"
            (workspace.lake.inbox / name).mkdir(exist_ok=True)
        targets["sources/example-mapped.toml"] = (
            workspace.sources_dir / "example-mapped.toml.example"
        )
    # TOML, CSV and Markdown: nothing here is shown by a browser
    jinja = Environment(  # noqa: S701
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    written = []
    for template, target in targets.items():
        if not target.exists():
            target.write_text(jinja.get_template(template).render(values), encoding="utf-8")
            written.append(target)
    return written
