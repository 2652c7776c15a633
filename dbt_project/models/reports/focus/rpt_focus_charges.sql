{#-
    Every bill line that was ingested, as FOCUS 1.2 names its columns and rules their values. Where
    FOCUS demands a value that a bill does not state, another one stands in, and columns that not
    every bill can fill by the rules go out with `x_`: DECISIONS.md, `FOCUS export`.
-#}
{{ config(materialized="view") }}

with charges as (

    select
        *,
        charge_category in ('Usage', 'Purchase') as is_priced,
        -- what a commitment covers costs no cash and not nothing: empty when no bill says what
        case when commitment_discount_id is null or charge_category <> 'Usage' or billed_cost <> 0
            then billed_cost end as known_cost,
        {{ focus_service_category() }} as category,
        {{ focus_provider() }} as billed_by,
        coalesce(service_name, {{ focus_provider() }} || ' API') as service,
        coalesce(charge_description, x_line_item, x_model, service_name, provider_name) as words,
        case when charge_category <> 'Tax' then coalesce(sku_id, sku_price_id, x_line_item,
            x_model, charge_description, service_name, provider_name) end as sku,
        coalesce(pricing_quantity, consumed_quantity, 1) as quantity,
        coalesce(case when pricing_quantity is not null then {{ focus_unit("pricing_unit") }}
            when consumed_quantity is not null then consumed_unit end, 'Count') as unit
    from {{ ref("fct_charges") }}

),

-- noqa: disable=RF03,RF06
-- FOCUS writes its names in CamelCase, which the other rule forbids without quotes; only the
-- lambdas of the macros qualify theirs
final as (

    select
        availability_zone as "AvailabilityZone",
        billed_cost as "BilledCost",
        coalesce(billing_account_id, 'unknown') as "BillingAccountId",
        coalesce(billing_account_name, billing_account_id, 'unknown') as "BillingAccountName",
        coalesce(billing_account_type, 'Billing Account') as "BillingAccountType",
        billing_currency as "BillingCurrency",
        coalesce(
            billing_period_end, date_trunc('month', charge_period_start) + interval 1 month
        ) as "BillingPeriodEnd",
        coalesce(billing_period_start, cast(date_trunc('month', charge_period_start) as timestamp))
            as "BillingPeriodStart",
        charge_category as "ChargeCategory", charge_class as "ChargeClass",
        words as "ChargeDescription",
        {{ focus_charge_frequency() }} as "ChargeFrequency",
        coalesce(charge_period_end, charge_period_start + interval 1 day) as "ChargePeriodEnd",
        charge_period_start as "ChargePeriodStart",
        commitment_discount_id as "CommitmentDiscountId",
        case when commitment_discount_id is not null
            then coalesce(commitment_discount_category, 'Spend') end
            as "CommitmentDiscountCategory",
        case when commitment_discount_id is not null then commitment_discount_name end
            as "CommitmentDiscountName",
        case when commitment_discount_id is not null and charge_category = 'Usage'
            then coalesce(commitment_discount_status, 'Used') end as "CommitmentDiscountStatus",
        case when commitment_discount_id is not null
            then coalesce(commitment_discount_type, 'Commitment') end as "CommitmentDiscountType",
        {{ focus_consumed("quantity") }} as "ConsumedQuantity",
        {{ focus_consumed("unit") }} as "ConsumedUnit",
        coalesce(contracted_cost, effective_cost, known_cost) as "ContractedCost",
        coalesce(effective_cost, known_cost) as "EffectiveCost",
        invoice_id as "InvoiceId",
        {{ focus_invoice_issuer("billed_by") }} as "InvoiceIssuerName",
        coalesce(list_cost, contracted_cost, effective_cost, known_cost) as "ListCost",
        case when charge_category <> 'Tax' then
            coalesce(pricing_category, case when is_priced then 'Standard' end)
        end as "PricingCategory",
        {{ focus_pricing("pricing_currency", "billing_currency") }} as "PricingCurrency",
        {{ focus_pricing("pricing_currency_effective_cost",
            "coalesce(effective_cost, known_cost)") }} as "PricingCurrencyEffectiveCost",
        {{ focus_priced("quantity") }} as "PricingQuantity",
        {{ focus_priced("unit") }} as "PricingUnit",
        billed_by as "ProviderName",
        coalesce(publisher_name, billed_by) as "PublisherName",
        region_id as "RegionId",
        case when region_id is not null then coalesce(region_name, region_id) end as "RegionName",
        resource_id as "ResourceId",
        case when resource_id is not null then resource_name end as "ResourceName",
        case when resource_id is not null then coalesce(resource_type, service) end
            as "ResourceType",
        category as "ServiceCategory", service as "ServiceName",
        {{ focus_service_subcategory("category") }} as "ServiceSubcategory",
        sku as "SkuId",
        case when sku is not null then coalesce(sku_meter, words) end as "SkuMeter",
        case when sku is not null then {{ focus_sku_price_details() }} end as "SkuPriceDetails",
        case when sku is not null then coalesce(sku_price_id, sku) end as "SkuPriceId",
        sub_account_id as "SubAccountId",
        case when sub_account_id is not null then coalesce(sub_account_name, sub_account_id) end
            as "SubAccountName",
        case when sub_account_id is not null then coalesce(sub_account_type, 'Sub Account') end
            as "SubAccountType",
        cast({{ focus_key_values("tags") }} as varchar) as "Tags",
        -- what FOCUS 1.2 rules so that not every bill can follow
        list_unit_price as "x_ListUnitPrice", contracted_unit_price as "x_ContractedUnitPrice",
        pricing_currency_list_unit_price as "x_PricingCurrencyListUnitPrice",
        pricing_currency_contracted_unit_price as "x_PricingCurrencyContractedUnitPrice",
        commitment_discount_quantity as "x_CommitmentDiscountQuantity",
        commitment_discount_unit as "x_CommitmentDiscountUnit",
        capacity_reservation_id as "x_CapacityReservationId",
        capacity_reservation_status as "x_CapacityReservationStatus",
        invoice_issuer_name as "x_InvoiceIssuerName",
        -- what later versions name
        host_provider_name as "x_HostProviderName", invoice_detail_id as "x_InvoiceDetailId",
        contract_applied as "x_ContractApplied", allocated_method_id as "x_AllocatedMethodId",
        allocated_method_details as "x_AllocatedMethodDetails",
        allocated_resource_id as "x_AllocatedResourceId",
        allocated_resource_name as "x_AllocatedResourceName", allocated_tags as "x_AllocatedTags",
        -- what the line is, and where it came from
        x_service_tier as "x_ServiceTier", x_cost_type as "x_CostType",
        source_name as "x_SourceName", source_file as "x_SourceFile",
        record_number as "x_SourceRecord"
    from charges

)

select * from final
