{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['billing_charges']) }}",
    )
}}

with charges as (

    select * from {{ ref("int_charge_versions") }}
    where is_current and {{ only_changed_days(["billing_charges"]) }}

),

matches as (

    select * from {{ ref("stg_prices__model_matches") }}

),

models as (

    select * from {{ ref("dim_models") }}

),

final as (

    select
        charges.utc_day,
        {{ month_of("charges.utc_day") }} as charge_month,
        charges.source_name,
        charges.x_provider as provider,
        charges.provider_name,
        coalesce(models.price_model, charges.x_model) as model_id,
        charges.x_model,
        charges.x_token_class,
        charges.x_service_tier,
        charges.x_cost_type,
        charges.x_line_item,
        charges.charge_category,
        charges.charge_class,
        charges.charge_description,
        charges.charge_frequency,
        charges.charge_period_start,
        charges.charge_period_end,
        charges.billing_period_start,
        charges.billing_period_end,
        charges.billed_cost,
        charges.effective_cost,
        charges.list_cost,
        charges.contracted_cost,
        charges.billing_currency,
        case when charges.billing_currency = 'USD' then charges.billed_cost end as charge_usd,
        charges.consumed_quantity,
        charges.consumed_unit,
        charges.pricing_quantity,
        charges.pricing_unit,
        charges.invoice_id,
        charges.invoice_issuer_name,
        charges.billing_account_id,
        charges.sub_account_id,
        charges.service_category,
        charges.service_name,
        charges.region_id,
        charges.resource_id,
        charges.sku_id,
        charges.tags,
        charges.publisher_name,
        charges.billing_account_name,
        charges.sub_account_name,
        charges.pricing_category,
        charges.list_unit_price,
        charges.contracted_unit_price,
        charges.resource_name,
        charges.sku_price_id,
        charges.sku_price_details,
        charges.commitment_discount_id,
        charges.commitment_discount_status,
        charges.x_api_key_id,
        charges.x_as_of,
        charges.source_file,
        charges.source_line,
        coalesce(charges.x_record, charges.source_line) as record_number
    from charges
    left join matches
        on charges.x_provider is not distinct from matches.provider
        and charges.x_model = matches.model
    left join models on matches.price_key = models.price_key

)

select * from final
