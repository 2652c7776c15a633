{#-
    The roll-up of answers that a gateway's cache gave again: for whom they had been made, and how
    the cache keeps them. Rules: DECISIONS.md, `finding`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_of_cached_answers() }}",
    )
}}

with calls as (

    select * from {{ ref("fct_calls") }}
    where {{ days_of_cached_answers() }}
        and (cached_hit or {{ is_tool_call() }} and status = 'ok' and asks_gateway_cache)

),

publishes as (

    {{ publishes_by_feature(ref("fct_change_events"), "calls") }}

),

hits as (

    select
        calls.*,
        case
            when cache_key_scope = 'shared' then false
            else cache_source_tenant_id <> calls.tenant_id
        end as is_cross_tenant,
        -- without a publish before it, or a word on when or of what the answer was made: unknown
        case
            when publishes.source_version is not null and calls.cache_source_version is not null
                then calls.cache_source_version <> publishes.source_version
            else calls.started_at - to_seconds(calls.cache_age_seconds) < publishes.occurred_at
        end and cached_hit as is_stale,
        datediff('minute', publishes.occurred_at, calls.started_at) as minutes_since_publish
    from calls
    left join publishes
        on coalesce(calls.feature, '') = publishes.feature
        and calls.started_at >= publishes.occurred_at
        and calls.started_at < publishes.next_at

),

final as (

    select
        utc_day,
        call_date,
        feature,
        provider,
        model_id,
        {{ cache_layer() }} as layer,
        {{ as_count("count(*) filter (where cached_hit)") }} as hits,
        -- of a model's answers fct_usage_daily counts them
        {{ as_count("count(*) filter (where " ~ is_tool_call() ~ ")") }} as tool_lookups,
        {% for finding, test in {
            "cross_tenant": "is_cross_tenant",
            "no_lifetime": "cache_ttl_seconds = 0",
            "unencrypted": "not is_cache_encrypted",
            "stale": "is_stale",
        }.items() -%}
        {{ as_count("count(*) filter (where cached_hit and " ~ test ~ ")") }}
            as {{ finding }}_hits,
        {{ as_count("count(*) filter (where cached_hit and (" ~ test ~ ") is null)") }}
            as {{ finding }}_unstated_hits,
        {% endfor -%}
        max(minutes_since_publish) filter (where is_stale) as longest_lag_minutes,
        max(cache_ttl_seconds) as longest_ttl_seconds,
        cast(
            case
                when count(*) filter (where cached_hit) = 0 then 0
                else sum(avoided_usd) filter (where cached_hit)
            end as decimal(28, 9)
        ) as avoided_usd,
        {{ sum_usd("case when is_stale then avoided_usd else 0 end") }} as stale_usd
    from hits
    group by utc_day, call_date, feature, provider, model_id, {{ cache_layer() }}

)

select * from final
