{#- Pairs of records of two sources that an identifier ties together; the second goes first. -#}

with calls as (

    select * from {{ ref("int_calls_comparable") }}

),

repeated_responses as (

    select provider_response_id
    from calls
    where provider_response_id is not null
    group by provider_response_id
    having count(*) > 1

),

-- the gateway's cache repeats a response: the n-th record of one source is the n-th of the other
responses as (

    select
        *,
        row_number() over (
            partition by calls.provider_response_id, source_name order by started_at, call_id
        ) as nth
    from calls
    semi join repeated_responses
        on calls.provider_response_id = repeated_responses.provider_response_id

),

shared_requests as (

    select request_id
    from calls
    where request_id is not null
    group by request_id
    having count(distinct source_name) > 1

),

requests as (

    select
        *,
        row_number() over (
            partition by calls.request_id, source_name, is_error order by started_at, call_id
        ) as nth
    from calls
    semi join shared_requests on calls.request_id = shared_requests.request_id

),

{% set kept = "first.utc_day as kept_utc_day, first.source_name as kept_source_name,"
    ~ " first.call_id as kept_call_id, first.source_rank as kept_source_rank" -%}
same_call as (

    select one.*, {{ kept }}, 'same call' as rule, 1 as strength
    from calls as one
    inner join calls as first on one.call_id = first.call_id and one.source_rank > first.source_rank

),

same_response as (

    select one.* exclude (nth), {{ kept }}, 'same response' as rule, 2 as strength
    from responses as one
    inner join responses as first
        on one.provider_response_id = first.provider_response_id
        and one.nth = first.nth
        and one.source_rank > first.source_rank
        -- identifiers are not always unique: it must look like the same answer
        and (
            one.model_id = first.model_id
            or (
                one.input_tokens = first.input_tokens
                and one.output_tokens = first.output_tokens
            )
            or (
                (one.model_id is null or first.model_id is null)
                and (one.input_tokens is null or first.input_tokens is null)
            )
        )

),

same_request as (

    select one.* exclude (nth), {{ kept }}, 'same request' as rule, 3 as strength
    from requests as one
    inner join requests as first
        on one.request_id = first.request_id
        and one.is_error = first.is_error
        and one.nth = first.nth
        and one.source_rank > first.source_rank

),

{{ restated_batch_steps("calls") }}

final as (

    select * from same_call
    union all by name
    select * from same_response
    union all by name
    select * from same_request
    union all by name
    select * from restated_batches

)

select * from final
