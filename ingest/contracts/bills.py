"""`billing_charges` and `billing_usage`: names of FOCUS 1.2, in snake_case."""

from __future__ import annotations

from ingest.contracts.columns import BILL_MONEY, QUANTITY, RESTATEMENT, TOKEN_VECTOR, Column, Table

BILLING_CHARGES = Table(
    name="billing_charges",
    grain="one line of a provider's bill or cost report, as one file states it",
    standard="FOCUS 1.2 with what 1.3 and 1.4 add, `x_` for what FOCUS does not name",
    day_from="charge_period_start",
    columns=(
        *RESTATEMENT,
        Column(
            "x_scope",
            "VARCHAR",
            "Billing period that the delivery states whole: its newest delivery replaces every"
            " row of others, also on days that it has none for; NULL: none.",
        ),
        Column(
            "provider_name",
            "VARCHAR",
            "Provider of the service, as its bill names it.",
            required=True,
        ),
        Column("x_provider", "VARCHAR", "The same provider under its gen_ai.provider.name."),
        Column("publisher_name", "VARCHAR", "Producer of the service."),
        Column(
            "host_provider_name", "VARCHAR", "Who runs the infrastructure below the service (1.3)."
        ),
        Column("invoice_issuer_name", "VARCHAR", "Who sends the invoice."),
        Column("billing_account_id", "VARCHAR", "Account that is billed."),
        Column("billing_account_name", "VARCHAR", "Its name."),
        Column("billing_account_type", "VARCHAR", "Kind of account, in the provider's words."),
        Column("sub_account_id", "VARCHAR", "Project, workspace or linked account."),
        Column("sub_account_name", "VARCHAR", "Its name."),
        Column("sub_account_type", "VARCHAR", "Kind of sub account, in the provider's words."),
        Column("invoice_id", "VARCHAR", "Invoice; NULL until the provider issues it."),
        Column("invoice_detail_id", "VARCHAR", "Line of the invoice (1.4)."),
        Column("billing_period_start", "TIMESTAMP", "Start of the invoice period, inclusive, UTC."),
        Column("billing_period_end", "TIMESTAMP", "End of the invoice period, exclusive, UTC."),
        Column(
            "charge_period_start", "TIMESTAMP", "Start of the usage, inclusive, UTC.", required=True
        ),
        Column("charge_period_end", "TIMESTAMP", "End of the usage, exclusive, UTC."),
        Column(
            "charge_category",
            "VARCHAR",
            "FOCUS ChargeCategory.",
            required=True,
            allowed=("Usage", "Purchase", "Tax", "Credit", "Adjustment"),
        ),
        Column("charge_class", "VARCHAR", "`Correction`, or NULL.", allowed=("Correction",)),
        Column("charge_description", "VARCHAR", "The bill's own words."),
        Column(
            "charge_frequency",
            "VARCHAR",
            "FOCUS ChargeFrequency.",
            allowed=("One-Time", "Recurring", "Usage-Based"),
        ),
        Column("billed_cost", BILL_MONEY, "What is invoiced, in billing_currency.", required=True),
        Column("effective_cost", BILL_MONEY, "Cost after amortising prepayments."),
        Column("list_cost", BILL_MONEY, "Cost at public list prices."),
        Column("contracted_cost", BILL_MONEY, "Cost at negotiated prices."),
        Column(
            "billing_currency",
            "VARCHAR",
            "ISO 4217 code, or a virtual currency as stated.",
            required=True,
        ),
        Column(
            "x_units_per_usd",
            BILL_MONEY,
            "Units of billing_currency for one US dollar, as the bill states it; NULL: not stated.",
        ),
        Column(
            "pricing_currency",
            "VARCHAR",
            "Currency that prices are in: an ISO code, or a virtual one such as `Token`.",
        ),
        Column(
            "pricing_currency_effective_cost", BILL_MONEY, "Effective cost in pricing_currency."
        ),
        Column("consumed_quantity", QUANTITY, "Quantity used, in consumed_unit."),
        Column("consumed_unit", "VARCHAR", "Unit of consumed_quantity."),
        Column("pricing_quantity", QUANTITY, "Quantity priced, in pricing_unit."),
        Column("pricing_unit", "VARCHAR", "Unit of pricing_quantity, block size included."),
        Column(
            "pricing_category",
            "VARCHAR",
            "FOCUS PricingCategory.",
            allowed=("Standard", "Dynamic", "Committed", "Other"),
        ),
        Column("list_unit_price", BILL_MONEY, "Public price of one pricing_unit."),
        Column("contracted_unit_price", BILL_MONEY, "Negotiated price of one pricing_unit."),
        Column(
            "pricing_currency_list_unit_price",
            BILL_MONEY,
            "Public price of one pricing_unit, in pricing_currency.",
        ),
        Column(
            "pricing_currency_contracted_unit_price",
            BILL_MONEY,
            "Negotiated price of one pricing_unit, in pricing_currency.",
        ),
        Column("service_category", "VARCHAR", "FOCUS ServiceCategory."),
        Column("service_name", "VARCHAR", "Service that was used."),
        Column("service_subcategory", "VARCHAR", "FOCUS ServiceSubcategory."),
        Column("region_id", "VARCHAR", "Region."),
        Column("region_name", "VARCHAR", "Its name."),
        Column("availability_zone", "VARCHAR", "Zone within the region."),
        Column("resource_id", "VARCHAR", "Resource."),
        Column("resource_name", "VARCHAR", "Its name."),
        Column("resource_type", "VARCHAR", "Kind of resource."),
        Column("sku_id", "VARCHAR", "SKU."),
        Column("sku_price_id", "VARCHAR", "SKU price."),
        Column("sku_meter", "VARCHAR", "What the SKU meters, in words."),
        Column("sku_price_details", "VARCHAR", "JSON object, as the bill states it."),
        Column("commitment_discount_id", "VARCHAR", "Commitment that covers the charge."),
        Column("commitment_discount_name", "VARCHAR", "Its name."),
        Column(
            "commitment_discount_category",
            "VARCHAR",
            "`Spend` or `Usage`.",
            allowed=("Spend", "Usage"),
        ),
        Column(
            "commitment_discount_type", "VARCHAR", "Kind of commitment, in the provider's words."
        ),
        Column(
            "commitment_discount_quantity",
            QUANTITY,
            "Quantity of the commitment bought, used or unused.",
        ),
        Column("commitment_discount_unit", "VARCHAR", "Unit of commitment_discount_quantity."),
        Column(
            "commitment_discount_status",
            "VARCHAR",
            "`Used` or `Unused`.",
            allowed=("Used", "Unused"),
        ),
        Column(
            "capacity_reservation_id",
            "VARCHAR",
            "Capacity reservation that the charge is related to.",
        ),
        Column(
            "capacity_reservation_status",
            "VARCHAR",
            "`Used` or `Unused`.",
            allowed=("Used", "Unused"),
        ),
        Column(
            "contract_applied",
            "VARCHAR",
            "JSON object of the contract commitments that were applied (1.3).",
        ),
        Column(
            "allocated_method_id",
            "VARCHAR",
            "How the provider split a shared cost; NULL: not split (1.3).",
        ),
        Column("allocated_method_details", "VARCHAR", "JSON object of that split (1.3)."),
        Column(
            "allocated_resource_id", "VARCHAR", "Resource that the split gives the cost to (1.3)."
        ),
        Column("allocated_resource_name", "VARCHAR", "Its name (1.3)."),
        Column("allocated_tags", "VARCHAR", "JSON object of its tags (1.3)."),
        Column("tags", "VARCHAR", "JSON object of tags."),
        Column("x_model", "VARCHAR", "Model, when the line names one."),
        Column(
            "x_token_class",
            "VARCHAR",
            "Token class the line bills; NULL for anything but tokens, or when not stated.",
            allowed=(
                "input_uncached",
                "cache_read",
                "cache_write_5m",
                "cache_write_1h",
                "cache_write_other",
                "input_audio",
                "output",
                "output_audio",
                "input",
            ),
        ),
        Column(
            "x_service_tier",
            "VARCHAR",
            "Price tier, when the line states one.",
            allowed=("standard", "batch", "flex", "priority"),
        ),
        Column("x_cost_type", "VARCHAR", "What is billed: `tokens`, `web_search`, `tax` ..."),
        Column("x_line_item", "VARCHAR", "The line item text of the source, untouched."),
        Column("x_api_key_id", "VARCHAR", "Provider's id of the key (an id, never a secret)."),
    ),
)

BILLING_USAGE = Table(
    name="billing_usage",
    grain="one usage bucket with its dimensions, as one file states it",
    standard="the provider's own dimensions, our token vector",
    day_from="bucket_start",
    columns=(
        *RESTATEMENT,
        Column("x_provider", "VARCHAR", "gen_ai.provider.name.", required=True),
        Column(
            "usage_type",
            "VARCHAR",
            "Endpoint: `completions`, `embeddings`, `messages` ...",
            required=True,
        ),
        Column("bucket_start", "TIMESTAMP", "Start of the bucket, inclusive, UTC.", required=True),
        Column("bucket_end", "TIMESTAMP", "End of the bucket, exclusive, UTC."),
        Column("model", "VARCHAR", "Model; NULL when the request did not group by it."),
        Column("service_tier", "VARCHAR", "Provider's own tier word."),
        Column("is_batch", "BOOLEAN", "True for the batch API; NULL when not stated."),
        Column("context_window", "VARCHAR", "Context band, when priced apart."),
        Column("sub_account_id", "VARCHAR", "Project or workspace."),
        Column("x_api_key_id", "VARCHAR", "Provider's id of the key (an id, never a secret)."),
        Column(
            "x_user_id",
            "VARCHAR",
            "Provider's id of the user; of an e-mail address only the salted pseudonym.",
        ),
        Column(
            "x_customer_type",
            "VARCHAR",
            "Who pays for Claude Code usage: `api` (the API bill) or `subscription` (seats).",
        ),
        Column("x_dimensions", "VARCHAR", "JSON object of the bucket's other dimensions."),
        *TOKEN_VECTOR,
        Column(
            "requests",
            "BIGINT",
            "Requests in the bucket; NULL when not reported.",
            non_negative=True,
        ),
        Column("quantity", QUANTITY, "Non-token quantity (images, seconds, searches)."),
        Column("quantity_unit", "VARCHAR", "Unit of quantity."),
        Column(
            "x_estimated_cost_usd",
            BILL_MONEY,
            "Provider's own estimate, USD, of seats' usage too: never added to a bill.",
        ),
    ),
)
