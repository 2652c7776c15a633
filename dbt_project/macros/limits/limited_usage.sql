{#-
    Steps `usage` and `user_calls` of `int_limited_hours`, from its steps newest and named: what
    limits may be of, by hour and by call.
-#}
{% macro limited_usage_steps() -%}
usage as (

    select
        usage.* exclude (billable_input_tokens, billable_output_tokens),
        -- what no gateway cache answered has reached the provider
        usage.calls - usage.tool_calls - usage.cached_hits as requests,
        usage.billable_input_tokens as input_tokens,
        usage.billable_cache_read_tokens as cache_read_tokens,
        usage.billable_output_tokens as output_tokens
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
        cast(calls.is_model_turn and not calls.cached_hit as integer) as requests,
        calls.billable_input_tokens as input_tokens,
        calls.billable_cache_read_tokens as cache_read_tokens,
        case when not calls.cached_hit then calls.output_tokens end as output_tokens,
        calls.estimate_usd
    from {{ ref("fct_calls") }} as calls
    inner join newest on calls.utc_day >= newest.utc_hour - interval 62 day
    where calls.user_id is not null and exists (select 1 from named where scope = 'user')

),
{%- endmacro %}
