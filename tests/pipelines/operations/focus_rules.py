"""The rules of FOCUS 1.2 that rows can break, as predicates of a row that breaks them.

Written from the requirements that FOCUS publishes (their numbers are those of its model 1.2.0.1).
Left out are rules about what only a provider knows, and those of columns that the export does not
have. Each is SQL over the exported columns; `{c}` stands for the column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "ChargeCategory": ("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
    "ChargeClass": ("Correction",),
    "ChargeFrequency": ("One-Time", "Recurring", "Usage-Based"),
    "CommitmentDiscountCategory": ("Spend", "Usage"),
    "CommitmentDiscountStatus": ("Used", "Unused"),
    "PricingCategory": ("Standard", "Dynamic", "Committed", "Other"),
    "ServiceCategory": (
        "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases",
        "Developer Tools", "Multicloud", "Identity", "Integration", "Internet of Things",
        "Management and Governance", "Media", "Migration", "Mobile", "Networking", "Security",
        "Storage", "Web", "Other",
    ),
}  # fmt: skip

NEVER_NULL = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "InvoiceIssuerName", "PricingCurrency", "ProviderName", "PublisherName", "ServiceCategory",
    "ServiceName", "ServiceSubcategory",
)  # fmt: skip

NULL_WHERE_UNKNOWN = (
    "ContractedCost", "EffectiveCost", "ListCost", "PricingCurrencyEffectiveCost",
)  # fmt: skip
"""FOCUS lets none of them be null; what no bill states of covered usage is not made up."""

_COVERED = "CommitmentDiscountId is not null and ChargeCategory = 'Usage' and BilledCost = 0"

_USED = "ChargeCategory in ('Usage', 'Purchase') and ChargeClass is null"

WITH: Mapping[str, tuple[str, ...]] = {
    "SkuId": ("SkuPriceId", "SkuMeter"),
    "PricingQuantity": ("PricingUnit",),
    "ConsumedQuantity": ("ConsumedUnit",),
    "RegionId": ("RegionName",),
    "ResourceId": ("ResourceType",),
    "SubAccountId": ("SubAccountName", "SubAccountType"),
    "CommitmentDiscountId": ("CommitmentDiscountCategory", "CommitmentDiscountType"),
}
"""Column -> columns that are null exactly when it is."""

ONLY_WITH = {
    "ResourceName": "ResourceId",
    "CommitmentDiscountName": "CommitmentDiscountId",
    "CommitmentDiscountStatus": "CommitmentDiscountId",
    "SkuPriceDetails": "SkuPriceId",
}
"""Column -> column without which it is null."""

TEXTS = (
    *CATEGORIES, "BillingAccountId", "BillingAccountName", "BillingCurrency", "ChargeDescription",
    "InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceName", "SkuId", "PricingUnit",
    "ConsumedUnit", "InvoiceId", "RegionId", "ResourceId", "SubAccountId", "PricingCurrency",
)  # fmt: skip

AMOUNTS = (
    "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingCurrencyEffectiveCost",
    "PricingQuantity", "ConsumedQuantity",
)  # fmt: skip

TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")


def broken_by() -> Iterator[tuple[str, str]]:
    """Yield (rule in words, predicate of a row that breaks it)."""
    for column in NEVER_NULL:
        yield f"{column} is never null", f"{column} is null"
    for column in NULL_WHERE_UNKNOWN:
        yield f"{column} is null of covered usage only", f"{column} is null and not ({_COVERED})"
    for column, allowed in CATEGORIES.items():
        words = ", ".join(f"'{word}'" for word in allowed)
        yield f"{column} has an allowed value", f"{column} not in ({words})"
    for column in ("SkuId", "PricingQuantity", "PricingCategory"):
        yield f"{column} of usage and purchases is not null", f"{_USED} and {column} is null"
    for column in ("SkuId", "SkuPriceId", "PricingQuantity", "PricingCategory"):
        is_broken = f"ChargeCategory = 'Tax' and {column} is not null"
        yield f"{column} of a tax is null", is_broken
    for column, others in WITH.items():
        for other in others:
            yield (
                f"{other} is null exactly when {column} is",
                f"({column} is null) <> ({other} is null)",
            )
    for column, other in ONLY_WITH.items():
        yield f"{column} is null without {other}", f"{other} is null and {column} is not null"
    yield (
        "CommitmentDiscountStatus stands on usage under a commitment",
        (
            "CommitmentDiscountId is not null and ChargeCategory = 'Usage'"
            " and CommitmentDiscountStatus is null"
        ),
    )
    yield (
        "ConsumedQuantity is null of what is not used",
        (
            "(ChargeCategory <> 'Usage' or CommitmentDiscountStatus = 'Unused')"
            " and ConsumedQuantity is not null"
        ),
    )
    yield (
        "ConsumedQuantity of what is used is not null",
        (
            "ChargeCategory = 'Usage' and ChargeClass is null and ConsumedQuantity is null"
            " and CommitmentDiscountStatus is distinct from 'Unused'"
        ),
    )
    yield (
        "a purchase is not usage-based",
        ("ChargeCategory = 'Purchase' and ChargeFrequency = 'Usage-Based'"),
    )
    yield (
        "ServiceSubcategory has its one category",
        (
            "starts_with(ServiceSubcategory, 'Other (')"
            " and ServiceSubcategory <> 'Other (' || ServiceCategory || ')'"
            " or ServiceSubcategory = 'Generative AI'"
            " and ServiceCategory <> 'AI and Machine Learning'"
        ),
    )
    for start, end in (TIMES[:2], TIMES[2:]):
        yield f"{end} is after {start}", f"{end} <= {start}"
    for column in ("BillingCurrency", "PricingCurrency"):
        yield f"{column} is a currency code or a word", f"trim({column}) = ''"
    for column in ("Tags", "SkuPriceDetails"):
        yield (
            f"{column} is a JSON object",
            (
                f"{column} is not null and (not json_valid({column})"
                f" or json_type({column}) <> 'OBJECT')"
            ),
        )
        yield (
            f"{column} holds no objects or lists",
            (
                f"len(list_filter(map_values(cast(cast({column} as json) as map(varchar, json))),"
                " lambda v: json_type(v) in ('OBJECT', 'ARRAY'))) > 0"
            ),
        )
    yield (
        "keys of SkuPriceDetails are FOCUS' own or start with x_",
        (
            "len(list_filter(json_keys(SkuPriceDetails), lambda k: not starts_with(k, 'x_')"
            " and k not in ('CoreCount', 'DiskMaxIops', 'DiskSpace', 'DiskType', 'GpuCount',"
            " 'InstanceSeries', 'InstanceType', 'MemorySize', 'NetworkMaxIops',"
            " 'NetworkMaxThroughput',"
            " 'OperatingSystem', 'Redundancy', 'StorageClass'))) > 0"
        ),
    )
    for column in ("PricingUnit", "ConsumedUnit"):
        # `1000000 Tokens`, `GB-Months`, `Units/Hour`; a bill's own `GiB/Second-Months` is left
        formats = r"([0-9]+ )?[A-Za-z][A-Za-z0-9]*( [A-Za-z][A-Za-z0-9]*)*([-/][A-Za-z ]+)*"
        yield f"{column} is a unit", f"not regexp_full_match({column}, '{formats}')"
    for column in TEXTS:
        yield f"{column} is null rather than empty", f"trim({column}) = ''"


UNIQUE = (
    ("SkuPriceId", "SkuId"),
    ("ServiceName", "ServiceCategory"),
    ("ServiceName", "ServiceSubcategory"),
)
"""(column, what each of its values has exactly one of)."""
