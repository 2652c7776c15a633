{#- The last steps of `fct_cap_audit`, from its steps `noticed` and `refused`: one row a cause. -#}
{% macro cap_audit_steps() -%}
late as (

    select
        *,
        case when spent_usd - usd < limit_usd then 'boundary' else {{ cause_of_passing() }} end
            as cause,
        -- of the call that reached the limit, what goes beyond it
        least(usd, spent_usd - limit_usd) as over_usd
    from noticed
    where not is_refused and spent_usd > limit_usd and usd > 0

),

passed as (

    select
        {{ cap_keys() | join(", ") }},
        'passed' as direction,
        cause,
        {{ cap_columns() }},
        {{ sum_usd("over_usd") }} as usd,
        {{ as_count("count(*)") }} as calls,
        {{ as_count("datediff('minute', any_value(reached_at), max(counted_at))") }} as minutes,
        min(counted_at) as first_at,
        max(counted_at) as last_at,
        cast(null as bigint) as requests,
        cast(null as bigint) as answered_requests,
        cast(null as bigint) as server_error_requests
    from late
    group by {{ cap_keys() | join(", ") }}, cause

),

judged as (

    select
        *,
        case
            when reached_at <= counted_at then 'cap_reached'
            when is_carried then 'late_reset'
            else 'counter_drift'
        end as cause
    from refused

),

refusals as (

    select
        {{ cap_keys() | join(", ") }},
        'refused' as direction,
        cause,
        {{ cap_columns() }},
        -- what was left of the limit when it was first refused: the counter was off by that much
        cast(greatest(0, arg_min(limit_usd - spent_usd, (counted_at, call_id)))
            as decimal(28, 9)) as usd,
        {{ as_count("count(*)") }} as calls,
        {{ as_count("datediff('minute', min(counted_at), max(counted_at))") }} as minutes,
        min(counted_at) as first_at,
        max(counted_at) as last_at,
        {{ as_count("count(distinct source_name || '/' || request_id)") }} as requests,
        {% for name, test in {"answered": "is_graceful", "server_error": "is_server_error"
        }.items() -%}
        {{ as_count("count(distinct source_name || '/' || request_id) filter (where " ~ test ~ ")"
        ) }} as {{ name }}_requests{{ "," if not loop.last }}
        {% endfor %}
    from judged
    group by {{ cap_keys() | join(", ") }}, cause

),
{%- endmacro %}

{#- What an audited period is the same in all its calls. -#}
{% macro cap_columns() -%}
    any_value(period_end) as period_end,
        cast(any_value(limit_usd) as decimal(28, 9)) as limit_usd,
        any_value(reached_at) as reached_at,
        any_value(owner) as owner,
        any_value(source) as source
{%- endmacro %}
