{#-
    Common table expressions of `priced_calls`: the rate cards, the regions that a card of its own
    holds in, and the cards of the standard tier under names of their own (`standard_...`).
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

),

-- what a call of another tier would have cost is asked of these
standard_cards as (

    select
        {% for u in priced_units() -%}
        {{ u }}_usd_per_mtok as standard_{{ u }}_usd_per_mtok,
        {% endfor -%}
        service_tier, price_key, region, valid_from, valid_to, daily_from, daily_to,
        min_input_tokens, max_input_tokens
    from cards
    where service_tier = 'standard'

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
