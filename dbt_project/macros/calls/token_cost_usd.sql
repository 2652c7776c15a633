{# USD of a count of tokens at a price per million tokens, as decimal(18, 9).

   No tokens cost 0 whatever the price; tokens without a price cost NULL, which makes a sum NULL.
   The narrow casts keep the product exact (31 digits) before it is rounded once, and give the
   same digits on engines that size decimals differently. #}
{%- macro token_cost_usd(tokens, usd_per_mtok) -%}
    case
        when coalesce({{ tokens }}, 0) = 0 then cast(0 as decimal(18, 9))
        else cast(cast({{ tokens }} as decimal(12, 0)) * cast({{ usd_per_mtok }} as decimal(12, 6))
            * 0.000001 as decimal(18, 9))
    end
{%- endmacro %}

{#-
    USD of the tokens of a class: parts of it that a card prices apart at their own price. The
    card's columns begin with `card`.
-#}
{%- macro class_cost_usd(token_class, card="") -%}
    {{ token_cost_usd(token_class ~ "_tokens", card ~ token_class ~ "_usd_per_mtok") }}
    {%- for part in token_parts(token_class) %} + {{ token_cost_usd(
        part ~ "_tokens",
        "coalesce(" ~ card ~ part ~ "_usd_per_mtok - " ~ card ~ token_class ~ "_usd_per_mtok, 0)"
    ) }}{% endfor -%}
{%- endmacro -%}

{#- USD of a call's tokens and searches at a card, whose columns begin with `card`. -#}
{%- macro card_cost_usd(card) -%}
    {%- for c in token_classes() %}{{ class_cost_usd(c, card) }} + {% endfor -%}
    {{ token_cost_usd("web_searches", card ~ "web_search_usd_per_mtok") }}
{%- endmacro -%}

{#- USD of a call's tokens, none of them from a cache. The card's columns begin with `card`. -#}
{%- macro uncached_cost_usd(card) -%}
    {%- set cached = ["cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other"] -%}
    {%- for c in token_classes() if c not in cached -%}
        {{ class_cost_usd(c, card) }} + {% endfor -%}
    {%- for c in cached -%}
        {{ token_cost_usd(c ~ "_tokens", card ~ "input_uncached_usd_per_mtok") }} + {% endfor -%}
    {{ token_cost_usd("web_searches", card ~ "web_search_usd_per_mtok") }}
{%- endmacro -%}

{#-
    What tokens of some classes cost more at one price than at another of a card; none is the
    class's own.
-#}
{%- macro cost_differences(classes, price, other, card="") -%}
    {%- for c in classes -%}
        {{ token_cost_usd(c ~ "_tokens", card ~ (price or c) ~ "_usd_per_mtok - "
            ~ card ~ (other or c) ~ "_usd_per_mtok") }}
        {{- " + " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#-
    What a call costs, from the costs of its classes; unknown when one that it needs is. A sum with
    a missing price is NULL: only a class without tokens counts as 0.
-#}
{%- macro call_cost_usd() -%}
    case
        when is_tool and not has_tokens and status = 'error' and has_tool_price
            then coalesce(reported_cost_usd, 0)
        -- a tool that counts what it used, and used nothing itself, costs what is paid by call
        when is_tool and not has_tokens
            then coalesce(usd_per_call, reported_cost_usd, case when has_usage then 0 end)
        when unclassified_tokens > 0 then null
        when has_usage or status = 'error'
            then {{ token_classes() | join("_cost_usd + ") }}_cost_usd + web_search_cost_usd
    end
{%- endmacro %}
