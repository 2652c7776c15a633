{#- Date of a UTC timestamp in the reporting calendar; the only place that knows the time zone. -#}
{% macro reporting_date(utc_timestamp) -%}
    cast(
        ({{ utc_timestamp }} at time zone 'UTC') at time zone '{{ var("reporting_timezone") }}'
        as date
    )
{%- endmacro %}

{#- Hour of the week on the reporting calendar's clock, from 0 on Monday at midnight to 167. -#}
{% macro hour_of_week(utc_timestamp) -%}
    {%- set local -%}
    ({{ utc_timestamp }} at time zone 'UTC') at time zone '{{ var("reporting_timezone") }}'
    {%- endset -%}
    ((isodow({{ local }}) - 1) * 24 + hour({{ local }}))
{%- endmacro %}

{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{#- First moment of a day of the reporting calendar, UTC; 23 or 25 hours from the next one. -#}
{% macro first_moment_of(day) -%}
    (cast({{ day }} as timestamp) at time zone '{{ var("reporting_timezone") }}')
        at time zone 'UTC'
{%- endmacro %}

{#-
    Month of a bill line's billing period, whose ends may be those of another time zone's month:
    that in which its middle lies. A line without a period is of the month of its charge.
-#}
{% macro invoice_month(charges) -%}
    coalesce(
        {{ month_of(charges ~ ".billing_period_start + interval 14 days") }},
        {{ month_of(charges ~ ".utc_day") }}
    )
{%- endmacro %}
