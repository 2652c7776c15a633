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

rules as (

    select * from {{ ref("stg_workspace__allocation_rules") }}

),

matches as (

    select * from {{ ref("stg_prices__model_matches") }}

),

rates as (

    select * from {{ ref("stg_fx__rates") }}

),

described as (

    select
        charges.utc_day,
        {{ month_of("charges.utc_day") }} as charge_month,
        {{ invoice_month("charges") }} as invoice_month,
        charges.source_name,
        coalesce(matches.provider_name, charges.x_provider) as provider,
        charges.provider_name, charges.publisher_name, charges.host_provider_name,
        coalesce(matches.model_id, charges.x_model) as model_id,
        charges.x_model is null or matches.model_id is not null as is_model_known,
        charges.x_model, charges.x_token_class, charges.x_service_tier,
        charges.x_cost_type, charges.x_line_item,
        charges.charge_category, charges.charge_class,
        {{ charge_line("charges") }} as line,
        charges.charge_description, charges.charge_frequency,
        charges.charge_period_start, charges.charge_period_end,
        charges.billing_period_start, charges.billing_period_end,
        charges.billed_cost, charges.effective_cost,
        {{ known_price("charges.list_cost", "charges") }} as list_cost,
        {{ known_price("charges.contracted_cost", "charges") }} as contracted_cost,
        charges.billing_currency,
        {{ amounts_in_usd("charges", "rates") }},
        charges.pricing_currency, charges.pricing_currency_effective_cost,
        charges.consumed_quantity, charges.consumed_unit,
        charges.pricing_quantity, charges.pricing_unit, charges.pricing_category,
        charges.list_unit_price, charges.contracted_unit_price,
        charges.pricing_currency_list_unit_price, charges.pricing_currency_contracted_unit_price,
        charges.invoice_id, charges.invoice_detail_id, charges.invoice_issuer_name,
        charges.billing_account_id, charges.billing_account_name, charges.billing_account_type,
        charges.sub_account_id, charges.sub_account_name, charges.sub_account_type,
        charges.service_category, charges.service_subcategory, charges.service_name,
        charges.region_id, charges.region_name, charges.availability_zone,
        charges.resource_id, charges.resource_name, charges.resource_type,
        charges.sku_id, charges.sku_price_id, charges.sku_meter, charges.sku_price_details,
        charges.tags,
        charges.commitment_discount_id, charges.commitment_discount_name,
        charges.commitment_discount_category, charges.commitment_discount_type,
        charges.commitment_discount_quantity, charges.commitment_discount_unit,
        charges.commitment_discount_status,
        charges.capacity_reservation_id, charges.capacity_reservation_status,
        charges.contract_applied, charges.allocated_method_id, charges.allocated_method_details,
        charges.allocated_resource_id, charges.allocated_resource_name, charges.allocated_tags,
        charges.x_api_key_id,
        charges.x_as_of,
        charges.source_file,
        charges.source_line,
        coalesce(charges.x_record, charges.source_line) as record_number
    from charges
    left join matches
        on charges.x_provider is not distinct from matches.provider
        and charges.x_model = matches.model
        and charges.charge_period_start >= matches.valid_from
        and charges.charge_period_start < matches.valid_to
    left join rates
        on charges.billing_currency = rates.currency
        and charges.utc_day = rates.day

),

claimed as (

    select
        *,
        {{ first_rule_that_fits(allocation_rules(), "charge_period_start") }} as allocation_rule
    from described

),

final as (

    select claimed.*, rules.pool as allocation_pool
    from claimed
    left join rules on claimed.allocation_rule = rules.line

)

select * from final
