{#- What was used within an incident, and in the same hours of the four weeks before. -#}

-- depends_on: {{ ref("stg_lake__changed_days") }}
-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with incidents as (

    select * from {{ ref("int_incidents") }}
    where {{ since_any_change(2, "cast(last_alert_at as date)", of_mart="fct_incidents") }}

),

usage as (

    select * from {{ ref("fct_usage_hourly") }}
    where {{ since_any_change(130, of_mart="fct_incidents") }}

),

hours as (

    select
        incident_id,
        scope,
        member,
        unnest(generate_series(
            date_trunc('hour', started_at), date_trunc('hour', last_at), interval 1 hour
        )) as utc_hour
    from incidents

),

compared as (

    select
        hours.incident_id,
        hours.scope,
        hours.member,
        hours.utc_hour - to_weeks(weeks.week) as utc_hour,
        weeks.week
    from hours
    cross join (values (0), (1), (2), (3), (4)) as weeks (week)

),

used as (

    select
        compared.incident_id,
        compared.week,
        usage.* exclude (utc_hour)
    from compared
    inner join usage
        on compared.utc_hour = usage.utc_hour
        and compared.member = case compared.scope
            {% for scope, column in guarded_scopes().items() -%}
            when '{{ scope }}' then {{ guarded_member(column) }}
            {% endfor -%}
        end

),

weeks as (

    select incident_id, count(distinct week) filter (where week > 0) as weeks
    from used
    group by incident_id

),

final as (

    select
        used.incident_id,
        case when used.week = 0 then 1 else 0 end as side,
        coalesce(used.model_id, 'unknown') as model_id,
        arg_max(used.feature, used.estimate_usd) as largest_feature,
        {% for name in [
            "tasks", "calls", "tool_calls", "cached_hits", "billable_input_tokens",
            "billable_cache_read_tokens", "billable_output_tokens", "estimate_usd", "tool_usd",
        ] -%}
        -- the weeks before count as one
        {{ ratio(
            "coalesce(sum(used." ~ name ~ "), 0)",
            "case when any_value(used.week) = 0 then 1 else any_value(weeks.weeks) end"
        ) }} as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from used
    inner join weeks on used.incident_id = weeks.incident_id
    group by used.incident_id, side, coalesce(used.model_id, 'unknown')

)

select * from final
