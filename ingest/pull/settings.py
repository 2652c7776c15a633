"""The `[pull]` table of a source's settings, checked: what is asked, of whom, with which key.

The key itself is never here: `key_env` names the environment variable that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from ingest.errors import ConfigError, nearest
from ingest.pull.api import Api, Report
from ingest.pull.apis import anthropic, openai, openrouter
from ingest.records.format import SourceConfig

APIS: Mapping[str, Api] = {api.name: api for api in (openai.API, anthropic.API, openrouter.API)}
"""The APIs that can be pulled from, by the format that reads their pages."""

TABLES = frozenset({"litellm_spendlogs"})
"""Formats of rows that are pulled from a table of a database, not from an API."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

_FAULTS = {
    "extra_forbidden": "is not a setting of this table; correct its spelling or remove it",
    "missing": "is missing",
}


def _is_a_variable(name: str) -> str:
    # whoever writes the secret itself here must not find it in an error
    if not _VARIABLE.fullmatch(name):
        raise ValueError(
            "must be the name of an environment variable, in capital letters; what that holds, a"
            " key or an address with its password, does not belong into a file"
        )
    return name


VariableName = Annotated[str, AfterValidator(_is_a_variable)]
"""How a setting names the environment variable that holds a secret."""


class Table(BaseModel):
    """A table of a source's settings: nothing but what is known may stand in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PullSettings(Table):
    """What `[pull]` may say; None leaves the choice to the report."""

    reports: Annotated[list[str], Field(min_length=1)] | None = None
    group_by: dict[str, list[str]] = {}
    start: date | None = None
    lookback_days: Annotated[int, Field(ge=0, le=90)] | None = None
    key_env: VariableName | None = None
    base_url: str | None = None
    organization: str | None = None
    api_key_hashes: Annotated[list[str], Field(min_length=1)] | None = None

    @field_validator("base_url")
    @classmethod
    def _keeps_the_key_secret(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("must start with https://, or the key could be read on its way")
        return url.rstrip("/")


def checked(model: type[Table], config: SourceConfig, table: str) -> Any:
    """A table of a source's settings as `model`; None when the settings have no such table.

    Raises:
        ConfigError: names the settings file, the key and the cure, and quotes no value.
    """
    if table not in config.options:
        return None
    try:
        return model.model_validate(config.options[table])
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        key = ".".join([table, *(str(part) for part in fault["loc"])])
        reason = _FAULTS.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            reason += nearest(str(fault["loc"][-1]), model.model_fields)
        raise ConfigError(str(config.path), key, reason) from None


def pull_settings(config: SourceConfig) -> PullSettings | None:
    """The `[pull]` table of a source that has an API; None when it is fed otherwise.

    Raises:
        ConfigError: the table is wrong.
    """
    if config.format in TABLES:
        return None
    settings: PullSettings | None = checked(PullSettings, config, "pull")
    if settings is None:
        return None
    if config.format not in APIS:
        raise ConfigError(
            str(config.path),
            "pull",
            f"there is no API for the format {config.format}, only for {', '.join(APIS)}; remove"
            " this table, or fetch files of an object store with [remote]",
        )
    api = APIS[config.format]
    reports = reports_of(config, settings)
    for name, groups in settings.group_by.items():
        _check_groups(config, api, name, groups)
    if settings.api_key_hashes and not api.key_filter:
        raise ConfigError(
            str(config.path),
            "pull.api_key_hashes",
            f"{api.title} groups by key already; remove this setting",
        )
    if len({report.key_env for report in reports}) > 1:
        raise ConfigError(
            str(config.path),
            "pull.reports",
            "these reports need keys of different kinds; make a source of its own for "
            + ", ".join(r.name for r in reports if r.key_env != reports[0].key_env),
        )
    return settings


def reports_of(config: SourceConfig, settings: PullSettings) -> list[Report]:
    """The reports that a source asks for.

    Raises:
        ConfigError: a name is unknown.
    """
    known = APIS[config.format].reports
    if settings.reports is None:
        return [report for report in known.values() if report.is_default]
    for name in settings.reports:
        if name not in known:
            raise ConfigError(
                str(config.path), "pull.reports", f"{name!r} is none of {', '.join(known)}"
            )
    return [known[name] for name in dict.fromkeys(settings.reports)]


def _check_groups(config: SourceConfig, api: Api, name: str, groups: list[str]) -> None:
    if name not in api.reports:
        raise ConfigError(
            str(config.path), "pull.group_by", f"{name!r} is none of {', '.join(api.reports)}"
        )
    known = api.reports[name].group_by
    if unknown := [group for group in groups if group not in known]:
        raise ConfigError(
            str(config.path),
            f"pull.group_by.{name}",
            f"{unknown[0]!r} is none of {', '.join(known) or 'nothing: it has no groups'}",
        )
