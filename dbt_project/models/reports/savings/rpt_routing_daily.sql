{#- What a router's choices saved and how often a dearer model followed, day by day. -#}
{{ config(materialized="view") }}

with routed as (

    select
        call_date as day,
        sum(calls) as calls,
        sum(followed_calls) as followed_calls,
        sum(overridden_calls) as overridden_calls,
        sum(routing_saving_usd) as routing_saving_usd,
        sum(low_saving_usd) as low_saving_usd
    from {{ ref("fct_routing_daily") }}
    group by call_date

),

final as (

    select
        day,
        {{ as_count("calls") }} as calls,
        {{ as_count("overridden_calls") }} as overridden_calls,
        {{ ratio("overridden_calls", "followed_calls") }} as override_ratio,
        cast(routing_saving_usd as decimal(28, 9)) as routing_saving_usd,
        cast(low_saving_usd as decimal(28, 9)) as low_saving_usd
    from routed

)

select * from final
