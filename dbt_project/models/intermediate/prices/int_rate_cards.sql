{{ config(materialized="table") }}

{%- set units = priced_units() %}

with prices as (

    select * from {{ ref("stg_prices__model_prices") }}

),

service_tiers as (

    select tiers.service_tier
    from (values ('standard'), ('batch'), ('flex'), ('priority')) as tiers (service_tier)

),

boxes as (

    select
        price_key,
        region,
        service_tier as priced_as_tier,
        valid_from,
        valid_to,
        daily_from,
        daily_to,
        min_input_tokens,
        max_input_tokens,
        {% for token_class in units -%}
        max(case when token_class = '{{ token_class }}' then usd_per_mtok end)
            as {{ token_class }}_usd_per_mtok,
        {% endfor -%}
        -- `config/` sorts before `genai-prices`: one own price makes the card the workspace's
        min(source) as price_source
    from prices
    group by all

),

tier_choices as (

    select
        boxes.price_key,
        boxes.region,
        service_tiers.service_tier,
        -- every other tier sorts before `standard`: it wins where it has a card of its own
        min(boxes.priced_as_tier) as priced_as_tier
    from boxes
    cross join service_tiers
    where boxes.priced_as_tier = service_tiers.service_tier
        {% if var("tier_without_price") == "standard" -%}
        or boxes.priced_as_tier = 'standard'
        {%- endif %}
    group by boxes.price_key, boxes.region, service_tiers.service_tier

),

final as (

    select
        tier_choices.service_tier,
        boxes.*
    from boxes
    inner join tier_choices
        on boxes.price_key = tier_choices.price_key
        and boxes.region is not distinct from tier_choices.region
        and boxes.priced_as_tier = tier_choices.priced_as_tier

)

select * from final
