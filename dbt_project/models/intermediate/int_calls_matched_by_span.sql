{#-
    Pairs of records of one source of which one lies inside the other. What is asked of one source
    alone is asked of one day, which every build sees whole.
-#}

with calls as (

    select *
    from {{ ref("int_calls_comparable") }}
    where cached_hit is null and provider_response_id is not null

),

numbered as (

    select
        *,
        row_number() over (
            partition by utc_day, source_name, provider_response_id order by started_at, call_id
        ) as nth
    from calls

),

-- two instruments in one program write a span each, one inside the other
nested_span as (

    select
        one.* exclude (nth),
        first.utc_day as kept_utc_day,
        first.source_name as kept_source_name,
        first.call_id as kept_call_id,
        first.source_rank as kept_source_rank,
        'nested span' as rule,
        4 as strength
    from numbered as one
    inner join numbered as first
        on one.utc_day = first.utc_day
        and one.source_name = first.source_name
        and one.provider_response_id = first.provider_response_id
        and one.nth > 1
        and first.nth = 1
        and one.started_at < first.ended_at

),

final as (

    select * from nested_span

)

select * from final
