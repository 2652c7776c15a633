{#- Costs that sources state beside the estimate of the same calls, and what may part them. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with calls as (

    select
        *,
        estimate_usd
        - ({% for c in token_classes() %}{{ c }}_usd{{ " + " if not loop.last }}{% endfor %})
            as fees_usd
    from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}
        and estimate_usd is not null
        and reported_cost_usd is not null
        and not cached_hit

),

summed as (

    select
        utc_day,
        source_name,
        provider,
        model_id,
        operation,
        service_tier,
        {{ as_count("count(*)") }} as calls,
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ sum_usd("reported_cost_usd") }} as reported_usd,
        {{ sum_usd("coalesce(cache_read_usd, 0)") }} as cache_read_usd,
        {{ sum_usd("coalesce(cache_saving_usd, 0)") }} as cache_saving_usd,
        {{ sum_usd("coalesce(cache_write_premium_usd, 0)") }} as cache_write_premium_usd,
        {{ sum_usd("case when output_tokens > 0 then cast(coalesce("
            ~ usd_per("output_usd * reasoning_tokens", "output_tokens")
            ~ ", 0) as decimal(18, 9)) else 0 end") }} as reasoning_usd,
        {{ sum_usd("coalesce(fees_usd, 0)") }} as fees_usd
    from calls
    group by utc_day, source_name, provider, model_id, operation, service_tier

),

final as (

    select
        *,
        cast(reported_usd - estimate_usd as decimal(28, 9)) as gap_usd,
        abs(reported_usd - estimate_usd)
        > greatest(
            {{ var("tie_out_rounding_usd") }},
            {{ var("reported_cost_band") }} * greatest(estimate_usd, reported_usd)
        ) as is_outside_band
    from summed

)

select * from final
