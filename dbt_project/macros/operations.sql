{#- Operations that are a model's turn: only they make a loop deeper and look in a cache. -#}
{% macro is_model_turn(column="operation") -%}
    {{ column }} in ('chat', 'text_completion', 'generate_content')
{%- endmacro %}
