{#-
    The token keys of the FOCUS 1.5 draft, with the `x_` that version 1.2 asks of keys it does not
    define: model, direction, and what the provider's cache did.
-#}
{% macro focus_token_details() -%}
    cast(
        json_object(
            'x_ModelId', x_model,
            'x_TokenDirection',
            case when x_token_class like '%output%' then 'Output'
                when x_token_class is not null then 'Input' end,
            'x_TokenCacheAction',
            case when x_token_class like 'cache_read' then 'Read'
                when x_token_class like 'cache_write%' then 'Write'
                when x_token_class like 'input%' then 'Uncached' end
        )
        as varchar
    )
{%- endmacro %}

{#- What a bill states of its price, with the token keys unless it has its own or is no JSON. -#}
{% macro focus_price_details() -%}
    case
        when x_model is null or contains(sku_price_details, '"ModelId"')
            or not json_valid(sku_price_details) then sku_price_details
        else cast(
            json_merge_patch({{ focus_token_details() }}, coalesce(sku_price_details, '{}'))
            as varchar
        )
    end
{%- endmacro %}
