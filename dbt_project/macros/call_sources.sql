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
        ({{ in_days(days, "utc_day") }}
        {%- if days and several_call_sources() %}
            or (
                ({{ in_days(days, "utc_day + 1") }} or {{ in_days(days, "utc_day - 1") }})
                and (
                    started_at < utc_day + interval {{ minutes }} minute
                    or started_at >= utc_day + 1 - interval {{ minutes }} minute
                )
            )
        {%- endif -%})
    {%- endif -%}
{%- endmacro %}

{#- Whether calls come from more than one source, so that one call can stand in several. -#}
{% macro several_call_sources() -%}
    {%- if not execute -%}{{ return(true) }}{%- endif -%}
    {%- set query -%}
        select count(*) as sources from {{ source("raw", "call_sources") }}
    {%- endset -%}
    {{ return(run_query(query)[0][0] > 1) }}
{%- endmacro %}
