{{ config(materialized="table") }}

{%- set is_first_price = "token_class = 'output' and min_input_tokens = 0" %}

with prices as (

    select * from {{ ref("stg_prices__model_prices") }}
    where service_tier = 'standard' and region is null

),

models as (

    select
        price_key,
        min(price_provider) as price_provider,
        min(price_model) as price_model,
        -- the first list price, so that a price cut does not move a model's history to another tier
        arg_min(usd_per_mtok, (valid_from, daily_from)) filter (where {{ is_first_price }})
            as first_output_usd_per_mtok
    from prices
    group by price_key

),

final as (

    select
        price_key,
        price_provider,
        price_model,
        cast(first_output_usd_per_mtok as decimal(12, 6)) as first_output_usd_per_mtok,
        case
            when first_output_usd_per_mtok is null then 'unknown'
            when first_output_usd_per_mtok <= {{ var("small_model_max_usd_per_mtok") }} then 'small'
            when first_output_usd_per_mtok <= {{ var("mid_model_max_usd_per_mtok") }} then 'mid'
            else 'large'
        end as model_tier
    from models

)

select * from final
