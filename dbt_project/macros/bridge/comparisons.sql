{#- Grains by which neighbouring periods are compared, each with the way from one to the next. -#}
{% macro comparison_steps() -%}
    {{ return({"month": "1 month", "week": "7 day"}) }}
{%- endmacro %}

{#- First day of the period before (`-`) or after (`+`) a row's own. -#}
{% macro neighbouring_start(direction) -%}
    cast(case period_grain
        {%- for grain, step in comparison_steps().items() %}
        when '{{ grain }}' then period_start {{ direction }} interval {{ step }}
        {%- endfor %}
    end as date)
{%- endmacro %}

{#-
    Which periods a run compares again: those of the closing days that it computes again, and those
    after them, whose earlier side they are.
-#}
{% macro comparisons_to_rebuild() -%}
    {%- for grain, step in comparison_steps().items() -%}
    {%- for later in ["", " + interval " ~ step] %}
    select
        '{{ grain }}' as period_grain,
        cast(date_trunc('{{ grain }}', closed_date){{ later }} as date) as period_start
    from {{ ref("int_close_dates_to_rebuild") }}
    {{ "union" if not loop.last }}
    {%- endfor %}
    {{ "union" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro only_comparisons_to_rebuild() -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        (period_grain, period_start) in ({{ comparisons_to_rebuild() }})
    {%- endif -%}
{%- endmacro %}

{#- What their two sides read: weeks around a day lie in the months around it. -#}
{% macro only_months_around_days_to_rebuild() -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        {{ month_of("closed_date") }} in (
            {%- for distance in [" - interval 1 month", "", " + interval 1 month"] %}
            select {{ month_of("closed_date" ~ distance) }}
            from {{ ref("int_close_dates_to_rebuild") }}
            {{ "union" if not loop.last }}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{% macro delete_comparisons_to_rebuild() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where (period_grain, period_start) in ({{ comparisons_to_rebuild() }})
    {%- endif -%}
{%- endmacro %}

{#- Days from `before` to `after` days around the closing days that a run computes again. -#}
{% macro around_days_to_rebuild(before, after) -%}
    select cast(dates.closed_date + cast(distance.days as integer) as date)
    from {{ ref("int_close_dates_to_rebuild") }} as dates
    cross join range(-{{ before }}, {{ after + 1 }}) as distance (days)
{%- endmacro %}

{% macro only_around_days_to_rebuild(column, before, after) -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        {{ column }} in ({{ around_days_to_rebuild(before, after) }})
    {%- endif -%}
{%- endmacro %}

{% macro delete_around_days_to_rebuild(column, before, after) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ column }} in ({{ around_days_to_rebuild(before, after) }})
    {%- endif -%}
{%- endmacro %}
