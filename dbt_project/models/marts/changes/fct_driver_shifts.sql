{#-
    What moved a feature's cost per success around every day: the seven days after it against the
    seven before. A change is measured by the shift of its day, and by those of days without one.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_around_days_to_rebuild('day', 7, 7) }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with costs as (

    select * from {{ ref("fct_task_costs_daily") }}
    where {{ only_around_days_to_rebuild("closed_date", 14, 14) }}

),

-- on its own day, of which a change takes a part, a task is on neither side
sides as (

    select
        costs.feature as member,
        cast(costs.closed_date + cast(distance.days as integer) as date) as day,
        spans.span_days,
        case when distance.days > 0 then 0 else 1 end as side,
        costs.*
    from costs
    cross join range(-7, 8) as distance (days)
    inner join (values (3), (7)) as spans (span_days) on abs(distance.days) <= spans.span_days
    where distance.days <> 0

),

comparisons as (

    select member, day, span_days
    from sides
    where {{ only_around_days_to_rebuild("day", 7, 7) }}
    group by member, day, span_days
    having count(distinct side) = 2

),

compared as (

    select sides.*
    from sides
    inner join comparisons
        on sides.member = comparisons.member
        and sides.day = comparisons.day
        and sides.span_days = comparisons.span_days

),

-- what a success takes: billed hops, writes into caches, bytes of log
taken as (

    select
        member,
        day,
        {% for side, name in {0: "previous", 1: "current"}.items() -%}
        {% for measure, (sum, is_known) in success_measures().items() -%}
        {{ ratio(
            "sum(" ~ sum ~ ") filter (where side = " ~ side ~ " and (" ~ is_known ~ "))",
            "sum(successes) filter (where side = " ~ side ~ ")",
        ) }} as {{ name }}_{{ measure }}_ratio{{ "," if not (loop.last and side == 1) }}
        {% endfor -%}
        {% endfor %}
    from compared
    where span_days = 7
    group by member, day

),

bridge as (

    select *, measure = 'cost_per_success' as is_unit, span_days = 7 as is_week
    from ({{ cost_bridge_select(
        "compared", ["member", "day", "span_days"], bridge_measures()[:2]
    ) }}) as bridge
    where driver <> 'residual'

),

moved as (

    select
        member as feature,
        day,
        driver,
        any_value(previous_usd) filter (where is_unit and is_week) as previous_usd,
        any_value(current_usd) filter (where is_unit and is_week) as current_usd,
        coalesce(any_value(effect_usd) filter (where is_unit and is_week), 0) as effect_usd,
        coalesce(any_value(effect_usd) filter (where is_unit and not is_week), 0)
            as near_effect_usd,
        coalesce(any_value(effect_usd) filter (where not is_unit and is_week), 0)
            as total_effect_usd
    from bridge
    group by member, day, driver

),

final as (

    select moved.*, taken.* exclude (member, day)
    from moved
    left join taken on moved.feature = taken.member and moved.day = taken.day
    where moved.effect_usd <> 0 or moved.total_effect_usd <> 0

)

select * from final
