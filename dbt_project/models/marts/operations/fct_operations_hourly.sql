{#- How what a request goes through ran, hop by hop, beside what it cost. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls', 'queue_samples']) }}",
    )
}}

{%- set failures = ["error", "timed_out", "refused", "shed", "left"] %}

with calls as (

    select
        *,
        {{ hop_kind() }} as hop_kind,
        {{ failure_kind() }} as failure,
        {{ is_retry() }} as is_retry,
        -- for a batch nobody waits, and a cache's answer says nothing of how long one takes
        ended_at >= started_at
        and not coalesce(cached_hit, false)
        and coalesce(service_tier, '') <> 'batch' as is_timed
    from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls", "queue_samples"]) }}

),

called as (

    select
        utc_day,
        date_trunc('hour', started_at) as utc_hour,
        feature,
        cost_scope,
        hop_kind,
        provider,
        case hop_kind
            when 'tool' then coalesce(tool_name, model_id)
            else coalesce(model_id, tool_name)
        end as hop,
        count(*) as calls,
        {% for kind in failures -%}
        count(*) filter (where failure = '{{ kind }}') as {{ kind }}_calls,
        {% endfor -%}
        count(*) filter (where is_retry) as retries,
        count(*) filter (where is_unpriced) as unpriced_calls,
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ sum_usd("case when failure is null then 0 else estimate_usd end") }} as failed_usd,
        histogram({{ latency_bucket("started_at", "ended_at") }}) filter (
            where is_timed and (failure is null or failure = 'timed_out')
        ) as latency_counts,
        histogram({{ latency_bucket("started_at", "first_token_at") }}) filter (
            where is_timed and failure is null and is_stream and first_token_at >= started_at
        ) as first_token_counts
    from calls
    group by all

),

queued as (

    select
        * exclude (queue_name),
        'queue' as hop_kind,
        queue_name as hop
    from {{ ref("int_queue_hours") }}

),

hops as (

    select * from called
    union all by name
    select * from queued

),

final as (

    select
        utc_day,
        utc_hour,
        feature,
        cost_scope,
        hop_kind,
        provider,
        hop,
        {% for column in call_counts() -%}
        {{ as_count(column) }} as {{ column }},
        {% endfor -%}
        estimate_usd,
        failed_usd,
        latency_counts,
        first_token_counts,
        {% for column in queue_levels()[:2] -%}
        {{ column }}_slots,
        {{ column }}_sum,
        {% endfor -%}
        {% for column in queue_levels() -%}
        {{ column }}_max,
        {% endfor -%}
        {% for column in queue_counts() -%}
        {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from hops

)

select * from final
