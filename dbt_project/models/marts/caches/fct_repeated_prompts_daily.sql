{#-
    The roll-up of prompts that came again on their day: answered by the gateway's cache, or asked
    of the provider once more. Rule: DECISIONS.md, `missed_usd`.
-#}
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
        {{ seen_before("utc_day, provider, model_id, prompt_hash", "started_at, call_id") }}
            as is_repeat
    from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}
        and prompt_hash is not null
        and is_model_turn
        and status = 'ok'

),

final as (

    select
        utc_day,
        call_date,
        feature,
        provider,
        model_id,
        {{ as_count("count(*)") }} as hashed_calls,
        {{ as_count("count(*) filter (where is_repeat)") }} as repeated_calls,
        {{ as_count("count(*) filter (where is_repeat and not cached_hit)") }} as missed_calls,
        {{ as_count("count(*) filter (where is_repeat and is_unpriced)") }} as unpriced_calls,
        cast(
            case
                when count(*) filter (where is_repeat and not cached_hit) = 0 then 0
                else sum(estimate_usd) filter (where is_repeat and not cached_hit)
            end as decimal(28, 9)
        ) as missed_usd
    from calls
    group by utc_day, call_date, feature, provider, model_id

)

select * from final
