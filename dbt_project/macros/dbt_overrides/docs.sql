{#-
    What a relation and its columns mean, as comments in the warehouse, in one statement instead of
    dbt's five. A table that grows keeps the comments that it has: it is made anew whenever a
    description changes, for descriptions are part of the fingerprint that asks for a full refresh.
-#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if model.config.materialized != "incremental" or not has_comment(relation) -%}
        {%- set existing = adapter.get_columns_in_relation(relation) -%}
        {%- set names = existing | map(attribute="name") | list -%}
        {%- set comments -%}
            {{ alter_relation_comment(relation, model.description) }}
            {%- set documented = validate_doc_columns(relation, model.columns, names) -%}
            {%- for name, column in documented.items() %}
            comment on column {{ relation }}.{{ name }}
                is {{ duckdb_escape_comment(column.description) }};
            {%- endfor %}
        {%- endset -%}
        {%- do run_query(comments) -%}
    {%- endif -%}
{%- endmacro %}

{% macro has_comment(relation) -%}
    {%- set found = run_query(
        "select 1 from duckdb_tables() where database_name = '" ~ relation.database
        ~ "' and schema_name = '" ~ relation.schema ~ "' and table_name = '" ~ relation.identifier
        ~ "' and comment is not null"
    ) -%}
    {{ return(found | length > 0) }}
{%- endmacro %}
