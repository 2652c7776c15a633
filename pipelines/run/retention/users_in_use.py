"""Users by whom figures of old months are computed: retention leaves them in their rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.reference.charging.attribution import ATTRIBUTION_RULES
from ingest.reference.guardrails.limits import EVERY, LIMITS
from pipelines.workspace.paths import Workspace
from pipelines.workspace.settings import Settings


@dataclass(frozen=True)
class UsersInUse:
    """Users that rules and limits name.

    Attributes:
        pseudonyms: what rows may hold for those that are named one by one.
        limited_until: end of the last limit that each user has; None where there is none.
    """

    pseudonyms: Collection[str]
    limited_until: date | None

    def is_everyone(self, day: date) -> bool:
        """Whether each user has a limit on some day, or later."""
        return self.limited_until is not None and day <= self.limited_until


def users_in_use(workspace: Workspace, settings: Settings) -> UsersInUse:
    """The users that rules of attribution and limits name, as rows hold them.

    Raises:
        ConfigError: a row of either file is wrong.
    """
    salt = settings.salt.get_secret_value()
    pseudonyms: set[str] = set()
    for rule in ATTRIBUTION_RULES.read(workspace.attribution_csv, salt=salt):
        for column, wanted in rule.conditions:
            if column == "user_id":
                pseudonyms.update(wanted)
    until = None
    for limit in LIMITS.read(workspace.config / Path(LIMITS.file).name, salt=salt):
        if limit.scope == "user" and limit.member == EVERY:
            until = max(until or date.min, limit.valid_to.date())
        elif limit.scope == "user":
            pseudonyms.update(limit.names)
    return UsersInUse(pseudonyms, until)
