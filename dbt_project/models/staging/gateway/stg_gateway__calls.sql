{#- An answered model call that counts no token has unknown usage, and a cost of 0 is none. -#}
{%- set tokens = [] -%}
{%- for c in token_classes() -%}
    {%- do tokens.append(c ~ "_tokens") -%}
{%- endfor -%}
with source as (

    select * from {{ source("raw", "gateway_calls") }}

),

marked as (

    select
        *,
        status = 'ok'
        and not coalesce(cached_hit, false)
        and not {{ is_tool_call() }}
        and coalesce(response_model, request_model) is not null
        and coalesce(greatest({{ tokens | join(", ") }}, unclassified_tokens), 0) = 0
            as counts_nothing
    from source

),

final as (

    select
        * exclude (counts_nothing) replace (
            {% for column in tokens + ["reasoning_tokens"] -%}
            case when not counts_nothing then {{ column }} end as {{ column }},
            {% endfor -%}
            {% for column in ["reported_cost_usd", "reported_cost"] -%}
            case when counts_nothing then nullif({{ column }}, 0) else {{ column }} end
                as {{ column }},
            {% endfor -%}
            upper(reported_currency) as reported_currency,
            -- only a semantic cache has a similarity to state
            case when cached_hit and cache_similarity is not null then 'semantic'
                else cache_layer end as cache_layer
        )
    from marked

)

select * from final
