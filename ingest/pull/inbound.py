"""Whatever brings files into an inbox folder by itself, seen as one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from ingest.pull.api_source import ApiSource
from ingest.pull.client import Waiting
from ingest.pull.objects.source import ObjectSource
from ingest.pull.objects.stores import remote_settings
from ingest.pull.plan import KeyOf, Progress, PullPlan, PullReport, Span
from ingest.pull.settings import pull_settings
from ingest.pull.tables.source import TableSource, table_settings
from ingest.records.format import SourceConfig

TABLES = frozenset({"pull", "remote"})
"""Tables of a source's settings that say how its files come, not what is read in them."""


class Puller(Protocol):
    """Something to pull from."""

    def pull_plans(self, today: date, span: Span | None = None) -> list[PullPlan]:
        """What a pull would ask for, without asking."""

    def pull(
        self, key_of: KeyOf, waiting: Waiting, progress: Progress | None, span: Span | None
    ) -> PullReport:
        """Bring what is new; failures are reported, not raised."""


_WAYS: tuple[
    tuple[Callable[[SourceConfig], Any], Callable[[SourceConfig, Any, Path, Path], Puller], str],
    ...,
] = (
    (pull_settings, ApiSource, ""),
    (table_settings, TableSource, "tables"),
    (remote_settings, ObjectSource, "objects"),
)
"""Settings of a way that files come, None where they do not; its puller; its state's folder."""


def is_pulled(config: SourceConfig) -> bool:
    """Whether a source's files come by themselves."""
    return bool(TABLES & config.options.keys())


def check_settings(config: SourceConfig) -> None:
    """Refuse wrong tables before anything is asked.

    Raises:
        ConfigError: names the settings file, the key and the cure.
    """
    for settings_of, _, _ in _WAYS:
        settings_of(config)


def pullers(config: SourceConfig, inbox: Path, state: Path) -> Iterator[Puller]:
    """What a source is pulled from.

    Args:
        config: the source.
        inbox: folder of all inbox folders.
        state: folder where it is remembered what was pulled.

    Raises:
        ConfigError: the settings are wrong.
    """
    for settings_of, puller, place in _WAYS:
        if settings := settings_of(config):
            yield puller(
                config, settings, inbox / config.name, state / place / f"{config.name}.json"
            )


def pull_source(
    config: SourceConfig,
    inbox: Path,
    state: Path,
    key_of: KeyOf,
    *,
    waiting: Waiting | None = None,
    progress: Progress | None = None,
    span: Span | None = None,
) -> PullReport:
    """Bring what is new of one source into its inbox folder.

    The caller holds the workspace's lock.

    Args:
        config: the source.
        inbox: folder of all inbox folders.
        state: folder where it is remembered what was pulled.
        key_of: gives the key that an environment variable holds.
        waiting: what time is and how it passes.
        progress: told after every file asked for.
        span: days to ask for instead of those that are due.

    Raises:
        ConfigError: the settings are wrong. What fails otherwise is reported, and what was
            complete before is kept.
    """
    report = PullReport(config.name)
    for puller in pullers(config, inbox, state):
        report.add(puller.pull(key_of, waiting or Waiting(), progress, span))
    return report
