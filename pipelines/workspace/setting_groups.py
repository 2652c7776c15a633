"""Tables of `outlay.toml`, and the kinds of numbers that several settings share."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ingest.mapping.outcomes import EVALUATORS

Share = Annotated[Decimal, Field(ge=0, le=1)]
Tolerance = Annotated[Decimal, Field(ge=0, le=Decimal("0.2"))]
"""Beyond a fifth, a bill that ties out says nothing."""
LagDays = Annotated[int, Field(ge=0, le=60)]
"""A month's first day is final with its invoice, which comes up to four weeks after the month."""
RoundingUsd = Annotated[Decimal, Field(ge=0, le=1)]
AccountName = Annotated[str, Field(min_length=1)]
ProviderName = Annotated[str, Field(min_length=1)]
KeptMonths = Annotated[int, Field(ge=0, le=240)]
FreshnessDays = Annotated[int, Field(ge=0, le=366)]


class Thresholds(BaseModel):
    """Where a check turns red, so that `outlay run` ends with exit code 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unpriced_share: Share = Field(
        default=Decimal("0.05"),
        description="Share of the last 7 days' calls that no price fits. Their cost is unknown,"
        " never zero. A starting value: one small in-house model is normal, more hides a real"
        " cost.",
    )
    tie_out_gap: Share = Field(
        default=Decimal("0.10"),
        description="Share by which a provider's settled bill of a month may differ from the"
        " estimate. A starting value: above it, look for a discount, a missed workload or a wrong"
        " price.",
    )
    reported_cost_gap: Share = Field(
        default=Decimal("0.10"),
        description="Share of the last 7 days' cost, as a source states it, that lies outside the"
        " band around the estimate. A starting value, that of the bills: above it, one of the two"
        " price lists is wrong, or one of the two reads the tokens wrongly.",
    )
    invoice_difference_usd: Decimal = Field(
        default=Decimal("1"),
        ge=0,
        description="USD by which an invoice of config/invoices.csv that is issued or paid may"
        " differ from the lines of bills that name it. A starting value: lines have more digits"
        " than the invoice's cents, so that their sum is some cents off.",
    )
    quarantine_share: Share = Field(
        default=Decimal("0.01"),
        description="Share of a source's rows of the last 7 days that broke the contract."
        " A starting value: a cut line now and then stays below it, a changed format does not.",
    )
    incident_floor_usd: Decimal = Field(
        default=Decimal("1"),
        ge=0,
        description="Excess of 24 hours, USD, below which nothing is an incident. Evidence: on"
        " simulated hourly spend of 0.10 USD an hour and more, 1 left 13 false incidents in 1,000"
        " weeks of a series; set it to what is worth a look.",
    )


class TieOutLimits(BaseModel):
    """How exactly one provider's bill is expected to tie; what is not stated is the default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tolerance: Tolerance | None = Field(default=None, description="As `tie_out_tolerance`.")
    lag_days: LagDays | None = Field(default=None, description="As `billing_lag_days`.")
    rounding_usd: RoundingUsd | None = Field(default=None, description="As `tie_out_rounding_usd`.")
    evidence: str = Field(min_length=1, description="What shows that these limits are right.")


class Close(BaseModel):
    """What `outlay close` waits for, and what it does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    providers_without_bill: tuple[ProviderName, ...] = Field(
        default=(),
        description="Providers that send no bill, such as own GPUs and self-hosted models, as"
        ' `outlay unmapped` and the pages name them, for example ["vllm"]. A month is not closed'
        " while any other provider that was called has not billed it; the tie-out says of these"
        " that they send none.",
    )
    first_month: date = Field(
        default=date(2015, 1, 1),
        ge=date(2015, 1, 1),
        description="First day of the first month that is closed. Months are closed in order: one"
        " waits for every earlier month with figures, as far back as this. What lies before is"
        " history that nobody books, and stays open. Set it to the month from which on you book"
        " what Outlay states.",
    )
    tagged_share: Share = Field(
        default=Decimal("0.95"),
        description="Share of the calls' estimate that must name a feature and a tenant before"
        " costs are charged for real (`outlay close --ready`). A starting value: what nobody is"
        " shown to have caused, nobody pays without asking.",
    )
    unallocated_share: Share = Field(
        default=Decimal("0.05"),
        description="Share of a month's charges that may fall on no cost centre then. A starting"
        " value: what is left is somebody's overhead.",
    )
    stable_months: int = Field(
        default=3,
        ge=1,
        le=24,
        description="Months in a row that must hold these and the tie-out, and be closed. A"
        " starting value: a quarter shows a month's end, a late bill and a correction.",
    )


class Retention(BaseModel):
    """What `outlay retention` takes away of closed months, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delivered_files_months: KeptMonths = Field(
        default=0,
        description="Whole months, before the newest one with calls, that delivered files stay in"
        " the inbox; 0 keeps them for ever. They are what holds prompts, names and keys as they"
        " came: the lake has none of these. Without them no setting of a source can be read"
        " into old rows, and a damaged part of the lake comes from a backup only.",
    )
    quarantine_months: KeptMonths = Field(
        default=0,
        description="Whole months that the list of rows quarantined keeps; 0 keeps it for ever."
        " Their number stays with each file.",
    )
    user_ids_months: KeptMonths = Field(
        default=0,
        description="Whole months that calls and spans say which user made them; 0: for ever. The"
        " rows stay, and no figure moves: users whom a rule or a limit names keep theirs. Only"
        " where the delivered file has left the inbox, from which they would come back.",
    )
    at_run: bool = Field(
        default=False,
        description="Whether each run does it; otherwise `outlay retention --apply` alone.",
    )


class Agents(BaseModel):
    """What `outlay mcp` tells agents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: bool = Field(
        default=False,
        description="Whether pseudonyms of people (user ids) may leave in answers. A pseudonym is"
        " personal data to whoever can look it up.",
    )


class Journal(BaseModel):
    """Accounts of the journal entry of a month (`statements/<month>/.../journal.csv`).

    As your ledger names them. The defaults are no account of anybody's, so that nothing is booked
    by mistake.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    expense_account: AccountName = Field(
        default="LLM-EXPENSE", description="Debited by cost centre with what it is charged."
    )
    clearing_account: AccountName = Field(
        default="LLM-CLEARING",
        description="Credited by provider with what it billed; the invoice clears it.",
    )
    internal_price_account: AccountName = Field(
        default="LLM-INTERNAL-PRICE",
        description="Credited with what config/internal_prices.csv charges beyond cost.",
    )

    @property
    def accounts(self) -> dict[str, str]:
        """By what a line of the entry is."""
        return {
            "expense": self.expense_account,
            "clearing": self.clearing_account,
            "internal price": self.internal_price_account,
        }


class Outcomes(BaseModel):
    """Which evaluation decides a task that several evaluated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    precedence: tuple[str, ...] = Field(
        default=EVALUATORS,
        description="Order in which evaluators are trusted: the first in rank decides, however"
        " late the others are; of one rank the latest. A signature or a closed ticket commits"
        " somebody, a model's opinion nobody. Change it where, for example, your ticket system"
        " closes tickets by itself and a person's review says more. Each of the three once;"
        " changing it computes everything anew.",
    )

    @field_validator("precedence")
    @classmethod
    def _every_judge_once(cls, order: tuple[str, ...]) -> tuple[str, ...]:
        if sorted(order) != sorted(EVALUATORS):
            raise ValueError(
                f"must name each of {', '.join(EVALUATORS)} once, the first in rank first"
            )
        return order


class Channel(BaseModel):
    """Where alerts go, and whose."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url_env: str | None = Field(
        default=None,
        description="Environment variable that holds the address, as apprise writes it: json://,"
        " slack://, mailto:// and some hundred others. An address is a secret, and stands in no"
        " file.",
    )
    file: str | None = Field(
        default=None, description="File below exports/ to append to instead, a JSON line each."
    )
    owners: tuple[str, ...] = Field(
        default=(),
        description="Owners of config/owners.csv whose alerts it takes; none: of all those that"
        " have no channel of their own.",
    )

    @field_validator("url_env")
    @classmethod
    def _a_variable(cls, name: str | None) -> str | None:
        if name and not re.fullmatch("[A-Z][A-Z0-9_]*", name):
            raise ValueError(
                "is no name of an environment variable; write for example AGENTS_ALERTS, and put"
                " the address there: it is a secret"
            )
        return name

    @field_validator("file")
    @classmethod
    def _below_exports(cls, file: str | None) -> str | None:
        if file and not re.fullmatch("exports/[^/.][^/]*", file):
            raise ValueError("must lie in exports/; write for example exports/alerts.jsonl")
        return file

    @model_validator(mode="after")
    def _one_address(self) -> Channel:
        if (self.url_env is None) == (self.file is None):
            raise ValueError("needs one of url_env and file: write where its alerts go")
        return self
