{#-
    What a relation and its columns mean, as comments in the warehouse. A table that grows keeps
    those that it was made with: descriptions are part of the fingerprint that asks for a full
    refresh.
-#}
{% macro comments(relation) -%}
    comment on {{ relation.type }} {{ relation }}
        is {{ duckdb_escape_comment(model.description) }};
    {%- for name, column in model.columns.items() %}
    comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{%- endmacro %}
