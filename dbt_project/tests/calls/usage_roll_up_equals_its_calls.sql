-- Reports read the roll-up instead of calls; on the days of this run it says what the calls say.

with calls as (

    select
        utc_day,
        count(*) as calls,
        sum(estimate_usd) as estimate_usd,
        sum(reported_cost_usd) as reported_usd,
        count(*) filter (where is_unpriced) as unpriced_calls
    from {{ ref("fct_calls") }}
    where {{ on_days_of_run(["gateway_calls"]) }}
    group by utc_day

),

rolled_up as (

    select
        utc_day,
        sum(calls) as calls,
        sum(estimate_usd) as estimate_usd,
        sum(reported_usd) as reported_usd,
        sum(unpriced_calls) as unpriced_calls
    from {{ ref("fct_usage_daily") }}
    where {{ on_days_of_run(["gateway_calls"]) }}
    group by utc_day

)

select
    coalesce(calls.utc_day, rolled_up.utc_day) as utc_day,
    calls.calls,
    rolled_up.calls as rolled_up_calls,
    calls.estimate_usd,
    rolled_up.estimate_usd as rolled_up_estimate_usd
from calls
full outer join rolled_up on calls.utc_day = rolled_up.utc_day
where calls.calls is distinct from rolled_up.calls
    or calls.estimate_usd is distinct from rolled_up.estimate_usd
    or calls.reported_usd is distinct from rolled_up.reported_usd
    or calls.unpriced_calls is distinct from rolled_up.unpriced_calls
