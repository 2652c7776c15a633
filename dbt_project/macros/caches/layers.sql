{#-
    Which of the gateway's caches an answer is of: of what was retrieved, of another tool's answer,
    or of a model's, by `cache_layer`.
-#}
{% macro cache_layer() -%}
    case
        when operation = 'retrieval' then 'retrieval'
        when {{ is_tool_call() }} then 'tool'
        else coalesce(cache_layer, 'unstated')
    end
{%- endmacro %}
