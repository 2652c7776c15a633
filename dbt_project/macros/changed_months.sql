{#- Months that hold a changed day, as literals: what is kept by month is computed by month. -#}
{% macro changed_months(tables) -%}
    {%- set query -%}
        select distinct cast({{ month_of("utc_day") }} as varchar) as month
        from {{ source("raw", "changed_days") }}
        where table_name in ('{{ tables | join("', '") }}')
        order by 1
    {%- endset -%}
    {%- set months = [] -%}
    {%- for row in run_query(query) -%}
        {%- do months.append("date '" ~ row[0] ~ "'") -%}
    {%- endfor -%}
    {{ return(months) }}
{%- endmacro %}

{#- Predicate: the row's month must be computed in this run. -#}
{% macro in_changed_months(tables, mart, column="month") -%}
    {%- if not execute or not built_before("marts", mart) -%}
        true
    {%- else -%}
        {{ in_days(changed_months(tables), column) }}
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook of a mart kept by month: the months about to be computed make room. -#}
{% macro delete_changed_months(tables) -%}
    {%- if execute and is_incremental() -%}
        {%- set months = changed_months(tables) -%}
        {%- if months -%}
            delete from {{ this }} where month in ({{ months | join(", ") }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
