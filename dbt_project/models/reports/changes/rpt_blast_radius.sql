{#- Who felt each change: its week against the week before, by feature, tenant and region. -#}
{{ config(materialized="view") }}

{%- set sums = ["tasks", "successes", "calls", "unpriced_calls", "estimate_usd"] %}

with events as (

    select * from {{ ref("fct_change_events") }}

),

-- closed tasks by their closing day; of a region only calls are known, by their UTC day
worked as (

    select
        closed_date as day,
        feature,
        tenant_id,
        cast(null as varchar) as region,
        {% for column in sums -%}
        sum({{ column }}) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref("fct_task_costs_daily") }}
    group by all
    union all by name
    select
        utc_day as day,
        coalesce(feature, 'unattributed') as feature,
        region,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_usage_hourly") }}
    where region is not null and cost_scope = 'product'
    group by all

),

felt as (

    select
        events.source_name,
        events.event_id,
        events.change_event,
        events.changed_date,
        case when worked.day < events.changed_date then 'previous' else 'current' end as side,
        worked.* exclude (day)
    from events
    inner join worked
        -- of its own day a change takes a part only
        on events.changed_date <> worked.day
        and worked.day between events.changed_date - 7 and events.changed_date + 7
        and (events.feature is null or events.feature = worked.feature)

),

by_member as (

    {% for dimension, column in {
        "feature": "feature", "tenant": "tenant_id", "region": "region"
    }.items() -%}
    select
        source_name, event_id, change_event, changed_date,
        '{{ dimension }}' as dimension,
        {{ column }} as member,
        {% for side in ["previous", "current"] -%}
        {% for column in sums -%}
        coalesce(sum({{ column }}) filter (side = '{{ side }}'), 0) as {{ side }}_{{ column }}
        {{- "," if not (loop.last and side == "current") }}
        {% endfor -%}
        {% endfor %}
    from felt
    where {{ column }} is not null and (region is null) = {{ dimension != "region" }}
    group by source_name, event_id, change_event, changed_date, {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        source_name,
        event_id,
        change_event,
        changed_date,
        dimension,
        member,
        {% for side in ["previous", "current"] -%}
        {% for column in ["tasks", "calls", "unpriced_calls"] -%}
        {{ as_count(side ~ "_" ~ column) }} as {{ side }}_{{ column }},
        {% endfor -%}
        cast({{ side }}_estimate_usd as decimal(28, 9)) as {{ side }}_usd,
        {{ ratio(side ~ "_successes", side ~ "_tasks") }} as {{ side }}_success_ratio,
        case when dimension <> 'region' then {{ ratio(side ~ "_calls", side ~ "_tasks") }} end
            as {{ side }}_calls_per_task_ratio,
        {{ usd_per(side ~ "_estimate_usd", side ~ "_successes") }}
            as {{ side }}_cost_per_success_usd,
        {% endfor -%}
        cast(current_estimate_usd - previous_estimate_usd as decimal(28, 9)) as change_usd
    from by_member

)

select * from final
