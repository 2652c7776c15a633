{#- Only records that stand several times in their source are sorted: they are few. -#}
{{ config(materialized="ephemeral") }}

with calls as (

    select *
    from {{ ref("int_calls_in_traces") }}
    where {{ in_changed_days_and_edges(["gateway_calls"], "fct_calls") }}

),

copied as (

    select utc_day, source_name, call_id
    from calls
    group by utc_day, source_name, call_id
    having count(*) > 1

),

once as (

    select
        *,
        1 as copy_number,
        1 as copies
    from calls
    anti join copied
        on calls.utc_day = copied.utc_day
        and calls.source_name = copied.source_name
        and calls.call_id = copied.call_id

),

several_times as (

    select
        *,
        -- the newest record wins, of equally new ones the fullest, of equals the first file
        row_number() over (
            partition by calls.utc_day, calls.source_name, calls.call_id
            order by
                recorded_at desc nulls last,
                ended_at desc nulls last,
                output_tokens desc nulls last,
                source_file asc,
                source_line asc
        ) as copy_number,
        count(*) over (
            partition by calls.utc_day, calls.source_name, calls.call_id
        ) as copies
    from calls
    semi join copied
        on calls.utc_day = copied.utc_day
        and calls.source_name = copied.source_name
        and calls.call_id = copied.call_id

),

final as (

    select * from once
    union all by name
    select * from several_times

)

select * from final
