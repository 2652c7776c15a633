{#- What a bridge can explain: as estimated, and the last with people's work beside it. -#}
{% macro bridge_measures() -%}
    {{ return(["cost_per_success", "total_cost", "cost_per_success_with_people"]) }}
{%- endmacro %}

{#- Each driver: in which cells it moves, and the quantities before and after its factor. -#}
{% macro bridge_factors() -%}
    {{ return({
        "volume": ("measure = 'total_cost'", none, "all_units"),
        "task_mix": ("true", "all_units", "feature_units"),
        "success_rate": ("true", "feature_units", "feature_tasks"),
        "loops": ("cost_kind = 'model'", "feature_tasks", "kind_calls"),
        "tool_calls": ("cost_kind = 'tool'", "feature_tasks", "kind_calls"),
        "response_cache": ("true", "kind_calls", "kind_provider_calls"),
        "price_coverage": ("true", "kind_provider_calls", "kind_priced_calls"),
        "model_mix": ("true", "kind_priced_calls", "priced_calls"),
        "tokens_per_call": ("cost_kind <> 'human'", "priced_calls", "tokens"),
        "cache_mix": ("true", "tokens", "class_tokens"),
        "price": ("cost_kind = 'model'", "class_tokens", "usd"),
        "tool_price": ("cost_kind = 'tool'", "class_tokens", "usd"),
        "human_minutes": ("cost_kind = 'human'", "priced_calls", "tokens"),
        "human_rate": ("cost_kind = 'human'", "class_tokens", "usd"),
    }) }}
{%- endmacro %}

{#- Costs with a row more for people's work on the tasks of each type. -#}
{% macro with_human_work(costs, keys) -%}
    select *, coalesce(model_id, tool_name) as item, estimate_usd as usd from {{ costs }}
    union all by name
    select
        {{ keys | join(", ") }},
        feature,
        side,
        tasks,
        successes,
        'human' as cost_kind,
        task_type as item,
        tasks as calls,
        0 as cached_calls,
        tasks - human_tasks as unpriced_calls,
        human_minutes,
        human_usd as usd
    from {{ costs }}
    where cost_kind = 'task'
{%- endmacro %}
