{#-
    Every hour of whoever called in the four weeks before: what guardrails compare. A member
    without a call in an hour spent nothing, unless nobody was seen at all where calls are usual.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_after_changes(28, has_measure=false) }}",
    )
}}

{%- set sums = ["tasks", "calls", "cache_lookups"] %}
{%- set amounts = [
    "estimate_usd", "live_usd", "usual_tasks_usd", "avoided_usd", "both_known_usd", "reported_usd",
] %}

-- depends_on: {{ ref("stg_lake__changed_days") }}

with usage as (

    select * from {{ ref("fct_usage_hourly") }} where {{ since_changes(28) }}

),

scoped as (

    {{ guarded_usage("usage", sums + amounts) }}

),

seen_hours as (

    select utc_hour from scoped where scope = 'company'

),

days as (

    select utc_day from scoped
    where scope = 'company' and {{ in_days_after_changes(28, has_measure=false) }}
    group by utc_day

),

hours as (

    select utc_day, utc_day + to_hours(cast(clock.hour as integer)) as utc_hour
    from days
    cross join range(0, 24) as clock (hour)

),

-- an hour without any call, at which there were some in three of the four weeks before, is a gap
delivered as (

    select
        hours.utc_day,
        hours.utc_hour,
        count(*) filter (where weeks.week = 0 and seen_hours.utc_hour is not null) = 1
            or count(seen_hours.utc_hour) < 3 as is_delivered
    from hours
    cross join (values (0), (1), (2), (3), (4)) as weeks (week)
    left join seen_hours on seen_hours.utc_hour = hours.utc_hour - to_weeks(weeks.week)
    group by hours.utc_day, hours.utc_hour

),

member_days as (

    select scope, member, utc_day, sum(estimate_usd) as estimate_usd
    from scoped
    group by scope, member, utc_day

),

-- the dearest of a scope: tags can differ in every call
active as (

    select days.utc_day, member_days.scope, member_days.member
    from days
    inner join member_days on member_days.utc_day between days.utc_day - 28 and days.utc_day
    group by days.utc_day, member_days.scope, member_days.member
    qualify row_number() over (
        partition by days.utc_day, member_days.scope
        order by sum(member_days.estimate_usd) desc nulls last, member_days.member
    ) <= {{ var("guarded_members") }}

),

final as (

    select
        active.scope,
        active.member,
        delivered.utc_day,
        delivered.utc_hour,
        {% for name in sums -%}
        case when delivered.is_delivered then {{ as_count("coalesce(scoped." ~ name ~ ", 0)") }}
            end as {{ name }},
        {% endfor -%}
        {% for name in amounts -%}
        -- of calls without a known price the cost is unknown, of no call it is 0
        cast(case when scoped.utc_hour is not null then scoped.{{ name }}
            when delivered.is_delivered then 0 end as decimal(28, 9)) as {{ name }}
        {{- "," if not loop.last }}
        {% endfor %}
    from active
    inner join delivered on active.utc_day = delivered.utc_day
    left join scoped
        on active.scope = scoped.scope
        and active.member = scoped.member
        and delivered.utc_hour = scoped.utc_hour

)

select * from final
