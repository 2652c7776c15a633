{#- What records that are no calls state, with what it would cost by the price book. -#}
{{ config(materialized="ephemeral") }}

with omitted as (

    select records.* replace ({{ reported_in_usd("records", "rates") }} as reported_cost_usd)
    from {{ ref("stg_gateway__omitted_records") }} as records
    left join {{ ref("stg_fx__rates") }} as rates
        on records.reported_currency = rates.currency and records.utc_day = rates.day
    where {{ in_changed_days(["gateway_calls", "omitted_records"], "fct_left_out_daily") }}

),

-- nothing else that decides a price is known of them
like_calls as (

    select
        * replace (coalesce(service_tier, 'standard') as service_tier),
        model as response_model,
        cast(null as varchar) as request_model,
        'chat' as operation,
        'ok' as status,
        false as cached_hit,
        {% for c in token_classes() -%}
        {%- for part in token_parts(c) -%}
        cast(null as bigint) as {{ part }}_tokens,
        {% endfor -%}
        {%- endfor -%}
        cast(null as bigint) as unclassified_tokens,
        cast(null as bigint) as web_searches,
        cast(null as varchar) as region,
        cast(null as varchar) as tool_name,
        cast(null as decimal(18, 9)) as reported_avoided_usd
    from omitted

),

-- records that are added up have the price of one of their mean size
final as (

    {{ priced_calls("like_calls", "calls.all_input_tokens // calls.records") }}

)

select * from final
