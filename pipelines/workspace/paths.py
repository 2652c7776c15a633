"""Paths of a workspace: the folder that holds one user's data.

Nothing of a workspace lies in the repository, and nothing of the repository in a workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.errors import ConfigError
from ingest.lake.catalog import LakePaths


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
    def fx_rates_csv(self) -> Path:
        """The user's exchange rates."""
        return self.config / "fx_rates.csv"

    @property
    def keys_csv(self) -> Path:
        """What people call the keys that logs know by a hash."""
        return self.config / "keys.csv"

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
    def guardrails(self) -> Path:
        """The small published database of a guardrail run, replaced as a whole, never locked."""
        return self.root / "guardrails.duckdb"

    @property
    def guardrail_warehouse(self) -> Path:
        """The database of guardrail runs, alone in its folder; can be deleted."""
        return self.state / "guardrails" / "warehouse.duckdb"

    @property
    def site(self) -> Path:
        """The rendered pages."""
        return self.root / "site"

    @property
    def commentary(self) -> Path:
        """What people say of months, `2026-09.md` of September 2026; shown on the pages."""
        return self.root / "commentary"

    @property
    def exports(self) -> Path:
        """Files written for others to take away."""
        return self.root / "exports"

    @property
    def state(self) -> Path:
        """The pipeline's memory: salt, lock, run history, Dagster and dbt files."""
        return self.root / ".outlay"

    @property
    def told_alerts(self) -> Path:
        """Which open alerts were told to which channel."""
        return self.state / "alerts.json"

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
