{#-
    What a run must look at. `raw.changed_days` holds what landing changed since the last build that
    finished; everything else stays as it is. The first build, and a full
    refresh, look at everything.
-#}

{#- Whether `model` holds an earlier build. Asked by name: a ref would make a cycle. -#}
{% macro built_before(schema, model) -%}
    {%- set is_asked = execute and not flags.FULL_REFRESH -%}
    {%- if is_asked and is_preparing() -%}
        {%- do tell_runner({"asked": "select count(*) from duckdb_tables() where schema_name = '"
            ~ schema ~ "' and table_name = '" ~ model ~ "'"}) -%}
    {%- endif -%}
    {%- if not is_asked -%}{{ return(false) }}{%- endif -%}
    {{ return(adapter.get_relation(target.database, schema, model) is not none) }}
{%- endmacro %}

{#-
    Changed days of some canonical tables (none named: of all), as SQL literals: literals let files
    be skipped. `around` adds so many days before and after each of them.
-#}
{% macro changed_days(tables, around=0) -%}
    {%- set query -%}
        select distinct cast(changed.utc_day + cast(distance.days as integer) as date) as utc_day
        from {{ source("raw", "changed_days") }} as changed
        cross join range(-{{ around }}, {{ around + 1 }}) as distance (days)
        {% if tables -%}
        where changed.table_name in ('{{ tables | join("', '") }}')
        {%- endif %}
        order by 1
    {%- endset -%}
    {{ return(day_literals(query)) }}
{%- endmacro %}

{#- Predicate: the row's day is one of these literals. -#}
{% macro in_days(days, column) -%}
    {%- if days -%}{{ column }} in ({{ days | join(", ") }}){%- else -%}false{%- endif -%}
{%- endmacro %}

{#- Predicate: the row's day must be computed in this run. -#}
{% macro in_changed_days(tables, mart, column="utc_day", around=0) -%}
    {%- if not execute or not built_before("marts", mart) -%}
        true
    {%- else -%}
        {{ in_days(changed_days(tables, around), column) }}
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook of a mart kept by day: the days about to be computed make room. -#}
{% macro delete_changed_days(tables, around=0) -%}
    {%- if execute and is_incremental() -%}
        {%- set days = changed_days(tables, around) -%}
        {%- if days -%}
            delete from {{ this }} where utc_day in ({{ days | join(", ") }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook of a model kept by some key: the keys about to be computed make room. -#}
{% macro delete_rows_to_rebuild(key, touched) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ key }} in (select {{ key }} from {{ touched }})
    {%- endif -%}
{%- endmacro %}

{#- The same for a model that is itself kept by day. -#}
{% macro only_changed_days(tables, column="utc_day", around=0) -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        {{ in_days(changed_days(tables, around), column) }}
    {%- endif -%}
{%- endmacro %}

{#- Closing days that this run computes again; `grain` month takes each of them whole. -#}
{% macro only_days_to_rebuild(grain="day", column="closed_date") -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- elif grain == "period" -%}
        ({{ only_days_to_rebuild("month", column) }} or {{ only_days_to_rebuild("week", column) }})
    {%- elif grain != "day" -%}
        {{ start_of(grain, column) }} in (
            select {{ start_of(grain, "closed_date") }} from {{ ref("int_close_dates_to_rebuild") }}
        )
    {%- else -%}
        {{ column }} in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    {%- endif -%}
{%- endmacro %}

{% macro delete_days_to_rebuild(column="day") -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where {{ column }} in (select closed_date from {{ ref("int_close_dates_to_rebuild") }})
    {%- endif -%}
{%- endmacro %}

{% macro delete_months_to_rebuild() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where month in (
            select {{ month_of("closed_date") }} from {{ ref("int_close_dates_to_rebuild") }}
        )
    {%- endif -%}
{%- endmacro %}

{% macro delete_periods_to_rebuild() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where case when period_grain = 'week'
            then {{ only_days_to_rebuild("week", "period_start") }}
            else {{ only_days_to_rebuild("month", "period_start") }} end
    {%- endif -%}
{%- endmacro %}
