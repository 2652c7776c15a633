{#-
    Steps of `int_limits` that say how far projections were off that reach as far as each of its
    `limits` does from now: over whole days of its member, the uplift of events taken off.
-#}
{% macro projection_error_steps() -%}
asked as (

    select distinct -- limits of one member may end together
        scope, member, unit, as_of, {{ days_to_come("as_of", "period_end") }} as days_ahead
    from limits

),

uplifts as (

    {{ planned_uplifts(ref("stg_workspace__planned_events")) }}

),

spent as (

    select
        hours.scope,
        hours.member,
        hours.unit,
        cast(hours.utc_hour as date) as utc_day,
        cast(sum({{ ratio("hours.quantity", uplift_of("hours")) }}) as decimal(28, 9))
            as plain_quantity
    from {{ ref("int_limited_hours") }} as hours
    {{ join_uplifts("hours") }}
    group by hours.scope, hours.member, hours.unit, cast(hours.utc_hour as date)

),

-- whole days alone: not the first with a call, not the newest
grid as (

    select
        spent.scope,
        spent.member,
        spent.unit,
        unnest(generate_series(
            min(spent.utc_day) + interval 1 day,
            max(cast(asked.as_of as date)) - interval 1 day,
            interval 1 day
        )) as utc_day
    from spent
    inner join asked {{ same_series("spent", "asked") }}
    group by spent.scope, spent.member, spent.unit

),

days as (

    select grid.*, coalesce(spent.plain_quantity, 0) as plain_quantity
    from grid
    left join spent {{ same_series("grid", "spent") }}
        and grid.utc_day = spent.utc_day

),

errors as (

    {{ projection_errors_select("days", "asked") }}

),
{%- endmacro %}
