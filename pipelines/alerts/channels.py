"""Where alerts go: addresses of apprise, and files."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from ingest.errors import OutlayError, nearest
from ingest.files import append_lines
from pipelines.workspace.environment import secret_from_environment
from pipelines.workspace.paths import Workspace
from pipelines.workspace.setting_groups import Channel
from pipelines.workspace.settings import Settings


class ChannelError(OutlayError):
    """A channel took nothing; what it was to take is told with the next run."""


def channels_for(settings: Settings, owner: str | None) -> Mapping[str, Channel]:
    """The channels of an owner, by name; without own ones, those that name no owner."""
    own = {n: c for n, c in settings.alerts.items() if owner is not None and owner in c.owners}
    return own or {n: c for n, c in settings.alerts.items() if not c.owners}


def channel_named(settings: Settings, name: str) -> Channel:
    """One channel.

    Raises:
        OutlayError: there is none of that name.
    """
    if name not in settings.alerts:
        known = ", ".join(settings.alerts) or "none yet"
        hint = nearest(name, list(settings.alerts))
        raise OutlayError(f"[alerts] of outlay.toml has no channel {name}{hint}: it has {known}")
    return settings.alerts[name]


def send(workspace: Workspace, name: str, channel: Channel, title: str, text: str) -> None:
    """Give a message to a channel.

    Raises:
        ChannelError: it was not taken; names the channel and the cure. The address, which is a
            secret, is in no message.
    """
    if channel.file:
        _append(workspace.root / channel.file, title, text)
        return
    address = secret_from_environment(channel.url_env or "")
    if address is None:
        raise ChannelError(
            f"channel {name}: the environment variable {channel.url_env} is not set; put its"
            " address there, for example json://host/path or slack://..."
        )
    # slow to import, and needed on the rare run that has something to tell
    from apprise import Apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it logs addresses
    target = Apprise()
    if not target.add(address):
        raise ChannelError(
            f"channel {name}: {channel.url_env} holds no address that apprise knows; see its list"
            " of services"
        )
    if not target.notify(title=title, body=text):
        raise ChannelError(
            f"channel {name}: the service did not take the message; check {channel.url_env}, and"
            " that this machine reaches the service"
        )


def _append(file: Path, title: str, text: str) -> None:
    append_lines(file, json.dumps({"title": title, "text": text}, ensure_ascii=False) + "\n")
