{#-
    The roll-up of work that could wait: calls at the standard tier for which nobody is known to
    have waited, at the prices of the cheaper tiers that their model has.
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
        and service_tier = 'standard'
        and estimate_usd > 0
        and is_interactive is distinct from true

),

{{ rate_cards_of_calls() }},

offload_cards as (

    select * from cards
    where service_tier in ('batch', 'flex') and priced_as_tier = service_tier

),

priced as (

    select
        calls.utc_day,
        calls.call_date,
        calls.feature,
        calls.provider,
        calls.model_id,
        offload_cards.service_tier as offload_tier,
        calls.is_interactive,
        calls.estimate_usd,
        {{ card_cost_usd("offload_cards.") }} as tier_usd
    from calls
    left join regions
        on calls.price_key = regions.price_key
        and lower(calls.region) = regions.region
    inner join offload_cards
        on {{ card_holds("offload_cards", "calls.input_tokens", "calls.price_key") }}

),

final as (

    select
        utc_day,
        call_date,
        feature,
        provider,
        model_id,
        offload_tier,
        {% for prefix, test in {"": "is_interactive = false", "unstated_": "is_interactive is null"
        }.items() -%}
        {%- set known = " filter (where " ~ test ~ " and tier_usd is not null)" -%}
        {{ as_count("count(*)" ~ known) }} as {{ prefix }}calls,
        cast(coalesce(sum(estimate_usd){{ known }}, 0) as decimal(28, 9))
            as {{ prefix }}standard_usd,
        cast(coalesce(sum(tier_usd){{ known }}, 0) as decimal(28, 9)) as {{ prefix }}tier_usd,
        {% endfor -%}
        {{ as_count("count(*) filter (where tier_usd is null)") }} as unpriced_calls
    from priced
    group by utc_day, call_date, feature, provider, model_id, offload_tier

)

select * from final
