{#- Models, tools and queues that the product's requests go through, in the newest 35 days. -#}
{{ config(materialized="view") }}

{%- set keys = ["hop_kind", "provider", "hop"] %}

with {{ operation_member_steps() }}

days as (

    select * from members
    where period_grain = 'day' and dimension = 'all'

),

{{ latency_quantile_steps("latency", "days", keys, "latency_counts") }}

{{ latency_quantile_steps("first_token", "days", keys, "first_token_counts") }}

used as (

    select
        {{ keys | join(", ") }},
        coalesce(sum(calls), 0) as calls,
        sum(case hop_kind
            when 'queue' then coalesce(shed, 0) + coalesce(rejected, 0) + coalesce(timed_out, 0)
            else timed_out_calls + refused_calls + shed_calls
        end) as turned_away,
        coalesce(sum(unpriced_calls), 0) as unpriced_calls,
        sum(estimate_usd) as estimate_usd,
        sum(failed_usd) as failed_usd,
        {{ ratio("sum(queue_depth_sum)", "sum(queue_depth_slots)") }} as queue_depth,
        max(queue_depth_max) as queue_depth_max,
        max(concurrency_limit_max) as concurrency_limit_max
    from days
    group by {{ keys | join(", ") }}

),

final as (

    select
        used.hop_kind,
        used.provider,
        used.hop,
        {{ as_count("used.calls") }} as calls,
        {{ as_count("used.turned_away") }} as turned_away,
        {{ as_count("used.unpriced_calls") }} as unpriced_calls,
        cast(used.estimate_usd as decimal(28, 9)) as estimate_usd,
        cast(used.failed_usd as decimal(28, 9)) as failed_usd,
        latency.p50_seconds,
        latency.p95_seconds,
        first_token.p50_seconds as first_token_p50_seconds,
        first_token.p95_seconds as first_token_p95_seconds,
        cast(used.queue_depth as decimal(18, 3)) as queue_depth,
        cast(used.queue_depth_max as decimal(18, 3)) as queue_depth_max,
        cast(used.concurrency_limit_max as decimal(18, 3)) as concurrency_limit_max
    from used
    left join latency_quantiles as latency {{ same_operations("used", "latency", keys) }}
    left join first_token_quantiles as first_token
        {{ same_operations("used", "first_token", keys) }}

)

select * from final
