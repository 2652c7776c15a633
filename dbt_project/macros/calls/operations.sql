{#- All input tokens of a call: the classes are disjoint. NULL when none of them is known. -#}
{% macro input_tokens(calls) -%}
    {%- set classes = token_classes("input") -%}
    case when coalesce({% for c in classes %}{{ calls }}.{{ c }}_tokens{{ ", " if not loop.last }}
        {%- endfor %}) is not null
        then {% for c in classes %}coalesce({{ calls }}.{{ c }}_tokens, 0)
        {{- " + " if not loop.last }}{% endfor %} end
{%- endmacro %}

{#- Operations that are a model's turn: only they make a loop deeper and look in a cache. -#}
{% macro is_model_turn(column="operation") -%}
    {{ column }} in ('chat', 'text_completion', 'generate_content')
{%- endmacro %}

{#-
    What a call is part of: the product, or what stands beside it (judges, shadow traffic, tests,
    other environments). Definition: DECISIONS.md, `cost_scope`.
-#}
{% macro cost_scope(calls) -%}
    case
        when {{ calls }}.traffic_class in ('evaluation', 'shadow', 'test')
            then {{ calls }}.traffic_class
        when lower({{ calls }}.environment) not in (
            {%- for name in var("production_environments") %}{{ text_literal(name | lower) }}
            {{- ", " if not loop.last }}{% endfor -%}
        ) then 'non_production'
        else 'product'
    end
{%- endmacro %}

{#- Operations that are no model's: what they cost is a price by the call, or what they used. -#}
{% macro is_tool_call(column="operation") -%}
    {{ column }} in ('execute_tool', 'retrieval', 'guardrail')
{%- endmacro %}
