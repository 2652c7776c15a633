-- Guardrails read the hours, reports the days: of the days of this run both say the same.

with
{% for name, roll_up in {"hours": "fct_usage_hourly", "days": "fct_usage_daily"}.items() %}
{{ name }} as (

    select
        utc_day,
        model_id,
        feature,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref(roll_up) }}
    where {{ on_days_of_run(["gateway_calls"]) }}
    group by utc_day, model_id, feature

),
{% endfor %}
-- what both have, NULLs compared, cancels out
more_in_hours as (

    select * from hours
    except all
    select * from days

),

more_in_days as (

    select * from days
    except all
    select * from hours

)

select * from more_in_hours
union all
select * from more_in_days
