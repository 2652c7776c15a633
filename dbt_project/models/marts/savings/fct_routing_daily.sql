{#-
    The roll-up of what a router decided: what its choice saved against the model that would
    otherwise have served, and what it cost. Rules: DECISIONS.md, `routing_saving_usd`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with routed as (

    select
        *,
        -- of one task, answers only
        coalesce(task_id, call_id) || '/' || status as sequence_of
    from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}
        and route_decision is not null
        and is_model_turn
        and not cached_hit

),

models as (

    select * from {{ ref("dim_models") }}

),

calls as (

    select
        routed.*,
        models.first_output_usd_per_mtok as list_usd,
        lead(models.first_output_usd_per_mtok) over following as next_list_usd,
        lag(routed.model_id) over following as previous_model_id,
        lag(routed.input_tokens) over following as previous_input_tokens
    from routed
    left join models on routed.price_key = models.price_key
    window following as (
        partition by routed.utc_day, routed.sequence_of
        order by routed.started_at, routed.call_id
    )

),

{{ rate_cards_of_calls() }},

priced as (

    select
        calls.*,
        calls.estimate_usd + calls.tier_saving_usd + calls.cache_saving_at_standard_usd
            as plain_usd,
        calls.status = 'ok' and coalesce(calls.next_list_usd > calls.list_usd, false)
            as is_overridden,
        -- what the model before had seen already, and this one had to read at its full price
        case
            when calls.status = 'ok' and calls.previous_model_id <> calls.model_id
                then {{ token_cost_usd(
                    "greatest(least(calls.input_tokens, calls.previous_input_tokens)"
                    ~ " - coalesce(calls.cache_read_tokens, 0), 0)",
                    "served_cards.input_uncached_usd_per_mtok"
                    ~ " - served_cards.cache_read_usd_per_mtok"
                ) }}
            else 0
        end as cold_cache_usd,
        {{ uncached_cost_usd("baseline_cards.") }} as baseline_usd
    from calls
    left join {{ ref("stg_prices__model_matches") }} as matches
        on matches.provider is null
        and calls.baseline_model = matches.model
        and calls.started_at >= matches.valid_from
        and calls.started_at < matches.valid_to
    left join regions
        on matches.price_key = regions.price_key
        and lower(calls.region) = regions.region
    left join cards as baseline_cards
        on baseline_cards.service_tier = 'standard'
        and {{ card_holds("baseline_cards", "calls.input_tokens") }}
    left join cards as served_cards
        on calls.service_tier = served_cards.service_tier
        and served_cards.region is null
        and {{ card_is_current("served_cards", "calls.input_tokens", "calls.price_key") }}

),

final as (

    select
        utc_day,
        call_date,
        feature,
        route_decision,
        baseline_model,
        provider,
        model_id,
        {{ as_count("count(*)") }} as calls,
        {{ as_count("count(next_list_usd)") }} as followed_calls,
        {{ as_count("count(*) filter (where is_overridden)") }} as overridden_calls,
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ sum_usd("case when is_overridden then estimate_usd else 0 end") }} as overridden_usd,
        {{ sum_usd("cold_cache_usd") }} as cold_cache_usd,
        {{ sum_usd("baseline_usd - plain_usd") }} as routing_saving_usd,
        {{ sum_usd("baseline_usd * cast(not is_overridden as integer) - plain_usd") }}
            as low_saving_usd,
        {{ as_count("count(*) filter (where plain_usd is null or baseline_usd is null)") }}
            as unjudged_calls,
        {{ as_count("count(*) filter (where plain_usd is not null and baseline_usd is null)") }}
            as unpriced_baseline_calls
    from priced
    group by
        utc_day, call_date, feature, route_decision, baseline_model, provider, model_id

)

select * from final
