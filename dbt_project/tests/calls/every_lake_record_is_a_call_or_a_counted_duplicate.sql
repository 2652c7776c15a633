-- Nothing is dropped in silence between the lake and the calls of the days of this run.

with records as (

    select utc_day, count(*) as records
    from {{ ref("stg_gateway__calls") }}
    where {{ on_days_of_run(["gateway_calls"]) }}
    group by utc_day

),

accounted_for as (

    select utc_day
    from {{ ref("fct_calls") }}
    where {{ on_days_of_run(["gateway_calls"]) }}
    union all
    select utc_day
    from {{ ref("fct_duplicate_calls") }}
    where {{ on_days_of_run(["gateway_calls"]) }}

),

calls as (

    select utc_day, count(*) as records from accounted_for group by utc_day

)

select
    coalesce(records.utc_day, calls.utc_day) as utc_day,
    records.records,
    calls.records as accounted_for
from records
full outer join calls on records.utc_day = calls.utc_day
where records.records is distinct from calls.records
