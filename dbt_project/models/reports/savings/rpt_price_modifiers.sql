{#-
    What a price tier, a region and a long context cost against the same tokens without it, by
    month, feature and model.
-#}
{{ config(materialized="view") }}

with usage as (

    select *, {{ month_of("call_date") }} as month from {{ ref("fct_usage_daily") }}

),

modified as (

    {% for dimension, (member, difference, unjudged) in {
        "service_tier": ("service_tier", "-tier_saving_usd", "unjudged_calls"),
        "region": (
            "coalesce(price_region, 'everywhere')", "region_premium_usd", "unjudged_region_calls"
        ),
        "context_window": (
            "case price_from_tokens when 0 then 'short'"
            ~ " else coalesce('from ' || price_from_tokens || ' tokens', 'no rate card') end",
            "long_context_premium_usd", "unjudged_long_context_calls",
        ),
    }.items() -%}
    select
        month,
        feature,
        provider,
        model_id,
        '{{ dimension }}' as dimension,
        {{ member }} as member,
        sum(calls) as calls,
        sum(estimate_usd) as estimate_usd,
        sum({{ difference }}) as modifier_usd,
        sum({{ unjudged }}) as unjudged_calls
    from usage
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        modified.month,
        modified.feature,
        modified.provider,
        modified.model_id,
        modified.dimension,
        modified.member,
        {{ as_count("modified.calls") }} as calls,
        cast(modified.estimate_usd as decimal(28, 9)) as estimate_usd,
        cast(modified.estimate_usd - modified.modifier_usd as decimal(28, 9)) as standard_usd,
        cast(modified.modifier_usd as decimal(28, 9)) as modifier_usd,
        {{ ratio("modified.modifier_usd", "modified.estimate_usd - modified.modifier_usd") }}
            as modifier_ratio,
        {{ as_count("modified.unjudged_calls") }} as unjudged_calls,
        {{ owner_name() }} as owner
    from modified
    {{ join_owners("'price'", "modified.feature") }}

)

select * from final
