{#-
    Step `rolling` of `fct_budget_state`, from its step `hours`: of windows of five hours that move
    along, the hour in which one reaches the limit if the pace of the newest two hours goes on. An
    hour that passes leaves the window, and its room comes back.
-#}
{% macro rolling_steps() -%}
windows as (

    select
        {% for key in limit_keys() %}{{ key }}, {% endfor %}
        as_of,
        ahead.hours_ahead,
        any_value(limit_quantity) as limit_quantity,
        sum(awaited) filter (where utc_hour >= as_of + to_hours(ahead.hours_ahead - 5)) as kept,
        {{ usd_per("sum(awaited) filter (where utc_hour >= as_of - interval 2 hour)", 2) }} as pace
    from hours
    cross join (values (1), (2), (3), (4), (5)) as ahead (hours_ahead)
    where period = '5h'
    group by {% for key in limit_keys() %}{{ key }}, {% endfor %}as_of, ahead.hours_ahead

),

rolling as (

    select
        {% for key in limit_keys() %}{{ key }}, {% endfor %}
        min(as_of + to_hours(hours_ahead - 1)) filter (
            where coalesce(kept, 0) + hours_ahead * pace >= limit_quantity
        ) as exhausted_at
    from windows
    group by {{ limit_keys() | join(", ") }}

),
{%- endmacro %}
