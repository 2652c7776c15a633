"""A workspace's settings: `outlay.toml`, overridden by `OUTLAY_*` environment variables.

Only this module and `environment` read environment variables. Default, bounds, evidence and meaning
of a setting stand here and in `setting_groups` alone: the template of `outlay.toml` is made from
them, dbt's variables are tested against them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ingest.errors import ConfigError, nearest
from ingest.reference.charging.fx_rates import MAX_AGE_DAYS, NATIONAL
from pipelines.workspace.environment import PREFIX
from pipelines.workspace.setting_groups import (
    Agents,
    Channel,
    Close,
    FreshnessDays,
    Journal,
    LagDays,
    Outcomes,
    Retention,
    RoundingUsd,
    Share,
    Thresholds,
    TieOutLimits,
    Tolerance,
)
from pipelines.workspace.settings_file import read_values

_ERROR_KINDS = {
    "extra_forbidden": "is not a setting of Outlay; correct its spelling or remove it",
    "missing": "is missing; write it as in the file that `outlay init` makes",
}


class Settings(BaseSettings):
    """Everything a workspace decides, checked."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    company: str = Field(min_length=1, description="Name in the heading of every page.")
    reporting_timezone: str = Field(
        default="UTC",
        description="One calendar for every page: the day and month of a call, charge or evaluation"
        " are those of this IANA time zone. Everything is stored in UTC. Changing it computes"
        " everything anew.",
    )
    reporting_currency: str = Field(
        default="USD",
        description="Currency in which statements are shown beside US dollars, at the closing rate"
        ' of each month from config/fx_rates.csv. ISO 4217, for example "EUR". Changing it computes'
        " everything anew.",
    )
    fx_max_age_days: int = Field(
        default=MAX_AGE_DAYS,
        ge=0,
        le=31,
        description="Days that a rate of config/fx_rates.csv holds when no newer one follows; a"
        " charge in another currency beyond that stops the run. Evidence: central banks publish on"
        " working days, and the longest holiday gap (Easter, Christmas) is 5 days.",
    )
    fiscal_year_starts_in: int = Field(
        default=1,
        ge=1,
        le=12,
        description="Month in which the fiscal year starts; the year is named by the calendar year"
        " in which it ends.",
    )
    schedule: Literal["daily", "hourly"] = Field(
        default="daily",
        description="How often Dagster runs what is new by itself: each morning, or every hour and"
        ' as soon as files wait in the inbox ("hourly"). Evidence: a runaway loop costs by the'
        " hour; by the daily run it has burned a day.",
    )
    first_day: date = Field(
        default=date(2024, 1, 1),
        ge=date(2015, 1, 1),
        le=date(2026, 1, 1),
        description="First day that Dagster and `--from` offer. Older data loads all the same.",
    )
    production_environments: tuple[str, ...] = Field(
        default=("prod", "production", "live"),
        min_length=1,
        description="Environments whose calls are product cost, in any case of letters; a call that"
        " names none is too. Calls of others stand beside unit cost as `non_production`.",
    )
    outcome_window_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="A task without an evaluation is `pending` for this many days after its last"
        " call and `unknown` afterwards. A starting value: set it to how long your reviews and"
        " re-openings take.",
    )
    tie_out_tolerance: Tolerance = Field(
        default=Decimal("0.02"),
        description="Bill and estimate of one provider, day and model count as tied within this"
        " share of the estimate, and the bill is then spread over the calls that caused it."
        " A starting value: rounding and clock skew stay well below it, a missed workload does"
        " not.",
    )
    billing_lag_days: LagDays = Field(
        default=3,
        description='A day younger than this has no final bill yet and is shown as "not billed'
        " yet\". Evidence: provider cost pages settle one to three days later; a month's first day"
        " is final with its invoice, up to four weeks after the month.",
    )
    tie_out_rounding_usd: RoundingUsd = Field(
        default=Decimal("0.005"),
        description="USD by which one line of a bill may be off before its price counts as"
        " different. Evidence: bills state cents, so half a cent.",
    )
    price_drift_tolerance: Share = Field(
        default=Decimal("0.005"),
        description="Share by which the unit price that a bill implies may differ from the price"
        " book's before it is called a drift. Evidence: no published price step was smaller.",
    )
    reported_cost_band: Share = Field(
        default=Decimal("0.02"),
        description="Share by which the costs that a source states itself may differ from the"
        " estimate of the same calls, by day, model and operation. A starting value: a gateway of"
        " the same prices agrees to the last digit, and what one rounds stays below it.",
    )
    tier_without_price: Literal["unknown", "standard"] = Field(
        default="unknown",
        description="What calls of a service tier (batch, flex, priority) cost whose model has no"
        ' price for that tier, neither in config/prices.csv nor in the price book: "unknown", or'
        ' the "standard" price. Evidence: published tiers cost half to twice the standard price,'
        " so that standard is a guess.",
    )
    cache_sharing: Literal["off", "prompt_version", "model"] = Field(
        default="off",
        description="Who bears what writing a provider's prefix cache costs beyond plain input:"
        ' whoever happened to write it ("off"), or those who read it, in proportion to the tokens'
        ' they read, among calls of one "prompt_version" or of one "model". Evidence: none can be'
        " general; `fct_cache_transfers` shows what would move before you turn it on.",
    )
    threads: int = Field(
        default=2,
        ge=1,
        le=256,
        description="Threads that DuckDB and dbt may use; more than the cores does not help.",
    )
    memory: str = Field(
        default="800MB",
        description="Memory that the models may hold; what does not fit goes to disk beside the"
        " warehouse, slower. A run holds half a gigabyte beside it. Evidence: a million calls build"
        " in 800MB with no more processor time than in 2GB.",
    )
    tie_out: dict[str, TieOutLimits] = Field(
        default={},
        description="Limits of one provider, each with its evidence; what is not stated is as"
        " above.",
    )
    outcomes: Outcomes = Field(
        default=Outcomes(), description="Which evaluation decides a task that several evaluated."
    )
    thresholds: Thresholds = Field(
        default=Thresholds(),
        description="Where a check turns red, so that `outlay run` ends with exit code 1.",
    )
    close: Close = Field(
        default=Close(), description="What `outlay close` waits for, and what it does not."
    )
    retention: Retention = Field(
        default=Retention(),
        description="What `outlay retention` takes away of closed months, and when. Figures stay.",
    )
    agents: Agents = Field(default=Agents(), description="What `outlay mcp` tells agents.")
    journal: Journal = Field(
        default=Journal(),
        description="Accounts of the journal entry of a month"
        " (`statements/<month>/.../journal.csv`), as your ledger names them. The defaults are no"
        " account of anybody's, so that nothing is booked by mistake.",
    )
    locale: Literal["en", "en-GB", "de", "de-CH", "es", "fr", "it", "nl", "pt-BR"] = Field(
        default="en",
        description="How pages write numbers and days: 1,234.56 and 3 Jun 2026 (`en`), 1.234,56 and"
        " 03.06.2026 (`de`) ... Words stay English, and downloads keep dots and ISO days.",
    )
    pages_url: str = Field(
        default="",
        description="Where readers open the pages, for the links in alerts, for example"
        ' "https://finops.example.com/outlay". Without it, alerts name the page alone.',
    )
    alerts: dict[str, Channel] = Field(
        default={},
        description="Channels that are told of open incidents, of limits, of experiments that go on"
        " in spite of their decision, of checks that are red, and of a run that published nothing,"
        " each once; a table for each channel.",
    )
    freshness_days: dict[str, FreshnessDays] = Field(
        default={},
        description="Days that a source may lag behind the newest data of any source; `default` is"
        " for the others, 4 unless stated. Gateways deliver daily, provider bills settle after"
        " three days, cloud bills come monthly. 0 to 366 each.",
    )
    salt: SecretStr = Field(
        default=SecretStr(""),
        description="Secret of which pseudonyms of users and keys are made: one salt a line. It"
        " stands in `.outlay/salt` or OUTLAY_SALT, never in `outlay.toml`.",
    )

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
            "reported_cost_band": str(self.reported_cost_band),
            "tie_out_limits": {
                provider: limits.model_dump(mode="json", exclude={"evidence"}, exclude_none=True)
                for provider, limits in self.tie_out.items()
            },
            "providers_without_bill": list(self.close.providers_without_bill),
            "production_environments": list(self.production_environments),
            "tier_without_price": self.tier_without_price,
            "cache_sharing": self.cache_sharing,
            "reporting_currency": self.reporting_currency,
            "fiscal_year_starts_in": self.fiscal_year_starts_in,
            "chargeback_tagged_ratio": str(self.close.tagged_share),
            "chargeback_unallocated_ratio": str(self.close.unallocated_share),
            "chargeback_gap_ratio": str(self.thresholds.tie_out_gap),
            "chargeback_months": self.close.stable_months,
            "incident_floor_usd": str(self.thresholds.incident_floor_usd),
        }


def load_settings(file: Path, salt_file: Path) -> Settings:
    """Read `outlay.toml` and the environment.

    Args:
        file: the workspace's `outlay.toml`.
        salt_file: where `outlay init` keeps the salt of pseudonyms; `OUTLAY_SALT` goes before it.

    Raises:
        ConfigError: names the file and key, or the environment variable, and the cure.
    """
    values = read_values(file)
    if "salt" in values:
        raise ConfigError(
            str(file), "salt", f"a secret does not belong here; use {PREFIX}SALT or {salt_file}"
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
            f"the salt of pseudonyms is missing: restore this file, or set {PREFIX}SALT, or let"
            " `outlay init` write a new one (user and key pseudonyms then change)",
        )
    return settings


def _config_error(file: Path, error: ValidationError) -> ConfigError:
    """The first fault, said with the place where its value came from."""
    faults = error.errors(include_url=False, include_input=False)
    # a misspelt key comes before the one that is missing for it
    fault = min(faults, key=lambda found: found["type"] != "extra_forbidden")
    keys = [str(part) for part in fault["loc"]]
    variable = PREFIX + "__".join(keys).upper()
    reason = _ERROR_KINDS.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        reason += nearest(keys[-1], _siblings(keys))
    place = "environment" if variable in os.environ else str(file)
    return ConfigError(place, variable if place == "environment" else ".".join(keys), reason)


def _siblings(keys: Sequence[str]) -> list[str]:
    """The settings that there are where an unknown one was written."""
    model: Any = Settings
    for key in keys[:-1]:
        # of a table of tables, the next key is a name that the user gave
        is_table = hasattr(model, "model_fields")
        model = model.model_fields[key].annotation if is_table else get_args(model)[1]
    return list(model.model_fields)
