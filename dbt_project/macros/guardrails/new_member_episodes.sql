{#-
    Hours of `new_member_hours_select` as an episode of each member, in the columns of
    `episodes_select`: it alerts in the hour in which it has spent more than `floor_usd`, and ends
    with the last one of its first day.
-#}
{% macro new_member_episodes_select(hours, floor_usd) -%}
    with summed as (

        select
            *,
            sum(estimate_usd) over (
                partition by scope, member, first_at order by utc_hour
            ) as so_far_usd
        from {{ hours }}

    )

    select
        scope,
        member,
        'new_member' as measure,
        first_at as started_at,
        max(utc_hour) as last_at,
        min(utc_hour) filter (where so_far_usd > {{ floor_usd }}) as detected_at,
        max(utc_hour) as last_alert_at,
        {{ ratio("sum(estimate_usd)", floor_usd) }} as score_ratio,
        cast(1 as integer) as window_hours,
        cast(0 as decimal(28, 9)) as mean_hour_usd,
        {{ sum_usd("estimate_usd") }} as actual_usd,
        cast(0 as decimal(28, 9)) as usual_usd,
        {{ sum_usd("estimate_usd") }} as excess_usd
    from summed
    group by scope, member, first_at
    having sum(estimate_usd) > {{ floor_usd }}
{%- endmacro %}
