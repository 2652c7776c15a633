{{ config(materialized="ephemeral") }}

with charges as (

    select *
    from {{ ref("stg_billing__charges") }}
    where {{ in_changed_days(["billing_charges"], "fct_charges") }}

),

ranked as (

    select
        *,
        {{ version_rank() }} as version_rank
    from charges

)

select * exclude (version_rank) from ranked
where version_rank = 1
