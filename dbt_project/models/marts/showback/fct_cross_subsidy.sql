{#- Who bears more than it caused, and for how much. Rule: DECISIONS.md, `cross_subsidy_usd`. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_showback_months() }}",
    )
}}

with direct as (

    select * from {{ ref("int_showback_direct") }} where line = 'usage'

),

shared as (

    select * from {{ ref("int_pool_shares") }} where is_spread

),

fair as (

    select * from {{ ref("int_pool_fair_shares") }}

),

transfers as (

    select * from {{ ref("int_showback_transfers") }}

),

amounts as (

    select month, {{ cost_object_columns() }}, charge_usd as direct_usd, 0 as shared_usd,
        0 as cache_usd, 0 as cross_subsidy_usd
    from direct
    union all
    select month, {{ cost_object_columns() }}, 0 as direct_usd, charge_usd as shared_usd,
        0 as cache_usd,
        -- without any direct charge there is no yardstick
        case when method in ('even', 'fixed') and month in (select month from fair)
            then charge_usd else 0 end as cross_subsidy_usd
    from shared
    union all
    select month, {{ cost_object_columns() }}, 0 as direct_usd, 0 as shared_usd, 0 as cache_usd,
        -fair_usd as cross_subsidy_usd
    from fair
    union all
    select month, {{ cost_object_columns() }}, 0 as direct_usd, 0 as shared_usd,
        case when is_settled then charge_usd else 0 end as cache_usd,
        case when is_settled then 0 else -charge_usd end as cross_subsidy_usd
    from transfers

),

final as (

    select
        month,
        {{ cost_object_columns() }},
        {% for measure in ["direct_usd", "shared_usd", "cache_usd", "cross_subsidy_usd"] -%}
        cast(sum({{ measure }}) as decimal(28, 12)) as {{ measure }}{{ "," if not loop.last }}
        {% endfor %}
    from amounts
    group by all

)

select *, {{ former_names({"cross_subsidy_usd": "carries_usd"}) }} from final
