-- Of the days of this run the hops of operations say what guardrails read of the same calls.

with
{% for name, roll_up in {"hops": "fct_operations_hourly", "hours": "fct_usage_hourly"}.items() %}
{{ name }} as (

    select
        utc_hour,
        feature,
        cost_scope,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref(roll_up) }}
    where {{ on_days_of_run(["gateway_calls"]) }}
        {%- if name == "hops" %}
        and hop_kind <> 'queue'
        {%- endif %}
    group by utc_hour, feature, cost_scope

),
{% endfor %}
-- what both have, NULLs compared, cancels out
more_in_hops as (

    select * from hops
    except all
    select * from hours

),

more_in_hours as (

    select * from hours
    except all
    select * from hops

)

select * from more_in_hops
union all
select * from more_in_hours
