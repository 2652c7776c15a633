-- A call counts tokens where any record of it states some.

with calls as (

    select * from {{ ref("fct_calls") }}
    where {{ on_days_of_run(["gateway_calls"]) }}

),

dropped as (

    select
        kept_utc_day as utc_day,
        kept_source_name as source_name,
        kept_call_id as call_id,
        max(input_tokens) as input_tokens,
        max(output_tokens) as output_tokens
    from {{ ref("fct_duplicate_calls") }}
    where rule <> 'restated usage'
        and {{ on_days_of_run(["gateway_calls"], "kept_utc_day") }}
    group by kept_utc_day, kept_source_name, kept_call_id

)

select
    calls.utc_day,
    calls.source_name,
    calls.call_id,
    calls.input_tokens,
    calls.output_tokens
from calls
inner join dropped
    on calls.utc_day = dropped.utc_day
    and calls.source_name = dropped.source_name
    and calls.call_id = dropped.call_id
where calls.input_tokens is null
    and calls.output_tokens is null
    and calls.unclassified_tokens is null
    and coalesce(dropped.input_tokens, 0) + coalesce(dropped.output_tokens, 0) > 0
