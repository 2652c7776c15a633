{#-
    Which days of guardrails a run computes again. What is usual on a day rests on the weeks before
    it, so a day that changed reaches that far ahead; on a daily run those days are still to come.
-#}

{#- Days from each changed one to so many days after, as a query; closing days for waste. -#}
{% macro days_after_changes(after) -%}
    select distinct cast(changed.utc_day + cast(distance.days as integer) as date) as utc_day
    from {{ ref("stg_lake__changed_days") }} as changed
    cross join range(0, {{ after + 1 }}) as distance (days)
    where changed.table_name in ('gateway_calls', 'planned_events')
{%- endmacro %}

{% macro days_after_closing_days(after) -%}
    select distinct cast(dates.closed_date + cast(distance.days as integer) as date) as utc_day
    from {{ ref("int_close_dates_to_rebuild") }} as dates
    cross join range(0, {{ after + 1 }}) as distance (days)
{%- endmacro %}

{#- Predicate: the row is one that this run computes; `measure` tells waste from the rest. -#}
{% macro in_days_after_changes(after, has_measure=true) -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- elif has_measure -%}
        case when measure = 'waste' then utc_day in ({{ days_after_closing_days(after) }})
            else utc_day in ({{ days_after_changes(after) }}) end
    {%- else -%}
        utc_day in ({{ days_after_changes(after) }})
    {%- endif -%}
{%- endmacro %}

{#- Predicate: the day is at most so many days before the first one that changed. -#}
{% macro since_changes(before, column="utc_day", of_waste=false) -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- elif of_waste -%}
        {{ column }} >= (
            select min(closed_date) - {{ before }} from {{ ref("int_close_dates_to_rebuild") }}
        )
    {%- else -%}
        {{ column }} >= (
            select min(utc_day) - {{ before }} from {{ ref("stg_lake__changed_days") }}
            where table_name in ('gateway_calls', 'planned_events')
        )
    {%- endif -%}
{%- endmacro %}

{#- The same of whatever changed first: closing days may lie before the calls of a run. -#}
{#- `of_mart`: a table that feeds it computes what this incremental one needs. -#}
{% macro since_any_change(before, column="utc_day", of_mart=none) -%}
    {%- if not execute -%}
        true
    {%- elif of_mart and not built_before("marts", of_mart) -%}
        true
    {%- elif not of_mart and not is_incremental() -%}
        true
    {%- else -%}
        {{ column }} >= (
            select min(utc_day) - {{ before }}
            from (
                select utc_day from {{ ref("stg_lake__changed_days") }}
                where table_name in ('gateway_calls', 'planned_events')
                union all
                select closed_date from {{ ref("int_close_dates_to_rebuild") }}
            ) as changed
        )
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook: those rows make room. -#}
{% macro delete_days_after_changes(after, has_measure=true) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ in_days_after_changes(after, has_measure) }}
    {%- endif -%}
{%- endmacro %}

{#-
    Pre-hook of what stands by incident: those that alert since two days before what changed are
    made anew; an earlier one no later alert can join.
-#}
{% macro delete_incidents_to_rebuild() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where {{ since_any_change(2, "cast(last_alert_at as date)") }}
    {%- endif -%}
{%- endmacro %}
