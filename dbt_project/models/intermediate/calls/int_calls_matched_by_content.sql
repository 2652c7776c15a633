{#-
    Pairs of records without a common identifier that are one call by what they say: the same tokens
    within seconds, in two sources of which one's settings say that they see the same traffic.
    Failures have no tokens: of them the model that was asked for must be the same.
-#}

with calls as (

    select
        * replace (
            case when is_error then null else input_tokens end as input_tokens,
            case when is_error then null else output_tokens end as output_tokens,
            case when is_error then asked_model end as asked_model
        )
    from {{ ref("int_calls_comparable") }}
    where (input_tokens > 0 and output_tokens > 0 and is_error is distinct from true)
        or (is_error and asked_model is not null)

),

pairs as (

    select
        source_name,
        unnest(same_traffic_as) as other_name,
        least(source_name, other_name) || '|' || greatest(source_name, other_name) as pair
    from {{ ref("stg_lake__call_sources") }}

),

by_id as (

    select utc_day, source_name, call_id, kept_source_name as other_name
    from {{ ref("int_calls_matched_by_id") }}
    union
    select kept_utc_day, kept_source_name, kept_call_id, source_name
    from {{ ref("int_calls_matched_by_id") }}

),

candidates as (

    select
        calls.*,
        pairs.pair,
        pairs.other_name
    from calls
    inner join pairs on calls.source_name = pairs.source_name
    anti join by_id
        on calls.utc_day = by_id.utc_day
        and calls.source_name = by_id.source_name
        and calls.call_id = by_id.call_id
        and pairs.other_name = by_id.other_name

),

bursts as (

    select
        *,
        sum(case when gap > interval {{ var("same_call_seconds") }} second then 1 else 0 end) over (
            partition by pair, input_tokens, output_tokens, asked_model
            order by started_at, source_name, call_id
            rows unbounded preceding
        ) as burst
    from (
        select
            *,
            started_at - lag(started_at) over (
                partition by pair, input_tokens, output_tokens, asked_model
                order by started_at, source_name, call_id
            ) as gap
        from candidates
    ) as with_gaps

),

numbered as (

    select *, row_number() over (
        partition by pair, input_tokens, output_tokens, asked_model, burst, only_model, source_name
        order by started_at, call_id
    ) as nth
    from (
        -- where all name a model, calls of another are none of them: they take nobody's place
        select *, case when bool_and(model_id is not null) over (
            partition by pair, input_tokens, output_tokens, asked_model, burst
        ) then model_id end as only_model
        from bursts
    ) as named

),

final as (

    select
        one.* exclude (pair, other_name, gap, burst, only_model, nth),
        first.utc_day as kept_utc_day,
        first.source_name as kept_source_name,
        first.call_id as kept_call_id,
        first.source_rank as kept_source_rank,
        'same content' as rule,
        5 as strength
    from numbered as one
    inner join numbered as first
        on one.pair = first.pair
        and one.input_tokens is not distinct from first.input_tokens
        and one.output_tokens is not distinct from first.output_tokens
        and one.asked_model is not distinct from first.asked_model
        and one.burst = first.burst
        and one.nth = first.nth
        and one.source_rank > first.source_rank
    -- two responses with identifiers of their own are two calls, and so are two known models
    where (one.provider_response_id is null or first.provider_response_id is null)
        and (one.model_id = first.model_id or one.model_id is null or first.model_id is null)

)

select * from final
