{#-
    The roll-up of prompts whose static start has a hash: what of them the provider's prefix cache
    held, version by version. Rule: DECISIONS.md, `missed_usd`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with calls as (

    select * from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}
        and prompt_prefix_hash is not null
        and prompt_version is not null
        and is_model_turn
        and status = 'ok'
        and not cached_hit

),

final as (

    select
        utc_day,
        call_date,
        feature,
        prompt_name,
        prompt_version,
        provider,
        model_id,
        min(started_at) as first_at,
        {{ as_count("count(*) filter (where not is_unpriced)") }} as calls,
        {{ as_count("count(*) filter (where is_unpriced)") }} as unpriced_calls,
        {{ as_count("count(distinct prompt_prefix_hash)") }} as prefixes,
        -- ends of the sorted list: sets that differ in neither are taken to be the same
        min(prompt_prefix_hash) as first_prefix_hash,
        max(prompt_prefix_hash) as last_prefix_hash,
        {{ as_count("coalesce(sum(input_tokens) filter (where not is_unpriced), 0)") }}
            as input_tokens,
        {{ as_count("coalesce(sum(cache_read_tokens) filter (where not is_unpriced), 0)") }}
            as cache_read_tokens,
        {{ sum_usd("case when is_unpriced then 0"
            ~ " else cache_saving_usd + cache_write_premium_usd end") }} as read_saving_usd
    from calls
    group by utc_day, call_date, feature, prompt_name, prompt_version, provider, model_id

)

select * from final
