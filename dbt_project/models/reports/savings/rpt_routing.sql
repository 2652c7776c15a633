{#- What a router decided, by month, feature and decision, against the model it would else take. -#}
{{ config(materialized="view") }}

with routed as (

    select
        {{ month_of("call_date") }} as month,
        feature,
        route_decision,
        baseline_model,
        provider,
        model_id,
        {% for column in ["calls", "followed_calls", "overridden_calls", "estimate_usd",
            "overridden_usd", "cold_cache_usd", "routing_saving_usd", "low_saving_usd"] -%}
        sum({{ column }}) as {{ column }},
        {% endfor -%}
        sum(unjudged_calls) as unjudged_calls
    from {{ ref("fct_routing_daily") }}
    group by
        {{ month_of("call_date") }}, feature, route_decision, baseline_model, provider, model_id

),

shared as (

    select
        *,
        sum(calls) over (partition by month, feature) as calls_of_feature
    from routed

),

final as (

    select
        shared.month,
        shared.feature,
        shared.route_decision,
        shared.baseline_model,
        shared.provider,
        shared.model_id,
        {{ as_count("shared.calls") }} as calls,
        {{ ratio("shared.calls", "shared.calls_of_feature") }} as share,
        {{ as_count("shared.overridden_calls") }} as overridden_calls,
        {{ ratio("shared.overridden_calls", "shared.followed_calls") }} as override_ratio,
        {% for column in ["estimate_usd", "overridden_usd", "cold_cache_usd",
            "routing_saving_usd", "low_saving_usd"] -%}
        cast(shared.{{ column }} as decimal(28, 9)) as {{ column }},
        {% endfor -%}
        {{ as_count("shared.unjudged_calls") }} as unjudged_calls,
        {{ owner_name() }} as owner
    from shared
    {{ join_owners("'model_mix'", "shared.feature") }}

)

select * from final
