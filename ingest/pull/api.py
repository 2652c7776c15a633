"""What a provider's billing API is: its reports, and how each is asked. One shape for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.pull.windows import DAY, Window

Params = Mapping[str, str | int | list[str]]
"""Parameters of a request as the page's file keeps them; a list is repeated in the address."""


@dataclass(frozen=True)
class Report:
    """One report of an API.

    Attributes:
        name: as settings spell it; also the folder of its files.
        path: of the address, after the host.
        params: the days and the dimensions to group by, as this report wants to be asked.
        group_by: every dimension that can be grouped by; all of them give the full detail.
        key_env: environment variable that holds the key by default.
        scope: what the key must be allowed to do, in words.
        lookback_days: days before today that may still change.
        days_per_call: most days of one request.
        recent_days_per_call: the same for days that may still change.
        history_days: days before today that the API still knows; None without a limit.
        earliest: first day that the API knows.
        is_complete_days_only: today is not answered for.
        is_default: asked for when the settings name no reports.
    """

    name: str
    path: str
    params: Callable[[Window, Sequence[str]], Params]
    group_by: tuple[str, ...]
    key_env: str
    scope: str
    lookback_days: int = 3
    days_per_call: int = 31
    recent_days_per_call: int = 1
    history_days: int | None = None
    earliest: date | None = None
    is_complete_days_only: bool = False
    is_default: bool = True

    def oldest(self, today: date) -> date:
        """First day that the API still knows."""
        known = today - self.history_days * DAY if self.history_days else date.min
        return max(known, self.earliest or date.min)


@dataclass(frozen=True)
class Api:
    """A provider's billing API.

    Attributes:
        name: format of the sources whose pages it gives.
        title: the provider's name.
        base_url: scheme and host.
        headers: the headers that carry the key.
        organization_header: header of answers that names the organisation.
        header_is_id: by its id, and not by a name that only looks like one.
        reports: by name.
        has_pages: answers say `has_more` and `next_page`.
        key_filter: parameter that narrows an answer to one API key; None when it can be grouped by.
    """

    name: str
    title: str
    base_url: str
    headers: Callable[[str], Mapping[str, str]]
    reports: Mapping[str, Report]
    organization_header: str | None = None
    header_is_id: bool = False
    has_pages: bool = True
    key_filter: str | None = None


def by_name(*reports: Report) -> dict[str, Report]:
    """Reports under their names, in this order."""
    return {report.name: report for report in reports}
