{#-
    Calls, with the answers of a gateway's cache that their source cannot tell: a later record of
    one response on one day, where the source knows no cache. Records of another day are known to
    some builds only. Definition: DECISIONS.md, `duplicates_dropped`.
-#}
{{ config(materialized="ephemeral") }}

with calls as (

    select * from {{ ref("int_calls_deduplicated") }}

),

repeated_responses as (

    select utc_day, source_name, provider_response_id
    from calls
    where cached_hit is null and provider_response_id is not null
    group by utc_day, source_name, provider_response_id
    having count(*) > 1

),

presumed_hits as (

    select utc_day, source_name, call_id
    from calls
    semi join repeated_responses
        on calls.utc_day = repeated_responses.utc_day
        and calls.source_name = repeated_responses.source_name
        and calls.provider_response_id = repeated_responses.provider_response_id
    where cached_hit is null
    qualify row_number() over (
        partition by calls.utc_day, calls.source_name, calls.provider_response_id
        order by started_at, call_id
    ) > 1

),

final as (

    select
        calls.* replace (
            coalesce(calls.cached_hit, presumed_hits.call_id is not null) as cached_hit,
            -- what such a record states as its cost is what the first answer cost
            case
                when presumed_hits.call_id is not null and calls.reported_cost_usd is not null
                    then cast(0 as decimal(18, 9))
                else calls.reported_cost_usd
            end as reported_cost_usd,
            case
                when presumed_hits.call_id is not null
                    then coalesce(calls.reported_avoided_usd, calls.reported_cost_usd)
                else calls.reported_avoided_usd
            end as reported_avoided_usd
        ),
        calls.cached_hit is not null as asks_gateway_cache
    from calls
    left join presumed_hits
        on calls.utc_day = presumed_hits.utc_day
        and calls.source_name = presumed_hits.source_name
        and calls.call_id = presumed_hits.call_id

)

select * from final
