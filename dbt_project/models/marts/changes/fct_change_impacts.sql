{#- What followed each change: the shift of its day, beside those of days without a change. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_impacts_to_rebuild() }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with events as (

    select * from {{ ref("fct_change_events") }} where {{ only_impacts_to_rebuild(margin=8) }}

),

shifts as (

    select * from {{ ref("fct_driver_shifts") }}

),

followed as (

    select
        events.utc_day,
        events.source_name,
        events.event_id,
        events.change_kind,
        events.change_event,
        events.changed_date,
        -- of two changes of one day, a release like any other comes last
        (events.change_kind = 'deploy', events.feature is null, events.event_id) as precedence,
        shifts.* exclude (day)
    from events
    inner join shifts on events.changed_date = shifts.day
        and coalesce(events.feature, shifts.feature) = shifts.feature
    -- only who changes a price changes prices
    where (events.change_kind = 'price') = (shifts.driver in ('price', 'tool_price'))

),

-- days of the feature near the change, in whose weeks it is not
other_days as (

    select
        followed.changed_date,
        followed.feature,
        followed.driver,
        followed.effect_usd,
        count(distinct others.day) as placebo_days,
        -- as large, and the same way: the end of what a change did is no day without it
        max(abs(others.effect_usd)) filter (
            where others.driver = followed.driver
                and sign(others.effect_usd) = sign(followed.effect_usd)
        ) as placebo_largest_usd
    from (select distinct changed_date, feature, driver, effect_usd from followed) as followed
    inner join shifts as others
        on followed.feature = others.feature
        and others.day between followed.changed_date - 45 and followed.changed_date + 45
        and abs(others.day - followed.changed_date) > 8
    group by all

),

ranked as (

    select
        followed.*,
        coalesce(other_days.placebo_days, 0) as placebo_days,
        coalesce(other_days.placebo_largest_usd, 0) as placebo_largest_usd,
        -- what happened some days off shows more around another day, whoever changed something then
        not exists (
            select 1
            from shifts as rival
            where rival.feature = followed.feature
                and rival.driver = followed.driver
                and abs(rival.day - followed.changed_date) between 2 and 3
                and sign(rival.near_effect_usd) = sign(followed.effect_usd)
                and abs(rival.near_effect_usd) > abs(followed.near_effect_usd)
        ) and not exists (
            select 1
            from followed as rival
            where rival.feature = followed.feature
                and rival.driver = followed.driver
                and abs(rival.changed_date - followed.changed_date) < 7
                and sign(rival.effect_usd) = sign(followed.effect_usd)
                and (-abs(rival.near_effect_usd), rival.precedence)
                < (-abs(followed.near_effect_usd), followed.precedence)
        ) as is_first_of_week
    from followed
    left join other_days
        on followed.changed_date = other_days.changed_date
        and followed.feature = other_days.feature
        and followed.driver = other_days.driver
        and followed.effect_usd = other_days.effect_usd

),

final as (

    select
        * exclude (precedence, placebo_days, placebo_largest_usd, is_first_of_week),
        {{ as_count("placebo_days") }} as placebo_days,
        cast(placebo_largest_usd as decimal(28, 9)) as placebo_largest_usd,
        coalesce(
            is_first_of_week
            and placebo_days >= {{ var("change_fewest_placebo_days") }}
            and abs(effect_usd) >= placebo_largest_usd * {{ var("change_over_placebo") }}
            and near_effect_usd * sign(effect_usd) >= abs(effect_usd) * 0.5
            and abs(effect_usd) >= previous_usd * {{ var("change_smallest_effect") }},
            false
        ) as is_cause
    from ranked
    where {{ only_impacts_to_rebuild() }}

)

select * from final
