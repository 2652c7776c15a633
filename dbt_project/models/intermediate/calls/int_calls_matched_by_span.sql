{#-
    Pairs of records of one source of which one lies inside the other. What is asked of one source
    alone is asked of one day, which every build sees whole.
-#}

with calls as (

    select * from {{ ref("int_calls_comparable") }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by utc_day, source_name, provider_response_id order by started_at, call_id
        ) as nth
    from calls
    where cached_hit is null and provider_response_id is not null

),

{% set kept = "first.utc_day as kept_utc_day, first.source_name as kept_source_name,"
    ~ " first.call_id as kept_call_id, first.source_rank as kept_source_rank" -%}
-- two instruments in one program write a span each, one inside the other
nested_span as (

    select one.* exclude (nth), {{ kept }}, 'nested span' as rule, 4 as strength
    from numbered as one
    inner join numbered as first
        on one.utc_day = first.utc_day
        and one.source_name = first.source_name
        and one.provider_response_id = first.provider_response_id
        and one.nth > 1
        and first.nth = 1
        and one.started_at < first.ended_at

),

-- a tool call that its client and its server state (MCP), one inside the other
nested_tool as (

    select one.*, {{ kept }}, 'nested tool' as rule, 6 as strength
    from calls as one
    inner join calls as first
        on one.utc_day = first.utc_day
        and one.source_name = first.source_name
        and one.same_call = first.call_id

),

-- a bridge inside a gateway logs a request on its way in and on its way out
nested_request as (

    select one.*, {{ kept }}, 'nested request' as rule, 4 as strength
    from calls as one
    inner join calls as first
        on one.utc_day = first.utc_day
        and one.source_name = first.source_name
        and one.request_id = first.request_id
        and one.input_tokens = first.input_tokens
        and one.output_tokens = first.output_tokens
        and not one.is_error
        and not first.is_error
        and one.started_at <= first.started_at
        and coalesce(one.ended_at, one.started_at) >= coalesce(first.ended_at, first.started_at)
        and (
            one.started_at < first.started_at
            or one.ended_at > first.ended_at
            or one.call_id > first.call_id
        )
        -- the innermost of them is the provider's
        and first.input_tokens + first.output_tokens > 0

),

-- a span whose usage is that of the calls inside it
restated as (

    select
        *,
        restated_day as kept_utc_day,
        source_name as kept_source_name,
        restated_call as kept_call_id,
        source_rank as kept_source_rank,
        case when restates_one_call then 'nested call' else 'restated usage' end as rule,
        0 as strength
    from calls
    where is_restated

),

final as (

    select * from nested_span
    union all by name
    select * from nested_tool
    union all by name
    select * from nested_request
    union all by name
    select * from restated

)

select * from final
