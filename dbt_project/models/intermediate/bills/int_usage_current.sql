{{ config(materialized="ephemeral") }}

with usage_reports as (

    select *
    from {{ ref("stg_billing__usage") }}
    where {{ in_changed_days(["billing_usage"], "fct_provider_usage") }}

),

ranked as (

    select
        *,
        {{ version_rank() }} as version_rank,
        {{ has_whole() }} as has_whole
    from usage_reports

)

select * exclude (version_rank, has_whole) from ranked
where version_rank = 1
    and not (has_whole and x_whole_key is not null)
    and not coalesce(x_is_empty, false)
