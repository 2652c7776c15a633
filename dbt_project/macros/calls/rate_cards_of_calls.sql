{#-
    Common table expressions of `priced_calls`: the rate cards, and the regions that a card of its
    own holds in.
-#}
{% macro rate_cards_of_calls() -%}
cards as (

    -- open ends as values: a join on plain comparisons stays a hash join
    select * replace (
        coalesce(daily_to, time '24:00:00') as daily_to,
        coalesce(max_input_tokens, 9223372036854775807) as max_input_tokens
    )
    from {{ ref("int_rate_cards") }}

),

-- which region's card a call finds is looked up first: an `or` in the join below would be slow
regions as (

    select price_key, region from cards where region is not null group by price_key, region

)
{%- endmacro %}

{#-
    Predicate: a card holds at a call's moment, in its region and for its size, whatever the tier.
    The call has its `regions` beside it, and its `matches` unless its own price key is said.
-#}
{% macro card_holds(cards, size, price_key="matches.price_key") -%}
    regions.region is not distinct from {{ cards }}.region
        and {{ card_is_current(cards, size, price_key) }}
{%- endmacro %}

{#- Predicate: a card holds at a call's moment and for its size, wherever it was served. -#}
{% macro card_is_current(cards, size, price_key) -%}
    {{ price_key }} = {{ cards }}.price_key
        and calls.started_at >= {{ cards }}.valid_from
        and calls.started_at < {{ cards }}.valid_to
        and cast(calls.started_at as time) >= {{ cards }}.daily_from
        and cast(calls.started_at as time) < {{ cards }}.daily_to
        and {{ size }} >= {{ cards }}.min_input_tokens
        and {{ size }} < {{ cards }}.max_input_tokens
{%- endmacro %}

{#-
    Joins of the cards by which a call would have been priced without one modifier of its price, all
    else as it was: at the standard tier, in no region of its own, below the sizes that are dearer.
    The key is NULL where the modifier does not hold, for most calls.
-#}
{% macro join_compared_cards(size) -%}
left join cards as standard_cards
        on calls.compared_tier = standard_cards.service_tier
        and {{ card_holds("standard_cards", size) }}
    left join cards as anywhere_cards
        on calls.service_tier = anywhere_cards.service_tier
        and anywhere_cards.region is null
        and {{ card_is_current("anywhere_cards", size, "regions.price_key") }}
    left join cards as short_cards
        on calls.service_tier = short_cards.service_tier
        and regions.region is not distinct from short_cards.region
        and {{ card_is_current("short_cards", "0",
            "case when cards.min_input_tokens > 0 then cards.price_key end") }}
{%- endmacro %}

{#- What a call costs at each of `join_compared_cards`, where it is not the card that holds. -#}
{% macro compared_costs_usd() -%}
    {% for other, test in {
        "standard": "calls.service_tier <> 'standard'",
        "anywhere": "regions.region is not null",
        "short": "cards.min_input_tokens > 0",
    }.items() -%}
    case when {{ test }} then {{ card_cost_usd(other ~ "_cards.") }} end
            as {{ other }}_cost_usd{{ "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{#-
    What the modifiers of a call's price come to, the provider's cache as it was: by how much dearer
    the standard tier would have been, and by how much its region and its size made the call dearer.
-#}
{% macro modifier_differences_usd() -%}
    {% for name, (is_plain, difference) in {
        "tier_saving": ("service_tier = 'standard'", "standard_cost_usd - cost_usd"),
        "region_premium": ("price_region is null", "cost_usd - anywhere_cost_usd"),
        "long_context_premium": ("coalesce(price_from_tokens, 0) = 0", "cost_usd - short_cost_usd"),
    }.items() -%}
    cast(case when cached_hit then 0 when cost_usd is null then null
            when {{ is_plain }} then 0 else {{ difference }} end
            as decimal(18, 9)) as {{ name }}_usd{{ "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}
