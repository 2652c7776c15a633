{#-
    Predicate: the row's day must be computed in this run, or the row lies within minutes of such a
    day: what two sources say of one call can fall on both sides of midnight.
-#}
{% macro in_changed_days_and_edges(tables, mart) -%}
    {%- if not execute or not built_before("marts", mart) -%}
        true
    {%- else -%}
        {%- set days = changed_days(tables) -%}
        {%- set minutes = var("same_call_edge_minutes") -%}
        {%- if days and several_call_sources() -%}
            -- the days as literals first: of what is in neither list no file is opened
            ({{ in_days(changed_days(tables, around=1), "utc_day") }}
            and (
                {{ in_days(days, "utc_day") }}
                or started_at < utc_day + interval {{ minutes }} minute
                or started_at >= utc_day + 1 - interval {{ minutes }} minute
            ))
        {%- else -%}
            {{ in_days(days, "utc_day") }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether calls come from more than one source, so that one call can stand in several. -#}
{% macro several_call_sources() -%}
    {%- if not execute -%}{{ return(true) }}{%- endif -%}
    {%- set query -%}
        select count(*) as sources from {{ source("raw", "call_sources") }}
    {%- endset -%}
    {{ return(ask(query)[0][0] > 1) }}
{%- endmacro %}
