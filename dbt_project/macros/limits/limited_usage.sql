{#-
    Steps `usage` and `user_calls` of `int_limited_hours`, from its steps newest and named: what
    limits may be of, by hour and by call.
-#}
{% macro limited_usage_steps() -%}
usage as (

    select
        usage.* exclude (billable_input_tokens, billable_output_tokens),
        {{ metered_hour("usage") }}
    from {{ ref("fct_usage_hourly") }} as usage
    inner join newest on usage.utc_day >= newest.utc_hour - interval {{ limit_history_days() }} day

),

-- a user is in no roll-up: the calls of two months, where a limit is of users
user_calls as (

    select
        date_trunc('hour', calls.started_at) as utc_hour,
        calls.user_id,
        1 as calls,
        cast(calls.is_unpriced as integer) as unpriced_calls,
        cast({{ is_unmetered("calls") }} as integer) as unmetered_calls,
        {{ metered_call("calls") }},
        calls.estimate_usd
    from {{ ref("fct_calls") }} as calls
    inner join newest on calls.utc_day >= newest.utc_hour - interval 62 day
    where calls.user_id is not null and exists (select 1 from named where scope = 'user')

),
{%- endmacro %}
