"""Pull one source: ask for the days that are missing or may have changed, and lay the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ingest.errors import PullError
from ingest.pull.answers import is_organization_id, organizations, pages
from ingest.pull.api import Api, Params, Report
from ingest.pull.client import Answer, Client, Waiting
from ingest.pull.delivery import Delivery, clear_unfinished
from ingest.pull.plan import KeyOf, Progress, PullPlan, PullReport, Span
from ingest.pull.settings import APIS, PullSettings, reports_of
from ingest.pull.state import DownloadedFile, PullState, ReportState, load_pull_state
from ingest.pull.windows import DAY, FIRST_PULL_DAYS, Window, cut, last_settled
from ingest.records.format import SourceConfig


@dataclass(frozen=True)
class Task:
    """One report to ask for, for one key where keys are asked one by one.

    Attributes:
        name: under which it is remembered and laid.
        filter: parameters that narrow it.
    """

    name: str
    report: Report
    filter: Params


@dataclass(frozen=True)
class Planned:
    """One task's windows, oldest first and without gaps.

    Attributes:
        moves_mark: they go on from the days that are settled, so that answering them settles more.
        lost: days before the first window that the vendor does not know any more.
    """

    task: Task
    windows: list[Window]
    moves_mark: bool
    lost: Window | None = None


@dataclass(frozen=True)
class ApiSource:
    """A source that is pulled from an API.

    Attributes:
        config: its settings; they have a `[pull]` table.
        inbox: its inbox folder.
        state_file: where it is remembered what was pulled.
    """

    config: SourceConfig
    settings: PullSettings
    inbox: Path
    state_file: Path

    @property
    def api(self) -> Api:
        """The API."""
        return APIS[self.config.format]

    @property
    def key_env(self) -> str:
        """The environment variable that holds the key."""
        return self.settings.key_env or reports_of(self.config, self.settings)[0].key_env

    def plan(self, today: date, span: Span | None = None) -> list[Planned]:
        """What a pull would ask for today."""
        state = load_pull_state(self.state_file)
        return [
            self._planned(task, state.reports.get(task.name, ReportState()), today, span or Span())
            for task in self._tasks()
        ]

    def pull_plans(self, today: date, span: Span | None = None) -> list[PullPlan]:
        """What a pull would ask for today, one line a report."""
        return [
            PullPlan(
                self.config.name,
                f"{self.api.title} {plan.task.name}",
                Window(plan.windows[0].first, plan.windows[-1].last).label
                if plan.windows
                else "nothing",
                len(plan.windows),
            )
            for plan in self.plan(today, span)
        ]

    def pull(
        self,
        key_of: KeyOf,
        waiting: Waiting,
        progress: Progress | None = None,
        span: Span | None = None,
    ) -> PullReport:
        """Ask, and lay what is new; a failure is reported, and what was complete is kept."""
        report = PullReport(self.config.name)
        clear_unfinished(self.inbox)
        plans = self.plan(waiting.now().date(), span)
        report.problems += [self._lost(plan, plan.lost) for plan in plans if plan.lost]
        key = key_of(self.key_env)
        if not key:
            report.problems.append(self._no_key())
            return report
        base_url = self.settings.base_url or self.api.base_url
        with Client(self.api, base_url, key, self.key_env, waiting) as client:
            pulling = _Pulling(self, client, waiting, load_pull_state(self.state_file), report)
            pulling.all(plans, progress)
            report.requests = client.requests
        return report

    def _tasks(self) -> Iterator[Task]:
        for report in reports_of(self.config, self.settings):
            if self.api.key_filter and self.settings.api_key_hashes:
                for key_hash in self.settings.api_key_hashes:
                    yield Task(
                        f"{report.name}/{key_hash[:16]}", report, {self.api.key_filter: key_hash}
                    )
            else:
                yield Task(report.name, report, {})

    def lookback_days(self, report: Report) -> int:
        """Days before today that may still change."""
        chosen = self.settings.lookback_days
        return report.lookback_days if chosen is None else chosen

    def params(self, task: Task, window: Window) -> Params:
        """The parameters that ask for a window."""
        groups = self.settings.group_by.get(task.report.name, task.report.group_by)
        return {**task.report.params(window, groups), **task.filter}

    def stated_organization(self) -> str | None:
        """The organisation whose answers may be laid, if the settings name it."""
        account = self.config.options.get("account")
        is_id = isinstance(account, str) and is_organization_id(account)
        return self.settings.organization or (str(account) if is_id else None)

    def inbox_has(self, laid: DownloadedFile) -> bool:
        """Whether a remembered file is still in the inbox."""
        return (self.inbox / laid.file).is_file()

    def delivery(self, task: Task, window: Window, asked_at: datetime) -> Delivery:
        """A file for a window's pages."""
        return Delivery(self.inbox, task.name, window, asked_at)

    def _planned(self, task: Task, asked: ReportState, today: date, span: Span) -> Planned:
        report, settled = task.report, last_settled(today, self.lookback_days(task.report))
        newest = today - DAY if report.is_complete_days_only else today
        oldest = report.oldest(today)
        due = asked.settled + DAY if asked.settled else self._start(today, settled)
        first = span.first or due
        windows = cut(
            max(first, oldest),
            min(span.last or newest, newest),
            settled=settled,
            days_per_call=report.days_per_call,
            recent_days_per_call=report.recent_days_per_call,
        )
        is_wanted = bool(span.first or asked.settled or self.settings.start)
        lost = Window(first, oldest - DAY) if is_wanted and first < oldest else None
        return Planned(task, list(windows), first <= due, lost)

    def _start(self, today: date, settled: date) -> date:
        """First day of a first pull; with at least one settled day, from which the next goes on."""
        return self.settings.start or min(today - FIRST_PULL_DAYS * DAY, settled)

    def _lost(self, plan: Planned, days: Window) -> PullError:
        return PullError(
            f"{self.api.title} {plan.task.name}: {days.label} cannot be asked for any more; what it"
            f" knows begins at {days.last + DAY}",
            f"drop an export of these days into inbox/{self.config.name}/, and pull more often"
            " than the vendor forgets",
        )

    def _no_key(self) -> PullError:
        scope = reports_of(self.config, self.settings)[0].scope
        return PullError(
            f"the environment variable {self.key_env} is not set",
            f"set it to {scope} where Outlay runs, or name another variable in pull.key_env of"
            f" {self.config.path}",
        )


@dataclass
class _Pulling:
    """One pull under way."""

    source: ApiSource
    client: Client
    waiting: Waiting
    state: PullState
    report: PullReport

    def all(self, plans: list[Planned], progress: Progress | None) -> None:
        """Every task; one that fails does not stop the others, unless asking on is in vain."""
        todo, done = sum(len(plan.windows) for plan in plans), 0
        for plan in plans:
            for window in plan.windows:
                try:
                    self._window(plan, window)
                except PullError as error:
                    self.report.problems.append(error)
                    if error.ends_source:
                        return
                    break
                done += 1
                if progress:
                    progress(self.source.config.name, done, todo)

    def _window(self, plan: Planned, window: Window) -> None:
        """Ask for one window and lay it, unless it says what its last file says."""
        task, asked_at = plan.task, self.waiting.now()
        asked = self.state.reports.setdefault(task.name, ReportState())
        with self.source.delivery(task, window, asked_at) as file:
            params = self.source.params(task, window)
            for request, answer in pages(self.client, self.source.api, task.report, params):
                self._require_ours(answer)
                file.add(task.report.path, request, answer)
            before = asked.laid.get(window.label)
            if before and before.digest == file.digest and self.source.inbox_has(before):
                self.report.unchanged += 1
            else:
                file.finish()
                self.report.files_new += 1
                asked.laid[window.label] = DownloadedFile(file.file, file.digest)
        if plan.moves_mark:
            lookback = self.source.lookback_days(task.report)
            asked.settle(window, last_settled(asked_at.date(), lookback))
        self.state.save()

    def _require_ours(self, answer: Answer) -> None:
        """Refuse a page of another organisation than the one that was pulled before.

        Raises:
            PullError: it names another one.
        """
        known = self.state.organization
        stated = self.source.stated_organization()
        for kind, name in organizations(self.source.api, answer):
            expected = stated if kind == "id" and stated else known.setdefault(kind, name)
            if name != expected:
                raise PullError(
                    f"{self.source.api.title}: the key in {self.source.key_env} belongs to"
                    f" organization {name}, not to {expected} as before",
                    "give this organization a source of its own; if it is the same under another"
                    f" name, remove {self.state.path}",
                    ends_source=True,
                )
