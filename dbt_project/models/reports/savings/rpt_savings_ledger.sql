{#-
    What each lever saved against one counterfactual: the same calls, each to the model that no
    router chose, at the standard tier, with no cache, and the prompts of the version before,
    uncompressed. Each dollar once. Rule: DECISIONS.md, `saved_usd`.
-#}
{{ config(materialized="view") }}

with slimmed as (

    {{ slimming_by_month(ref("fct_task_costs_daily")) }}

),

routed as (

    select
        {{ month_of("call_date") }} as month,
        sum(routing_saving_usd) as routing,
        sum(low_saving_usd) as low_routing,
        sum(unpriced_baseline_calls) as unjudged_calls
    from {{ ref("fct_routing_daily") }}
    group by {{ month_of("call_date") }}

),

used as (

    select
        {{ month_of("call_date") }} as month,
        sum(estimate_usd) as estimate_usd,
        sum(avoided_usd) as response_cache,
        sum(cache_saving_at_standard_usd) as prefix_cache,
        -- of the tier alone, without a cache
        sum(tier_saving_usd) - sum(tier_interaction_usd) as service_tier,
        sum(tier_interaction_usd) as interaction,
        sum(compression_saving_usd) as compression,
        sum(calls - compression_stated_calls) as unstated_calls,
        sum(unjudged_calls) as unjudged_calls
    from {{ ref("fct_usage_daily") }}
    group by {{ month_of("call_date") }}

),

months as (

    select
        used.* exclude (unjudged_calls),
        coalesce(routed.routing, 0) as routing,
        coalesce(routed.low_routing, 0) as low_routing,
        {% for name in ["prompt_slimming", "low_slimming", "high_slimming"] -%}
        coalesce(slimmed.{{ name }}, 0) as {{ name }},
        {% endfor -%}
        used.unjudged_calls + coalesce(routed.unjudged_calls, 0) as unjudged_calls
    from used
    left join routed on used.month = routed.month
    left join slimmed on used.month = slimmed.month

),

-- whether a call that a cache answered would have been made without it, nobody knows
levers as (

    {% for lever, (low, high) in {
        "prefix_cache": ("prefix_cache", "prefix_cache"),
        "response_cache": ("least(response_cache, 0)", "response_cache"),
        "service_tier": ("service_tier", "service_tier"),
        "routing": ("low_routing", "routing"),
        "compression": ("compression", "compression"),
        "prompt_slimming": ("low_slimming", "high_slimming"),
        "interaction": ("interaction", "interaction"),
    }.items() -%}
    select
        month,
        '{{ lever }}' as lever,
        {{ lever }} as saved_usd,
        {{ low }} as low_usd,
        {{ high }} as high_usd,
        estimate_usd,
        {{ "unstated_calls" if lever == "compression" else "unjudged_calls" }} as unjudged_calls
    from months
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

all_levers as (

    select * from levers
    union all
    select
        month,
        'total' as lever,
        sum(saved_usd) as saved_usd,
        sum(low_usd) as low_usd,
        sum(high_usd) as high_usd,
        max(estimate_usd) as estimate_usd,
        max(unjudged_calls) filter (where lever <> 'compression') as unjudged_calls
    from levers
    group by month

),

final as (

    select
        month,
        lever,
        cast(saved_usd as decimal(28, 9)) as saved_usd,
        cast(low_usd as decimal(28, 9)) as low_usd,
        cast(high_usd as decimal(28, 9)) as high_usd,
        cast(estimate_usd as decimal(28, 9)) as estimate_usd,
        {{ as_count("unjudged_calls") }} as unjudged_calls
    from all_levers

)

select * from final
