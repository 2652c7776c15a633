{#-
    Calls, or records like calls, with what they cost by the price book: the one pricing there is.
    `size` is the tokens in by which a card with tiers of size is chosen.
-#}
{% macro priced_calls(calls, size="calls.all_input_tokens") -%}
{%- set cached = ["cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other"] %}
{%- set inputs, classes = token_classes("input"), token_classes() %}
with calls as (

    select
        *,
        coalesce({{ inputs | join("_tokens, ") }}_tokens) is not null as has_input,
        coalesce({{ classes | join("_tokens, ") }}_tokens) is not null as has_usage,
        greatest({{ classes | join("_tokens, ") }}_tokens, 0) > 0 as has_tokens,
        coalesce({{ inputs | join("_tokens, 0) + coalesce(") }}_tokens, 0) as all_input_tokens,
        {{ is_tool_call() }} as is_tool,
        -- a condition on calls alone would make the join below a nested loop
        case when service_tier <> 'standard' then 'standard' end as compared_tier
    from {{ calls }}

),

{{ rate_cards_of_calls() }},

classed as (

    select
        calls.*,
        matches.provider_name,
        matches.model_id,
        matches.price_key,
        regions.region as price_region,
        cards.min_input_tokens as price_from_tokens,
        coalesce(cards.price_source, case when is_tool then tools.source end) as price_source,
        tools.tool is not null as has_tool_price,
        tools.usd_per_call,
        {% for c in classes -%}
        {{ class_cost_usd(c, "cards.") }} as {{ c }}_cost_usd,
        {% endfor -%}
        {{ token_cost_usd("web_searches", "cards.web_search_usd_per_mtok") }}
            as web_search_cost_usd,
        cards.priced_as_tier,
        cards.cache_read_usd_per_mtok < cards.input_uncached_usd_per_mtok as has_cache_price,
        {{ cost_differences(cached, "input_uncached", none, "cards.") }} as cheaper_by_usd,
        {{ cost_differences(cached[1:], none, "input_uncached", "cards.") }}
            as writes_dearer_by_usd,
        {{ cost_differences(cached, "input_uncached", none, "standard_cards.") }}
            as cheaper_at_standard_usd,
        {{ compared_costs_usd() }}
    from calls
    left join {{ ref("stg_prices__model_matches") }} as matches
        on calls.provider is not distinct from matches.provider
        and coalesce(calls.response_model, calls.request_model) = matches.model
        and calls.started_at >= matches.valid_from
        and calls.started_at < matches.valid_to
    left join {{ ref("stg_prices__tool_prices") }} as tools
        on coalesce(calls.tool_name, calls.response_model, calls.request_model) = tools.tool
        and calls.started_at >= tools.valid_from
        and calls.started_at < tools.valid_to
    left join regions
        on matches.price_key = regions.price_key
        and lower(calls.region) = regions.region
    left join cards
        on calls.service_tier = cards.service_tier
        and {{ card_holds("cards", size) }}
    {{ join_compared_cards(size) }}

),

costed as (

    select *, {{ call_cost_usd() }} as cost_usd from classed

),

final as (

    select
        -- The contract's columns pass through: ingest.contracts.tables lists them, once.
        * exclude (has_input, has_usage, has_tokens, all_input_tokens, is_tool, cost_usd,
            compared_tier, has_tool_price, usd_per_call, cheaper_by_usd, writes_dearer_by_usd,
            web_search_cost_usd, has_cache_price, cheaper_at_standard_usd, standard_cost_usd,
            anywhere_cost_usd, short_cost_usd, {{ classes | join("_cost_usd, ") }}_cost_usd),
        case when has_input then all_input_tokens end as input_tokens,
        cast(case when cached_hit then 0 else cost_usd end as decimal(18, 9)) as estimate_usd,
        -- the classes' parts of the estimate; a tool without tokens has none
        {% for c in classes -%}
        cast(case when cached_hit then 0 when cost_usd is not null then {{ c }}_cost_usd end
            as decimal(18, 9)) as {{ c }}_usd,
        {% endfor -%}
        cast(case when not cached_hit then 0 when is_tool and not has_tokens
            then coalesce(usd_per_call, reported_avoided_usd) else cost_usd end
            as decimal(18, 9)) as avoided_usd,
        not cached_hit and cost_usd is null as is_unpriced,
        -- tokens that may have been cached, counted as if none was
        coalesce(has_input and cache_read_tokens is null and has_cache_price and not cached_hit,
            false) as is_estimate_upper_bound,
        cast(case when cached_hit then 0 when cost_usd is not null then cheaper_by_usd end
            as decimal(18, 9)) as cache_saving_usd,
        cast(case when cached_hit then 0 when cost_usd is not null then writes_dearer_by_usd end
            as decimal(18, 9)) as cache_write_premium_usd,
        {{ modifier_differences_usd() }},
        cast(case when cached_hit then 0 when cost_usd is null then null
            when service_tier = 'standard' then cheaper_by_usd
            when standard_cost_usd is not null then cheaper_at_standard_usd end
            as decimal(18, 9)) as cache_saving_at_standard_usd
    from costed

)

select * from final
{%- endmacro %}
