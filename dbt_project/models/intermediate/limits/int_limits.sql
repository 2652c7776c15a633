{#-
    Limits that hold at the newest hour, one a member, with the period that it lies in. What names a
    member goes before `*`, and a soft limit of a month before a budget of the same member.
-#}
{{ config(materialized="table") }}

with newest as (

    select max(utc_hour) as utc_hour from {{ ref("fct_usage_hourly") }}

),

stated as (

    {{ stated_limits("newest") }}

),

held as (

    select stated.*, newest.utc_hour
    from stated
    inner join newest
        on stated.valid_from <= newest.utc_hour and stated.valid_to > newest.utc_hour

),

members as (

    select scope, member, unit, max(utc_hour) as last_hour
    from {{ ref("int_limited_hours") }}
    group by scope, member, unit

),

-- of the names that a key or user may have, the one that calls bear
possible as (

    select *, unnest(names) as member from held

),

named as (

    select possible.* exclude (names)
    from possible
    left join members {{ same_series("possible", "members") }}
    where possible.member <> '*'
    qualify row_number() over (
        partition by possible.source
        order by
            members.last_hour desc nulls last,
            list_position(possible.names, possible.member) asc
    ) = 1

),

each_member as (

    select
        held.* exclude (names),
        members.member
    from held
    inner join members
        on held.scope = members.scope
        and held.unit = members.unit
        and members.last_hour >= {{ period_start("held.period", "held.utc_hour") }}
    where list_contains(held.names, '*')

),

resolved as (

    select *, false as is_of_each from named
    union all
    select *, true as is_of_each from each_member

),

limits as (

    select
        scope,
        member,
        unit,
        period,
        kind,
        limit_quantity,
        warn_at,
        owner,
        source,
        utc_hour + interval 1 hour as as_of,
        {{ period_start("period", "utc_hour") }} as period_start,
        {{ period_end("period", "utc_hour") }} as period_end
    from resolved
    qualify row_number() over (
        partition by scope, member, unit, period, kind order by is_of_each, is_budget, source
    ) = 1

),

{{ projection_error_steps() }}

final as (

    select
        limits.*,
        errors.error as projection_error,
        errors.days as history_days
    from limits
    left join errors {{ same_series("limits", "errors") }}
        and errors.days_ahead = {{ days_to_come("limits.as_of", "limits.period_end") }}

)

select * from final
