{#- What the bill lines and calls of a day say of each commitment. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['billing_charges', 'gateway_calls', 'commitments']) }}",
    )
}}

{%- set money = ["billed_usd", "purchased_usd", "effective_usd", "used_usd", "unused_usd",
    "drawn_usd", "on_demand_usd", "uncovered_usd"] %}

with parts as (

    select 'bill' as part, * from {{ ref("int_commitment_billed") }}
    union all by name
    select 'calls' as part, 1 as period_days, * from {{ ref("int_commitment_calls") }}
    union all by name
    select 'not covered' as part, 1 as period_days, * from {{ ref("int_commitment_uncovered") }}

),

final as (

    select
        utc_day,
        commitment,
        valid_from,
        part,
        provider,
        model_id,
        {{ as_count("period_days") }} as period_days,
        bought_from,
        bought_until,
        {% for column in money -%}
        cast({{ column }} as decimal(28, 12)) as {{ column }},
        {% endfor -%}
        cast(used_quantity as decimal(28, 9)) as used_quantity,
        {{ as_count("tokens") }} as tokens
    from parts

)

select * from final
