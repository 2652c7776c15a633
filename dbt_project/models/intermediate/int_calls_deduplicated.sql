{{ config(materialized="ephemeral") }}

{%- set given = [
    "task_id", "session_id", "trace_id", "agent_name", "tool_name", "first_token_at",
    "provider_response_id", "tenant_id", "feature", "task_type", "prompt_version", "user_id",
    "api_key_id", "team", "environment", "traffic_class", "experiment", "variant", "region",
    "labels", "input_bytes", "output_bytes",
] %}

with numbered as (

    select * from {{ ref("int_calls_numbered") }}

),

repeated as (

    select * from {{ ref("int_calls_repeated") }}
    where {{ in_changed_days(["gateway_calls"], "fct_calls") }}
        or {{ in_changed_days(["gateway_calls"], "fct_calls", "kept_utc_day") }}

),

calls as (

    select numbered.*
    from numbered
    anti join repeated
        on numbered.utc_day = repeated.utc_day
        and numbered.source_name = repeated.source_name
        and numbered.call_id = repeated.call_id
    where numbered.copy_number = 1 and {{ in_changed_days(["gateway_calls"], "fct_calls") }}

),

-- what the dropped records of a call know and the kept one may not
others as (

    select
        repeated.kept_utc_day as utc_day,
        repeated.kept_source_name as source_name,
        repeated.kept_call_id as call_id,
        {% for column in given -%}
        arg_min(numbered.{{ column }}, repeated.source_rank)
            filter (where numbered.{{ column }} is not null) as {{ column }},
        {% endfor -%}
        sum(numbered.copies) as copies
    from repeated
    inner join numbered
        on repeated.utc_day = numbered.utc_day
        and repeated.source_name = numbered.source_name
        and repeated.call_id = numbered.call_id
        and numbered.copy_number = 1
    group by all

),

spans_of_one_response as (

    select utc_day, source_name, provider_response_id
    from calls
    where cached_hit is null and provider_response_id is not null
    group by utc_day, source_name, provider_response_id
    having count(*) > 1

),

-- a later span of one response on a day, in a source that knows no cache: the gateway's cache
-- answered; a response of an earlier day would be seen by some builds only
presumed_hits as (

    select utc_day, source_name, call_id
    from calls
    semi join spans_of_one_response
        on calls.utc_day = spans_of_one_response.utc_day
        and calls.source_name = spans_of_one_response.source_name
        and calls.provider_response_id = spans_of_one_response.provider_response_id
    where cached_hit is null
    qualify row_number() over (
        partition by calls.utc_day, calls.source_name, calls.provider_response_id
        order by started_at, call_id
    ) > 1

),

final as (

    select
        calls.* exclude (copy_number) replace (
            coalesce(calls.cached_hit, presumed_hits.call_id is not null) as cached_hit,
            -- what such a span states as its cost is what the first answer cost
            case
                when presumed_hits.call_id is not null and calls.reported_cost_usd is not null
                    then cast(0 as decimal(18, 9))
                else calls.reported_cost_usd
            end as reported_cost_usd,
            case
                when presumed_hits.call_id is not null
                    then coalesce(calls.reported_avoided_usd, calls.reported_cost_usd)
                else calls.reported_avoided_usd
            end as reported_avoided_usd,
            calls.copies + coalesce(others.copies, 0) as copies,
            {% for column in given -%}
            coalesce(calls.{{ column }}, others.{{ column }}) as {{ column }}
            {{- "," if not loop.last }}
            {% endfor %}
        ),
        calls.cached_hit is not null as asks_gateway_cache
    from calls
    left join others
        on calls.utc_day = others.utc_day
        and calls.source_name = others.source_name
        and calls.call_id = others.call_id
    left join presumed_hits
        on calls.utc_day = presumed_hits.utc_day
        and calls.source_name = presumed_hits.source_name
        and calls.call_id = presumed_hits.call_id

)

select * from final
