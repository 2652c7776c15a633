{#-
    Alerts of one series with less than `gap_hours` between them, as one episode.

    Longer windows notice late and forget late. An episode starts where, looking back from the
    first alert over its window (at least a day, where that is more than an hour), the excess has
    summed up to most, and ends where it has by the last alert; half of the window's smallest growth
    is left aside as noise. Actual, usual and excess are of these hours.
-#}
{% macro episodes_select(alerts, burn, keys, windows, gap_hours, wanted="true") -%}
    {%- set keyed = keys | join(", ") -%}
    with alerts as (

        select
            *,
            coalesce(
                utc_hour - lag(utc_hour) over (partition by {{ keyed }} order by utc_hour)
                > interval {{ gap_hours }} hour,
                true
            ) as is_first
        from {{ alerts }}

    ),

    numbered as (

        select
            *,
            count(*) filter (where is_first) over (
                partition by {{ keyed }} order by utc_hour
            ) as episode
        from alerts

    ),

    episodes as (

        select
            {{ keyed }},
            episode,
            min(utc_hour) as detected_at,
            max(utc_hour) as last_alert_at,
            max(score_ratio) as score_ratio,
            arg_min(window_hours, utc_hour) as window_hours
        from numbered
        group by {{ keyed }}, episode
        having {{ wanted }}

    ),

    hours as (

        select
            episodes.*,
            burn.utc_hour,
            burn.actual_usd,
            burn.usual_usd,
            burn.mean_hour_usd,
            sum(
                {{ burn_sign() }} * (burn.actual_usd - burn.usual_usd)
                - burn.usual_usd * case window_hours
                    {%- for window, growth, _ in windows %}
                    when {{ window }} then {{ (growth - 1) * 0.5 }}
                    {%- endfor %}
                end
            ) over (partition by {{ keyed }}, episode order by burn.utc_hour) as summed_usd
        from episodes
        inner join {{ burn }} as burn using ({{ keyed }})
        -- a window of hours may begin to notice in the middle of a day
        where burn.utc_hour > episodes.detected_at - to_hours(
            case when episodes.window_hours = 1 then 1 else greatest(episodes.window_hours, 24) end
        )
            and burn.utc_hour <= episodes.last_alert_at

    ),

    edges as (

        select
            {{ keyed }},
            episode,
            case
                when min(summed_usd) filter (where utc_hour < detected_at) < 0
                    then arg_min(utc_hour, summed_usd) filter (where utc_hour < detected_at)
                        + interval 1 hour
                else min(utc_hour)
            end as started_at,
            arg_max(utc_hour, summed_usd) filter (where utc_hour >= detected_at) as last_at
        from hours
        group by {{ keyed }}, episode

    )

    select
        {{ keyed }},
        edges.started_at,
        edges.last_at,
        any_value(hours.detected_at) as detected_at,
        any_value(hours.last_alert_at) as last_alert_at,
        any_value(hours.score_ratio) as score_ratio,
        any_value(hours.window_hours) as window_hours,
        min(hours.mean_hour_usd) as mean_hour_usd,
        cast(sum(hours.actual_usd) as decimal(28, 9)) as actual_usd,
        cast(sum(hours.usual_usd) as decimal(28, 9)) as usual_usd,
        cast(sum({{ burn_sign() }} * (hours.actual_usd - hours.usual_usd)) as decimal(28, 9))
            as excess_usd
    from hours
    inner join edges using ({{ keyed }}, episode)
    where hours.utc_hour between edges.started_at and edges.last_at
    group by {{ keyed }}, episode, edges.started_at, edges.last_at
{%- endmacro %}
