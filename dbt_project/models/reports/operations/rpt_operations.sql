{#- Queues, failures and latencies of the product beside what it cost, by day and by hour, UTC. -#}
{%- set keys = operation_keys() %}
{%- set counts = call_counts() %}
{%- set timed = {"model": [50, 95], "tool": [95], "retrieval": [95], "embedding": [95]} %}

with {{ operation_member_steps() }}

{{ latency_quantile_steps("latency", "members", keys + ["hop_kind"], "latency_counts") }}

{{ latency_quantile_steps("first_token", "members", keys + ["hop_kind"], "first_token_counts") }}

latencies as (

    select
        {% for key in keys -%}
        latency.{{ key }},
        {% endfor -%}
        {% for kind, percents in timed.items() -%}
        {% for percent in percents -%}
        max(latency.p{{ percent }}_seconds) filter (where latency.hop_kind = '{{ kind }}')
            as {{ kind }}_p{{ percent }}_seconds,
        {% endfor -%}
        {% endfor -%}
        {% for percent in [50, 95] -%}
        max(first_token.p{{ percent }}_seconds) filter (where first_token.hop_kind = 'model')
            as first_token_p{{ percent }}_seconds{{ "," if not loop.last }}
        {% endfor %}
    from latency_quantiles as latency
    left join first_token_quantiles as first_token
        {{ same_operations("latency", "first_token", keys + ["hop_kind"]) }}
    group by latency.{{ keys | join(", latency.") }}

),

-- a mean of each queue over the slots in which it was sampled; queues wait beside each other
queues as (

    select
        {{ keys | join(", ") }},
        hop,
        {% for level in queue_levels()[:2] -%}
        cast({{ ratio("sum(" ~ level ~ "_sum)", "sum(" ~ level ~ "_slots)") }} as decimal(18, 3))
            as {{ level }},
        {% endfor -%}
        {% for level in queue_levels() -%}
        max({{ level }}_max) as {{ level }}_max,
        {% endfor -%}
        {% for count in queue_counts() -%}
        sum({{ count }}) as {{ count }}{{ "," if not loop.last }}
        {% endfor %}
    from members
    where hop_kind = 'queue'
    group by {{ keys | join(", ") }}, hop

),

waits as (

    select
        {{ keys | join(", ") }},
        count(*) as queues,
        {% for level in queue_levels()[:2] -%}
        sum({{ level }}) as {{ level }},
        {% endfor -%}
        {% for level in queue_levels() -%}
        {{ "sum" if level == "concurrency_limit" else "max" }}({{ level }}_max) as {{ level }}_max,
        {% endfor -%}
        {% for count in queue_counts() -%}
        sum({{ count }}) as {{ count }}{{ "," if not loop.last }}
        {% endfor %}
    from queues
    group by {{ keys | join(", ") }}

),

used as (

    select
        {{ keys | join(", ") }},
        {% for count in counts -%}
        coalesce(sum({{ count }}), 0) as {{ count }},
        {% endfor -%}
        sum(estimate_usd) as estimate_usd,
        sum(failed_usd) as failed_usd
    from members
    group by {{ keys | join(", ") }}

),

final as (

    select
        {% for key in keys -%}
        used.{{ key }},
        {% endfor -%}
        {% for count in counts -%}
        {{ as_count("used." ~ count) }} as {{ count }},
        {% endfor -%}
        {{ as_count("used.timed_out_calls + used.refused_calls + used.shed_calls") }}
            as turned_away_calls,
        cast(used.estimate_usd as decimal(28, 9)) as estimate_usd,
        cast(used.failed_usd as decimal(28, 9)) as failed_usd,
        {{ as_count("coalesce(waits.queues, 0)") }} as queues,
        {% for level in queue_levels()[:2] -%}
        cast(waits.{{ level }} as decimal(18, 3)) as {{ level }},
        {% endfor -%}
        {% for level in queue_levels() -%}
        cast(waits.{{ level }}_max as decimal(18, 3)) as {{ level }}_max,
        {% endfor -%}
        {% for count in queue_counts() -%}
        {{ as_count("waits." ~ count) }} as queue_{{ count }},
        {% endfor -%}
        latencies.* exclude ({{ keys | join(", ") }})
    from used
    left join latencies {{ same_operations("used", "latencies") }}
    left join waits {{ same_operations("used", "waits") }}

)

select * from final
