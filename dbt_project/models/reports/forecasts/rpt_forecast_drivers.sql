{{ config(materialized="view") }}

with drivers as (

    select * from {{ ref("fct_forecast_drivers") }}

),

final as (

    select
        made_on,
        scope,
        member,
        forecast_usd,
        tasks,
        calls_per_task_ratio,
        tokens_per_call_ratio,
        usd_per_mtok,
        announced_usd,
        next_price_on
    from drivers

)

select * from final
