{#-
    Every hour of each limit's period: used, usual, and where the breaker stands. What is usual in
    an hour is the mean of the same hour of the four newest weeks that are known before it, in
    plain days, times the uplift that is planned for it.
-#}
{{ config(materialized="table") }}

with limits as (

    select * from {{ ref("int_limits") }}

),

members as (

    select
        scope,
        member,
        unit,
        max(as_of) as as_of,
        min(least(period_start, as_of - interval 7 day)) - interval 56 day as first_hour,
        max(period_end) as end_hour
    from limits
    group by scope, member, unit

),

spent as (

    select * from {{ ref("int_limited_hours") }}

),

first_calls as (

    select scope, member, unit, min(utc_hour) as utc_hour from spent group by scope, member, unit

),

seen as (

    select utc_hour from {{ ref("int_guarded_hours") }}
    where scope = 'company' and calls is not null

),

uplifts as (

    {{ planned_uplifts(ref("stg_workspace__planned_events")) }}

),

grid as (

    select
        scope,
        member,
        unit,
        as_of,
        unnest(generate_series(
            date_trunc('hour', first_hour), end_hour - interval 1 second, interval 1 hour
        )) as utc_hour
    from members

),

hours as (

    select
        grid.*,
        {{ uplift_of("grid") }} as uplift,
        -- an hour that was not delivered is unknown, one without a call is 0
        case
            when grid.utc_hour < first_calls.utc_hour or grid.utc_hour >= grid.as_of then null
            when spent.utc_hour is not null then spent.quantity
            when seen.utc_hour is not null then 0
        end as actual_quantity
    from grid
    left join first_calls {{ same_series("grid", "first_calls") }}
    left join spent {{ same_series("grid", "spent") }}
        and grid.utc_hour = spent.utc_hour
    left join seen on grid.utc_hour = seen.utc_hour
    {{ join_uplifts("grid") }}

),

usual as (

    {{ usual_hours_select("hours") }}

),

limited as (

    select
        limits.period,
        limits.kind,
        limits.limit_quantity,
        limits.period_end,
        usual.*,
        usual.utc_hour >= limits.period_start as in_period
    from limits
    inner join usual {{ same_series("limits", "usual") }}
        and limits.period_start - interval 28 day <= usual.utc_hour
        and limits.period_end > usual.utc_hour

),

final as (

    {{ breaker_select("limited", limit_keys()) }}

)

select * from final
