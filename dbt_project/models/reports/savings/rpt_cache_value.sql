{#-
    What each cache layer saved, by month and model, less what it wrote and answered wrongly, and
    from which hit ratio on it pays. Rule: DECISIONS.md, `net_saving_usd and verdict`.
-#}
{{ config(materialized="view") }}

with usage as (

    select
        {{ month_of("call_date") }} as month,
        provider,
        model_id,
        sum(cache_lookups) as lookups,
        sum(billable_input_tokens) as input_tokens,
        sum(billable_cache_read_tokens) as read_tokens,
        sum(cache_saving_usd + cache_write_premium_usd) as read_saving_usd,
        sum(cache_write_premium_usd) as write_premium_usd
    from {{ ref("fct_usage_daily") }}
    group by {{ month_of("call_date") }}, provider, model_id

),

wrong as (

    {{ extra_failures_by_month(ref("fct_semantic_hits_daily")) }}

),

parts as (

    select
        month,
        provider,
        model_id,
        'prefix' as layer,
        read_tokens as hits,
        input_tokens as lookups,
        read_saving_usd as saved_usd,
        write_premium_usd
    from usage
    where read_tokens > 0 or write_premium_usd <> 0
    union all by name
    select
        {{ month_of("call_date") }} as month,
        provider,
        model_id,
        case layer when 'unstated' then 'exact' else layer end as layer,
        hits,
        tool_lookups as lookups,
        avoided_usd as saved_usd,
        0 as write_premium_usd,
        stale_hits,
        longest_ttl_seconds,
        stale_usd
    from {{ ref("fct_cache_audit_daily") }}
    union all by name
    select month, provider, model_id, 'semantic' as layer, extra_failures_usd from wrong

),

layers as (

    select
        month,
        layer,
        provider,
        model_id,
        sum(hits) as hits,
        sum(lookups) as lookups,
        sum(stale_hits) as stale_hits,
        max(longest_ttl_seconds) as longest_ttl_seconds,
        sum(saved_usd) as saved_usd,
        sum(write_premium_usd) as write_premium_usd,
        coalesce(sum(stale_usd), 0) + coalesce(sum(extra_failures_usd), 0) as wrong_answers_usd
    from parts
    group by month, layer, provider, model_id

),

valued as (

    select
        layers.* replace (
            case when layers.layer in ('exact', 'semantic') then usage.lookups
                else layers.lookups end as lookups
        ),
        layers.saved_usd - coalesce(layers.write_premium_usd, 0) - layers.wrong_answers_usd
            as net_saving_usd
    from layers
    left join usage
        on layers.month = usage.month
        and layers.provider is not distinct from usage.provider
        and layers.model_id is not distinct from usage.model_id
    where layers.hits > 0 or layers.write_premium_usd <> 0 or layers.wrong_answers_usd > 0

),

final as (

    select
        month,
        layer,
        provider,
        model_id,
        {{ as_count("coalesce(hits, 0)") }} as hits,
        {{ as_count("lookups") }} as lookups,
        {{ ratio("coalesce(hits, 0)", "lookups") }} as hit_ratio,
        {{ ratio("stale_hits", "hits") }} as stale_ratio,
        {{ as_count("longest_ttl_seconds") }} as longest_ttl_seconds,
        cast(saved_usd as decimal(28, 9)) as saved_usd,
        cast(write_premium_usd as decimal(28, 9)) as write_premium_usd,
        cast(wrong_answers_usd as decimal(28, 9)) as wrong_answers_usd,
        cast(net_saving_usd as decimal(28, 9)) as net_saving_usd,
        {{ cache_break_even() }} as break_even_ratio,
        {{ cache_verdict() }} as verdict
    from valued

)

select * from final
