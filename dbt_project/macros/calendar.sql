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
    {{ start_of("month", day) }}
{%- endmacro %}

{#- First day of the period (`month`, or `week` from Monday) that a day lies in. -#}
{% macro start_of(grain, day) -%}
    cast(date_trunc('{{ grain }}', {{ day }}) as date)
{%- endmacro %}

{#-
    Start of the period of the same grain before one, and of the one a year before: of a month the
    same month, of a week or day that of 52 weeks ago, so that it has the same days of the week.
-#}
{% macro period_before(relation) -%}
    case {{ relation }}.period_grain
        when 'month' then cast({{ relation }}.period_start - interval 1 month as date)
        when 'week' then {{ relation }}.period_start - 7
        else {{ relation }}.period_start - 1
    end
{%- endmacro %}

{% macro period_a_year_before(relation) -%}
    case {{ relation }}.period_grain
        when 'month' then cast({{ relation }}.period_start - interval 12 month as date)
        else {{ relation }}.period_start - 364
    end
{%- endmacro %}

{#- Joins of rows with their own of both: `before` and `year_before`. `keys`: what they are of. -#}
{% macro join_earlier_periods(now, relation, keys) -%}
    {% for name, start in {
        "before": period_before(now), "year_before": period_a_year_before(now)
    }.items() -%}
    left join {{ relation }} as {{ name }}
        on {{ now }}.period_grain = {{ name }}.period_grain
        and {{ start }} = {{ name }}.period_start
        {%- for key in keys %}
        and {{ now }}.{{ key }} = {{ name }}.{{ key }}
        {%- endfor %}
    {% endfor -%}
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
