{#-
    What prompts are made of, summed over the model calls of which somebody states it. The static
    prefix is the system prompt and what describes tools. Definitions: DECISIONS.md, `static_ratio`.
-#}
{% macro prompt_composition() -%}
    {%- set composed = "is_model_turn and not cached_hit"
        ~ " and coalesce(tool_schema_tokens, system_tokens) is not null" -%}
    {%- set prefix = "coalesce(tool_schema_tokens, 0) + coalesce(system_tokens, 0)" -%}
    count(*) filter (where {{ composed }}) as composed_calls,
        sum(input_tokens) filter (where {{ composed }}) as composed_input_tokens,
        sum(tool_schema_tokens) filter (where {{ composed }}) as tool_schema_tokens,
        sum(system_tokens) filter (where {{ composed }}) as system_tokens,
        sum(greatest({{ prefix }} - coalesce(cache_read_tokens, 0), 0))
            filter (where {{ composed }}) as missed_prefix_tokens,
        sum(tool_schema_tokens) filter (where {{ composed }} and not calls_tools)
            as uncalled_schema_tokens
{%- endmacro %}
