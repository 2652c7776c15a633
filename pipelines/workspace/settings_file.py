"""`outlay.toml` as values, and what it still says that an earlier version read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.errors import ConfigError

RETIRED = {
    ("thresholds", "burn_rate_ratio"): "thresholds.incident_floor_usd",
    ("thresholds", "burn_rate_floor_usd"): "thresholds.incident_floor_usd",
}
"""Settings that `outlay init` once wrote, and what took their place.

They are read past: a scheduled run does not end because Outlay was upgraded.
"""


def read_values(file: Path) -> dict[str, Any]:
    """The values of the file by key and section, without those of retired settings.

    Raises:
        ConfigError: the file cannot be read, or is no TOML.
    """
    values = _read_toml(file)
    for section, name in _retired(values):
        del values[section][name]
    return values


def retired_settings(file: Path) -> list[str]:
    """What the file says and nobody reads any more: a sentence each, with its cure.

    Raises:
        ConfigError: as `read_values`.
    """
    return [
        f"{file}: {'.'.join(key)} is read no longer, {RETIRED[key]} took its place; remove the line"
        for key in _retired(_read_toml(file))
    ]


def _retired(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Section and name of what is stated and retired."""
    return [
        (section, name)
        for section, name in RETIRED
        if isinstance(inside := values.get(section), dict) and name in inside
    ]


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise ConfigError(str(file), "file", f"cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(file), "TOML", str(error)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), "file", "is not UTF-8; save it as UTF-8") from error
