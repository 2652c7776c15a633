"""Invented Azure exports with model meters: none are public, so the tests make them.

The headers are those of real exports (`EA` of the Enterprise Agreement's samples, `MCA` of the
Customer Agreement's schema); meters, units and products are the strings of
`azure_openai_meter_names_observed.txt`; quantities and costs are made up.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Seen:
    """An observed meter, and what it says, worked out by reading it."""

    name: str
    unit: str
    product: str
    model: str | None
    token_class: str | None
    scope: str
    tier: str | None = None
    context: str | None = None


GPT5, REASONING = "Azure OpenAI GPT5", "Azure OpenAI Reasoning"

OBSERVED = (
    Seen("gpt 4o 1120 Inp glbl Tokens", "1K", "Azure OpenAI",
         "gpt 4o 1120", "input_uncached", "global"),
    Seen("gpt 4o 1120 cached Inp glbl Tokens", "1K", "Azure OpenAI",
         "gpt 4o 1120", "cache_read", "global"),
    Seen("gpt 4o 1120 Outp glbl Tokens", "1K", "Azure OpenAI",
         "gpt 4o 1120", "output", "global"),
    Seen("gpt 4o 1120 Batch Inp glbl Tokens", "1K", "Azure OpenAI",
         "gpt 4o 1120", "input_uncached", "global", tier="batch"),
    Seen("gpt 4.1 nano cached Inp glbl Tokens", "1K", "Azure OpenAI",
         "gpt 4.1 nano", "cache_read", "global"),
    Seen("o3 0416 Inp glbl Tokens", "1K", REASONING, "o3 0416", "input_uncached", "global"),
    Seen("o4-mini 0416 Outp glbl Tokens", "1K", REASONING, "o4-mini 0416", "output", "global"),
    Seen("GPT 5 Inpt Glbl 1M Tokens", "1M", GPT5, "GPT 5", "input_uncached", "global"),
    Seen("GPT 5 outpt Glbl 1M Tokens", "1M", GPT5, "GPT 5", "output", "global"),
    Seen("5.4 opt Dz 1M Tokens", "1M", GPT5, "5.4", "output", "data_zone"),
    Seen("5.5 ShortCo inp Gl 1M Tokens", "1M", GPT5,
         "5.5", "input_uncached", "global", context="short"),
    Seen("5.6 luna ShortCo Cd Inp Std DZ 1M Tokens", "1M", GPT5,
         "5.6 luna", "cache_read", "data_zone", "standard", "short"),
    Seen("5.6 luna ShortCo Cd Wr Std DZ 1M Tokens", "1M", GPT5,
         "5.6 luna", "cache_write_other", "data_zone", "standard", "short"),
    Seen("5.6 luna LongCo Inp Std DZ 1M Tokens", "1M", GPT5,
         "5.6 luna", "input_uncached", "data_zone", "standard", "long"),
    Seen("V4 Pro Inp glbl Tokens", "1K", "Azure Deepseek Models",
         "V4 Pro", "input_uncached", "global"),
    Seen("Grok 4.1 Inp Glbl Tokens", "1K", "Azure Grok Models",
         "Grok 4.1", "input_uncached", "global"),
    Seen("Provisioned Managed Global Unit", "1/Hour", "Azure OpenAI", None, None, "global"),
)  # fmt: skip

BLOCK = {"1K": Decimal(1_000), "1M": Decimal(1_000_000)}

Values = Mapping[str, str]

ACCOUNT = "/subscriptions/0000/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/a"

TYPICAL: Values = {
    "BillingAccountId": "0086115",
    "BillingAccountName": "Acme",
    "BillingPeriodStartDate": "09/01/2026",
    "BillingPeriodEndDate": "09/30/2026",
    "SubscriptionId": "5f1C0000-0000-0000-0000-000000000001",
    "SubscriptionName": "ai-prod",
    "Date": "09/04/2026",
    "Product": "Azure OpenAI - gpt 4o 1120 Inp glbl - US East 2",
    "PartNumber": "AAI-00001",
    "MeterId": "11111111-0000-0000-0000-000000000001",
    "MeterCategory": "Foundry Models",
    "MeterSubCategory": "Azure OpenAI",
    "MeterName": "gpt 4o 1120 Inp glbl Tokens",
    "Quantity": "1234.567",
    "EffectivePrice": "0.0025",
    "Cost": "3.0864175",
    "UnitPrice": "0.0025",
    "BillingCurrency": "USD",
    "ResourceLocation": "EastUS2",
    "ResourceId": ACCOUNT,
    "ResourceName": "a",
    "Tags": '"team": "support","env": "prod"',
    "UnitOfMeasure": "1K",
    "ReservationId": "",
    "PublisherName": "Microsoft",
    "ChargeType": "Usage",
    "Frequency": "UsageBased",
    "PayGPrice": "0.0025",
    "PricingModel": "OnDemand",
    "benefitId": "",
}
"""A pay-as-you-go line as an Enterprise Agreement export states it."""

MCA_NAMES: Values = {name: name[0].lower() + name[1:] for name in TYPICAL} | {
    "Cost": "costInBillingCurrency",
    "Product": "ProductName",
}
"""The Customer Agreement's names of the same columns; `ProductName` is capital there too."""

BOUGHT: Values = {
    "MeterName": "Provisioned Managed Global Unit", "UnitOfMeasure": "1/Hour",
    "Product": "Provisioned Managed Global, 1 Month", "ChargeType": "Purchase",
    "Frequency": "Recurring", "PricingModel": "Reservation", "Quantity": "100",
    "ReservationId": "r-1", "Cost": "26000", "UnitPrice": "260", "PayGPrice": "0", "Tags": "",
}  # fmt: skip
"""The reservation of 100 provisioned units, as ActualCost has it."""

COVERED: Values = {**BOUGHT, "ChargeType": "Usage", "Frequency": "UsageBased", "Cost": "0",
                   "Quantity": "2400", "UnitPrice": "1"}  # fmt: skip
"""A day of 100 units under that reservation, as ActualCost has it."""

SPREAD: Values = {**COVERED, "Cost": "866.666666666666666"}
"""The same day as AmortizedCost has it."""

UNUSED: Values = {**SPREAD, "ChargeType": "UnusedReservation", "Cost": "12.5"}
"""Units of the reservation that nobody used, as AmortizedCost has it."""


def line(**changed: str) -> dict[str, str]:
    """Return a typical line with some values changed."""
    return {**TYPICAL, **changed}


def export(*lines: Values, names: Values | None = None, without: Iterable[str] = ()) -> str:
    """Return the CSV text of an export.

    Args:
        lines: values by their Enterprise Agreement names; all of the same columns.
        names: other names of these columns.
        without: columns that this export lacks.
    """
    columns = [name for name in lines[0] if name not in set(without)] if lines else list(TYPICAL)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([(names or {}).get(name, name) for name in columns])
    writer.writerows([[values[name] for name in columns] for values in lines])
    return text.getvalue()


def observed_lines() -> list[dict[str, str]]:
    """Return one line of every observed meter; the Nth has a quantity of N and 6 decimals."""
    return [
        line(MeterName=seen.name, UnitOfMeasure=seen.unit, MeterSubCategory=seen.product,
             Quantity=f"{number}.000007", Cost=f"{number}.25")
        for number, seen in enumerate(OBSERVED, start=1)
    ]  # fmt: skip
