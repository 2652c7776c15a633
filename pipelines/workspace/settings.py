"""A workspace's settings: `outlay.toml`, overridden by `OUTLAY_*` environment variables.

This is the only module that reads environment variables. Every number's evidence and bounds stand
beside it in the template of `outlay.toml`; the bounds are enforced here.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ingest.errors import ConfigError
from ingest.mapping.outcomes import EVALUATORS
from ingest.reference.fx_rates import MAX_AGE_DAYS, NATIONAL

Share = Annotated[Decimal, Field(ge=0, le=1)]

_PREFIX = "OUTLAY_"
_ERROR_KINDS = {
    "extra_forbidden": "is not a setting of Outlay; correct its spelling or remove it",
    "missing": "is missing; write it as in the file that `outlay init` makes",
}


class Thresholds(BaseModel):
    """Where a check turns red."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unpriced_share: Share = Decimal("0.05")
    tie_out_gap: Share = Decimal("0.10")
    quarantine_share: Share = Decimal("0.01")
    burn_rate_ratio: Annotated[Decimal, Field(ge=1, le=100)] = Decimal("1.8")
    burn_rate_floor_usd: Annotated[Decimal, Field(ge=0)] = Decimal("5")


class TieOutLimits(BaseModel):
    """How exactly one provider's bill is expected to tie; what is not stated is the default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tolerance: Share | None = None
    lag_days: Annotated[int, Field(ge=0, le=60)] | None = None
    rounding_usd: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    evidence: Annotated[str, Field(min_length=1)]


class Journal(BaseModel):
    """The ledger's names of the accounts of the journal entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expense_account: Annotated[str, Field(min_length=1)] = "LLM-EXPENSE"
    clearing_account: Annotated[str, Field(min_length=1)] = "LLM-CLEARING"
    internal_price_account: Annotated[str, Field(min_length=1)] = "LLM-INTERNAL-PRICE"

    @property
    def accounts(self) -> dict[str, str]:
        """By what a line of the entry is."""
        return {
            "expense": self.expense_account,
            "clearing": self.clearing_account,
            "internal price": self.internal_price_account,
        }


class Outcomes(BaseModel):
    """Whose evaluation of a task counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    precedence: tuple[str, ...] = EVALUATORS

    @field_validator("precedence")
    @classmethod
    def _every_judge_once(cls, order: tuple[str, ...]) -> tuple[str, ...]:
        if sorted(order) != sorted(EVALUATORS):
            raise ValueError(
                f"must name each of {', '.join(EVALUATORS)} once, the first in rank first"
            )
        return order


class Settings(BaseSettings):
    """Everything a workspace decides, checked."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    company: Annotated[str, Field(min_length=1)]
    reporting_timezone: str = "UTC"
    first_day: date = date(2024, 1, 1)
    outcome_window_days: Annotated[int, Field(ge=1, le=365)] = 14
    tie_out_tolerance: Share = Decimal("0.02")
    billing_lag_days: Annotated[int, Field(ge=0, le=60)] = 3
    tie_out_rounding_usd: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.005")
    price_drift_tolerance: Share = Decimal("0.005")
    tie_out: dict[str, TieOutLimits] = {}
    cache_sharing: Literal["off", "prompt_version", "model"] = "off"
    reporting_currency: str = "USD"
    fiscal_year_starts_in: Annotated[int, Field(ge=1, le=12)] = 1
    fx_max_age_days: Annotated[int, Field(ge=0, le=31)] = MAX_AGE_DAYS
    threads: Annotated[int, Field(ge=1, le=256)] = 2
    memory: str = "2GB"
    outcomes: Outcomes = Outcomes()
    thresholds: Thresholds = Thresholds()
    journal: Journal = Journal()
    freshness_days: dict[str, Annotated[int, Field(ge=0, le=366)]] = {}
    salt: SecretStr = SecretStr("")

    @field_validator("reporting_timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("is not an IANA time zone; write for example Europe/Berlin")
        return zone

    @field_validator("reporting_currency")
    @classmethod
    def _known_currency(cls, currency: str) -> str:
        if currency not in NATIONAL:
            raise ValueError("is no ISO 4217 code; write for example EUR")
        return currency

    @field_validator("memory")
    @classmethod
    def _an_amount_of_memory(cls, memory: str) -> str:
        if not re.fullmatch(r"[1-9][0-9]{0,5}(MB|GB)", memory):
            raise ValueError("must be whole megabytes or gigabytes; write for example 8GB")
        return memory

    @field_validator("first_day")
    @classmethod
    def _in_the_past(cls, day: date) -> date:
        if not date(2015, 1, 1) <= day <= date(2026, 1, 1):
            raise ValueError("must lie between 2015-01-01 and 2026-01-01")
        return day

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env files
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no secret folders
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then `outlay.toml` (given as init values); nothing else."""
        return (env_settings, init_settings)

    def freshness_limit(self, source_name: str) -> int:
        """Days that a source may lag behind the newest data of any source."""
        return self.freshness_days.get(source_name, self.freshness_days.get("default", 4))

    def dbt_vars(self) -> dict[str, Any]:
        """The settings that models read, under the names of dbt's variables."""
        return {
            "reporting_timezone": self.reporting_timezone,
            "outcome_window_days": self.outcome_window_days,
            "evaluator_precedence": list(self.outcomes.precedence),
            "tie_out_tolerance": str(self.tie_out_tolerance),
            "billing_lag_days": self.billing_lag_days,
            "tie_out_rounding_usd": str(self.tie_out_rounding_usd),
            "price_drift_tolerance": str(self.price_drift_tolerance),
            "tie_out_limits": {
                provider: limits.model_dump(mode="json", exclude={"evidence"}, exclude_none=True)
                for provider, limits in self.tie_out.items()
            },
            "cache_sharing": self.cache_sharing,
            "reporting_currency": self.reporting_currency,
            "fiscal_year_starts_in": self.fiscal_year_starts_in,
        }


def load_settings(file: Path, salt_file: Path) -> Settings:
    """Read `outlay.toml` and the environment.

    Args:
        file: the workspace's `outlay.toml`.
        salt_file: where `outlay init` keeps the salt of pseudonyms; `OUTLAY_SALT` goes before it.

    Raises:
        ConfigError: names the file and key, or the environment variable, and the cure.
    """
    values = _read_toml(file)
    if "salt" in values:
        raise ConfigError(
            str(file), "salt", f"a secret does not belong here; use {_PREFIX}SALT or {salt_file}"
        )
    if salt_file.is_file():
        values["salt"] = salt_file.read_text(encoding="utf-8").strip()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise _config_error(file, error) from error
    if not settings.salt.get_secret_value():
        raise ConfigError(
            str(salt_file),
            "file",
            f"the salt of pseudonyms is missing: restore this file, or set {_PREFIX}SALT, or let"
            " `outlay init` write a new one (user and key pseudonyms then change)",
        )
    return settings


def salt_is_in_environment() -> bool:
    """Whether `OUTLAY_SALT` is set, in any case, and so goes before the salt's file."""
    return any(name.upper() == f"{_PREFIX}SALT" for name in os.environ)


def workspace_from_environment() -> Path | None:
    """The workspace named by `OUTLAY_WORKSPACE`, for processes that Dagster starts."""
    named = os.environ.get(f"{_PREFIX}WORKSPACE")
    return Path(named) if named else None


def secret_from_environment(name: str) -> str | None:
    """What an environment variable that a source's settings name holds; None without content."""
    return os.environ.get(name, "").strip() or None


def environment_for(workspace: Path, dagster_home: Path) -> dict[str, str]:
    """This process's environment, with what a Dagster process needs to find the workspace."""
    return {
        **os.environ,
        f"{_PREFIX}WORKSPACE": str(workspace),
        "DAGSTER_HOME": str(dagster_home),
    }


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise ConfigError(str(file), "file", f"cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(file), "TOML", str(error)) from error


def _config_error(file: Path, error: ValidationError) -> ConfigError:
    """The first fault, said with the place where its value came from."""
    fault = error.errors(include_url=False, include_input=False)[0]
    keys = [str(part) for part in fault["loc"]]
    variable = _PREFIX + "__".join(keys).upper()
    reason = _ERROR_KINDS.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
    place = "environment" if variable in os.environ else str(file)
    return ConfigError(place, variable if place == "environment" else ".".join(keys), reason)
