{#-
    Outlay runs the models without dbt: dbt prepares the statements of each once, and they are kept
    (pipelines/dbt_models/prepared_models.py). While it prepares, a materialization tells its
    statements and executes none of them. `dbt build` alone does the same at once.
-#}

{% macro is_preparing() -%}{{ return(var("is_preparing", false)) }}{%- endmacro %}

{#- Told to whoever prepares, as an event. -#}
{% macro tell_runner(what) -%}
    {%- do log("outlay " ~ tojson(dict(what, model=model.unique_id))) -%}
{%- endmacro %}

{#- Rows of a query about the workspace's rules: another answer is another model's SQL. -#}
{% macro ask(query) -%}
    {%- if is_preparing() -%}{%- do tell_runner({"asked": query}) -%}{%- endif -%}
    {{ return(run_query(query)) }}
{%- endmacro %}

{#-
    Days that a query gives, as SQL literals, which let files be skipped. They are another run's
    tomorrow: what is prepared holds the query, and the build that runs it puts its days there.
-#}
{% macro day_literals(query) -%}
    {%- if is_preparing() -%}
        {{ return(["/*days*/" ~ query ~ "/*end of days*/"]) }}
    {%- endif -%}
    {%- set days = [] -%}
    {%- for row in run_query(query) -%}{%- do days.append("date '" ~ row[0] ~ "'") -%}{%- endfor -%}
    {{ return(days) }}
{%- endmacro %}
