{{ config(materialized="ephemeral") }}

with calls as (

    select *
    from {{ ref("stg_gateway__calls") }}
    where {{ in_changed_days(["gateway_calls"], "fct_calls") }}

),

numbered as (

    select
        *,
        -- the newest record wins, of equally new ones the fullest, of equals the first file
        row_number() over (
            partition by utc_day, source_name, call_id
            order by
                recorded_at desc nulls last,
                ended_at desc nulls last,
                output_tokens desc nulls last,
                source_file asc,
                source_line asc
        ) as copy_number,
        count(*) over (partition by utc_day, source_name, call_id) as copies
    from calls

)

select
    * exclude (copy_number) replace (coalesce(cached_hit, false) as cached_hit),
    cached_hit is not null as asks_gateway_cache
from numbered
where copy_number = 1
