{{ config(materialized="ephemeral") }}

with usage_reports as (

    select *
    from {{ ref("stg_billing__usage") }}
    where {{ in_changed_days(["billing_usage"], "fct_provider_usage") }}

),

ranked as (

    select
        *,
        {{ version_rank() }} as version_rank
    from usage_reports

)

select * exclude (version_rank) from ranked
where version_rank = 1
