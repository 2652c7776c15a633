{{ config(materialized="view") }}

with audit as (

    select * from {{ ref("fct_cap_audit") }}

),

final as (

    select
        scope,
        member,
        period,
        period_start,
        period_end,
        limit_usd,
        reached_at,
        direction,
        cause,
        usd,
        calls,
        minutes,
        first_at,
        last_at,
        requests,
        answered_requests,
        server_error_requests,
        {{ ratio("answered_requests", "requests") }} as graceful_ratio,
        {{ ratio("server_error_requests", "requests") }} as server_error_ratio,
        owner,
        source
    from audit

)

select * from final
