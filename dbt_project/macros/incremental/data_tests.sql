{#-
    Predicate of a data test: the row's day was computed in this run, because some canonical tables
    changed on it (none named: any). The test reads the days when it runs, and asks nothing while
    dbt compiles it: it is compiled once for all runs. A full refresh tests every day.
-#}
{% macro on_days_of_run(tables=[], column="utc_day") -%}
    {%- if execute and flags.FULL_REFRESH -%}
        true
    {%- else -%}
        {{ column }} in (
            select changed.utc_day from {{ source("raw", "changed_days") }} as changed
            {% if tables -%}
            where changed.table_name in ('{{ tables | join("', '") }}')
            {%- endif %}
        )
    {%- endif -%}
{%- endmacro %}
