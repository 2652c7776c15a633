{#-
    Every bill line that was ingested, as FOCUS 1.2 names its columns. Where FOCUS demands a value
    that a provider does not state, the nearest stated one stands in: DECISIONS.md, `FOCUS export`.
-#}
{{ config(materialized="view") }}

with charges as (

    select
        *,
        x_model is not null or coalesce(x_cost_type, '') = 'tokens' as is_model_charge
    from {{ ref("fct_charges") }}

),

categorised as (

    select
        *,
        coalesce(
            service_category,
            case when is_model_charge then 'AI and Machine Learning' else 'Other' end
        ) as category
    from charges

),

-- noqa: disable=RF06
-- FOCUS writes its names in CamelCase, which the other rule forbids without quotes
final as (

    select
        billed_cost as "BilledCost",
        coalesce(billing_account_id, 'unknown') as "BillingAccountId",
        billing_account_name as "BillingAccountName",
        billing_currency as "BillingCurrency",
        coalesce(
            billing_period_end, date_trunc('month', charge_period_start) + interval 1 month
        ) as "BillingPeriodEnd",
        coalesce(billing_period_start, cast(date_trunc('month', charge_period_start) as timestamp))
            as "BillingPeriodStart",
        charge_category as "ChargeCategory",
        charge_class as "ChargeClass",
        coalesce(charge_description, x_line_item) as "ChargeDescription",
        coalesce(
            charge_frequency,
            case when charge_category = 'Usage' then 'Usage-Based' else 'One-Time' end
        ) as "ChargeFrequency",
        coalesce(charge_period_end, charge_period_start + interval 1 day) as "ChargePeriodEnd",
        charge_period_start as "ChargePeriodStart",
        commitment_discount_id as "CommitmentDiscountId",
        commitment_discount_status as "CommitmentDiscountStatus",
        consumed_quantity as "ConsumedQuantity",
        consumed_unit as "ConsumedUnit",
        coalesce(contracted_cost, effective_cost, billed_cost) as "ContractedCost",
        contracted_unit_price as "ContractedUnitPrice",
        coalesce(effective_cost, billed_cost) as "EffectiveCost",
        invoice_id as "InvoiceId",
        coalesce(invoice_issuer_name, provider_name) as "InvoiceIssuerName",
        coalesce(list_cost, contracted_cost, effective_cost, billed_cost) as "ListCost",
        list_unit_price as "ListUnitPrice",
        pricing_category as "PricingCategory",
        pricing_quantity as "PricingQuantity",
        pricing_unit as "PricingUnit",
        provider_name as "ProviderName",
        coalesce(publisher_name, provider_name) as "PublisherName",
        region_id as "RegionId",
        resource_id as "ResourceId",
        resource_name as "ResourceName",
        category as "ServiceCategory",
        coalesce(service_name, provider_name || ' API') as "ServiceName",
        case when is_model_charge then 'Generative AI' else 'Other (' || category || ')' end
            as "ServiceSubcategory",
        sku_id as "SkuId",
        {{ focus_price_details() }} as "SkuPriceDetails",
        sku_price_id as "SkuPriceId",
        sub_account_id as "SubAccountId",
        sub_account_name as "SubAccountName",
        tags as "Tags",
        x_service_tier as "x_ServiceTier",
        x_cost_type as "x_CostType",
        source_name as "x_SourceName",
        source_file as "x_SourceFile",
        record_number as "x_SourceRecord"
    from categorised

)

select * from final
