"""Pull one source from a table of a PostgreSQL database: copy the rows that are new.

Rows of a gateway's log are written once, when a call ends, and never changed. So only rows that the
database wrote after the newest one that is here are copied, of calls that began in the last days:
the table's index is on when a call began, so that asking does not grow with the table. Texts of
prompts and answers are not asked for.
"""

from __future__ import annotations

import filecmp
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ingest.errors import PullError
from ingest.pull.client import Waiting
from ingest.pull.delivery import FOLDER, HiddenFile, clear_unfinished
from ingest.pull.plan import KeyOf, Progress, PullPlan, PullReport, Span
from ingest.pull.settings import TABLES, Table, VariableName, checked
from ingest.pull.state import load_state, save_state
from ingest.pull.windows import DAY, FIRST_PULL_DAYS, Window
from ingest.records.file_bytes import open_bytes
from ingest.records.format import SourceConfig

if TYPE_CHECKING:
    from ingest.pull.tables.postgres import Rows, Wanted

OVERLAP = timedelta(minutes=10)
"""Rows written so long before the newest one are copied again: a transaction may end after one that
began later, and servers' clocks differ. LiteLLM writes its rows in batches every few seconds."""


class TableSettings(Table):
    """What `[pull]` may say where rows come from a database."""

    dsn_env: VariableName = "LITELLM_DATABASE_URL"
    table: Annotated[str, Field(pattern=r"^[^/]+$")] = "LiteLLM_SpendLogs"
    start: date | None = None
    lookback_days: Annotated[int, Field(ge=0, le=90)] = 3


@dataclass(frozen=True)
class TableSource:
    """A source that is copied from a table.

    Attributes:
        config: its settings; they have a `[pull]` table.
        inbox: its inbox folder.
        state_file: where it is remembered what was copied.
    """

    config: SourceConfig
    settings: TableSettings
    inbox: Path
    state_file: Path

    def pull_plans(self, today: date, span: Span | None = None) -> list[PullPlan]:
        """The days whose rows a pull would ask for today."""
        days = self._days(today, span or Span())
        return [PullPlan(self.config.name, self.settings.table, days.label, days.days)]

    def pull(
        self,
        key_of: KeyOf,
        waiting: Waiting,
        progress: Progress | None = None,
        span: Span | None = None,
    ) -> PullReport:
        """Copy the rows that are due; a failure is reported, and days copied before it are kept."""
        from ingest.pull.tables.postgres import rows_of

        report = PullReport(self.config.name)
        clear_unfinished(self.inbox)
        variable = self.settings.dsn_env
        address = key_of(variable)
        if not address:
            report.problems.append(self._no_address())
            return report
        is_usual = span is None or span == Span()
        days = self._days(waiting.now().date(), span or Span())
        try:
            with rows_of(address, self._wanted(), variable, waiting.timeout_seconds) as rows:
                newest = rows.newest(days)
                self._copy_days(rows, days, self._newest() if is_usual else None, report, progress)
            if newest and is_usual:
                self._remember(newest)
        except PullError as error:
            report.problems.append(error)
        return report

    def _wanted(self) -> Wanted:
        from ingest.pull.tables.spend_logs import WANTED

        return replace(WANTED, table=self.settings.table)

    def _days(self, today: date, span: Span) -> Window:
        """Days that are asked for."""
        newest = self._newest()
        usual = self.settings.start or today - FIRST_PULL_DAYS * DAY
        if newest:
            usual = newest.date() - self.settings.lookback_days * DAY
        first = span.first or usual
        return Window(first, max(first, span.last or today))

    def _newest(self) -> datetime | None:
        """When the newest row that is here was written; None when nobody remembers."""
        try:
            return datetime.fromisoformat(load_state(self.state_file)["newest"])
        except (KeyError, TypeError, ValueError):
            return None

    def _remember(self, newest: datetime) -> None:
        known = self._newest()
        if not known or newest > known:
            save_state(self.state_file, {"newest": newest.isoformat()})

    def _copy_days(
        self,
        rows: Rows,
        days: Window,
        newest: datetime | None,
        report: PullReport,
        progress: Progress | None,
    ) -> None:
        """Copy day by day: what was written since, or whole days where nothing tells that."""
        since = newest - OVERLAP if newest and rows.tell_when_written else None
        for number in range(days.days):
            self._copy_day(rows, days.first + number * DAY, since, report)
            if progress:
                progress(self.config.name, number + 1, days.days)

    def _copy_day(self, rows: Rows, day: date, since: datetime | None, report: PullReport) -> None:
        """Copy one day; its file has the same name whenever the same is asked."""
        part = f"_after_{since:%Y%m%dT%H%M%S%f}" if since else ""
        name = f"{FOLDER}/{self.settings.table}/{day:%Y-%m}/{day}{part}.csv.gz"
        report.requests += 1
        with HiddenFile(self.inbox, name) as file:
            found = rows.copy(day, since, file.write)
            file.end()
            if not found:
                return
            if file.target.exists() and filecmp.cmp(file.hidden, file.target, shallow=False):
                report.unchanged += 1
            elif _lines(file.hidden) < _lines(file.target):
                report.notes.append(f"{day}: the table has fewer rows than before; all are kept")
            else:
                file.show()
                report.files_new += 1

    def _no_address(self) -> PullError:
        return PullError(
            f"the environment variable {self.settings.dsn_env} is not set",
            "set it to postgresql://user:password@host:port/database of LiteLLM's database (a user"
            " that may only read is enough), or name another variable in pull.dsn_env of"
            f" {self.config.path}",
        )


def _lines(file: Path) -> int:
    """Lines of a gzipped file; 0 when there is none."""
    if not file.exists():
        return 0
    with open_bytes(file) as lines:
        return sum(1 for _ in lines)


def table_settings(config: SourceConfig) -> TableSettings | None:
    """The `[pull]` table of a source whose rows are in a database; None when it has none.

    Raises:
        ConfigError: the table is wrong.
    """
    if config.format not in TABLES:
        return None
    found: TableSettings | None = checked(TableSettings, config, "pull")
    return found
