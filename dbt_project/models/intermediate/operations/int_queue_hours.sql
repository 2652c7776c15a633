{#-
    Queues by the hour. Instances of a queue are not sampled at one moment: within five minutes each
    counts once, and a queue is the sum of its instances.
-#}
with told as (

    select
        sent.* replace (coalesce(sent.is_running_total, false) as is_running_total),
        {{ cost_scope("sent") }} as cost_scope
    -- a queue holds calls of every kind: its environment alone says what it is part of
    from (select *, null::varchar as traffic_class from {{ ref("stg_queues__samples") }}) as sent
    where {{ in_changed_days(
        ["gateway_calls", "queue_samples"], "fct_operations_hourly", "sent.utc_day") }}

),

-- one moment of a series may come in several records, and again in a later file: said last counts
samples as (

    select
        utc_day,
        sampled_at,
        {{ queue_series() | join(", ") }},
        {% for column in queue_levels() + queue_counts() -%}
        arg_max({{ column }}, [file_id, source_line]) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from told
    group by utc_day, sampled_at, {{ queue_series() | join(", ") }}

),

counted as (

    select
        * replace (
            {% for column in queue_counts() -%}
            {{ since_sample_before(column) }} as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        ),
        time_bucket(interval 5 minute, sampled_at) as slot
    from samples

),

instances as (

    select
        utc_day,
        slot,
        {{ queue_series() | join(", ") }},
        {% for column in queue_levels()[:2] -%}
        cast({{ ratio("sum(" ~ column ~ ")", "count(" ~ column ~ ")") }} as decimal(18, 3))
            as {{ column }},
        {% endfor -%}
        {% for column in queue_levels() -%}
        max({{ column }}) as most_{{ column }},
        {% endfor -%}
        {% for column in queue_counts() -%}
        sum({{ column }}) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from counted
    group by utc_day, slot, {{ queue_series() | join(", ") }}

),

slots as (

    select
        utc_day,
        slot,
        queue_name,
        feature,
        cost_scope,
        {% for column in queue_levels()[:2] -%}
        sum({{ column }}) as {{ column }},
        {% endfor -%}
        {% for column in queue_levels()[:3] -%}
        sum(most_{{ column }}) as most_{{ column }},
        {% endfor -%}
        max(most_oldest_wait_seconds) as most_oldest_wait_seconds,
        {% for column in queue_counts() -%}
        sum({{ column }}) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from instances
    group by utc_day, slot, queue_name, feature, cost_scope

),

final as (

    select
        utc_day,
        date_trunc('hour', slot) as utc_hour,
        queue_name,
        feature,
        cost_scope,
        {% for column in queue_levels()[:2] -%}
        {{ as_count("count(" ~ column ~ ")") }} as {{ column }}_slots,
        cast(sum({{ column }}) as decimal(28, 3)) as {{ column }}_sum,
        {% endfor -%}
        {% for column in queue_levels() -%}
        cast(max(most_{{ column }}) as decimal(28, 3)) as {{ column }}_max,
        {% endfor -%}
        {% for column in queue_counts() -%}
        {{ as_count("sum(" ~ column ~ ")") }} as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from slots
    group by utc_day, date_trunc('hour', slot), queue_name, feature, cost_scope

)

select * from final
