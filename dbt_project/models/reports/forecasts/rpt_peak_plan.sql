{{ config(materialized="view") }}

with plan as (

    select
        *,
        cast(greatest(
            missing_per_minute - cache_per_minute - coalesce(router_per_minute, 0), 0
        ) as decimal(18, 3)) as short_per_minute
    from {{ ref("fct_peak_plan") }}

),

final as (

    select
        made_on,
        scope,
        member,
        unit,
        event,
        starts_on,
        ends_on,
        peak_on,
        peak_hour,
        usual_per_minute,
        expected_per_minute,
        quota_per_minute,
        used_ratio,
        missing_per_minute,
        cache_per_minute,
        router_per_minute,
        short_per_minute,
        case
            when short_per_minute > 0 then 'short'
            when missing_per_minute > 0 then 'needs_headroom'
            when used_ratio > 0.8 then 'tight'
            else 'ok'
        end as state,
        cast(case when missing_per_minute > 0 then
            coalesce(starts_on, peak_on) - {{ var("quota_lead_days") }} end as date) as needed_by,
        owner,
        source
    from plan

)

select * from final
