"""What people call the keys that the warehouse knows by a pseudonym (`config/keys.csv`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from dashboards.kit.reports import Reports

_NAMES: ContextVar[Mapping[str, str]] = ContextVar("names of keys", default={})  # noqa: B039


@contextmanager
def keys_named(reports: Reports) -> Iterator[None]:
    """Whatever is formatted meanwhile shows keys by their names."""
    rows = reports.rows(
        "select distinct member, member_name from reports.rpt_spend_by_member"
        " where dimension = 'key' and period_grain = 'month' and member <> member_name"
    )
    before = _NAMES.set({row["member"]: row["member_name"] for row in rows})
    try:
        yield
    finally:
        _NAMES.reset(before)


def key_name(key: object) -> object:
    """A key by its name, where it has one."""
    return _NAMES.get().get(str(key), key)
